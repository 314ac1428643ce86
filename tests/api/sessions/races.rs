//! Many at once: whoever arrives has one code, and nobody gets more tries.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{P1, started, state};
use crate::code::wrong;
use crate::guest::{proof_of, session};
use crate::on_both;

const LIVE: &str = "select count(*) from challenge where state = 'active' and workflow = 'session' and subject not like '%/link'";

on_both! {
    async fn a_hundred_arrivals_leave_one_live_code(service: Service) {
        let path = started(&service, "email").await;
        let (path, arrive) = (path.as_str(), [("do", "arrive")]);
        let replies = join_all((0..100).map(|_| service.form(path, &arrive))).await;
        let sent = replies.iter().filter(|reply| reply.status == 303).count();
        assert_eq!((sent, replies.iter().filter(|reply| reply.status == 429).count()), (1, 99));
        assert_eq!(service.database.count(LIVE).await, 1);
        service.drain().await;
        assert_eq!((service.pushed("participant.arrived"), service.mail().len()), (1, 2));
        assert_eq!(service.entries("participant.arrive", "arrived").await, 1);
        service.advance(30);
        service.pressed(path, "arrive").await;
        assert_eq!(service.database.count(LIVE).await, 1, "who arrives again voids the code before");
        service.drain().await;
        proof_of(&service.typed(path, &service.typed_code()).await);
    }
}

on_both! {
    async fn a_hundred_arrivals_without_another_way_leave_the_agent_one_code(service: Service) {
        service.workflow("session", json!({"agent_sees_code": true})).await;
        let mut body = session("email");
        body["participants"][0]["mobile"] = Value::Null;
        service.post("/api/v1/sessions", body).await.expect(201);
        service.drain().await;
        let path = service.link_path();
        let (path, arrive) = (path.as_str(), [("do", "arrive")]);
        let replies = join_all((0..100).map(|_| service.form(path, &arrive))).await;
        let done = replies.iter().filter(|reply| reply.status == 303).count();
        // Whoever waits too long in such a crowd is asked to come again.
        assert!(done > 0 && replies.iter().all(|reply| [303, 503].contains(&reply.status)), "{done}");
        assert_eq!(service.database.count(LIVE).await, 1);
        let at = format!("{P1}/reveal");
        let agent = json!({"agent": {"id": "u-9"}});
        let seen = join_all((0..20).map(|_| service.post(&at, agent.clone()))).await;
        let codes: std::collections::BTreeSet<_> = seen.iter().map(|reply| reply.json()["code"].to_string()).collect();
        assert_eq!(codes.len(), 1, "{codes:?}");
        assert_eq!(service.entries("code.reveal", "revealed").await, 20, "whoever looks is on the record");
    }
}

on_both! {
    async fn a_hundred_guesses_of_a_participant_get_five_tries(service: Service) {
        let path = started(&service, "email").await;
        service.pressed(&path, "arrive").await;
        service.drain().await;
        let code = service.typed_code();
        let missed = wrong(&code);
        let replies = join_all((0..100).map(|_| service.typed(&path, &missed))).await;
        let told = |text: &str| replies.iter().filter(|reply| reply.text.contains(text)).count();
        // A page tells how it is when it is made: by then others may have used up the tries.
        let left = ["4 tries left", "3 tries left", "2 tries left", "1 try left"].map(told);
        assert!(left.iter().all(|pages| *pages <= 1), "{left:?}");
        assert_eq!(told("Too many wrong codes.") + left.iter().sum::<usize>(), 100);
        assert_eq!(service.entries("code.check", "incorrect").await, 5);
        assert_eq!(service.typed(&path, &code).await.status, 429, "the right one too");
        assert_eq!(state(&service).await, "locked");
        service.drain().await;
        assert_eq!(service.pushed("participant.locked"), 1);
    }
}
