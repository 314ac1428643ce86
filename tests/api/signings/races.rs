//! Many at once: one code is live, one answer wins, and nobody gets more tries.

use futures_util::future::join_all;
use serde_json::json;

use crate::code::wrong;
use crate::guest::{proof_of, signing};
use crate::on_both;

const LIVE: &str = "select count(*) from challenge where state = 'active' and workflow = 'signer' and subject not like '%/link'";

on_both! {
    async fn a_hundred_openings_leave_one_live_code(service: Service) {
        service.workflow("signer", json!({"access_code": true})).await;
        let (id, path) = service.signing(&signing()).await;
        let (path, text) = (path.as_str(), [("do", "text")]);
        let replies = join_all((0..100).map(|_| service.form(path, &text))).await;
        let sent = replies.iter().filter(|reply| reply.status == 303).count();
        assert_eq!((sent, replies.iter().filter(|reply| reply.status == 429).count()), (1, 99));
        assert_eq!(service.database.count(LIVE).await, 1);
        let at = format!("/api/v1/signings/{id}/access-code");
        let made = join_all((0..100).map(|_| service.post(&at, json!({})))).await;
        assert!(made.iter().all(|reply| reply.status == 201));
        let told = format!("{LIVE} and kind = 'told'");
        assert_eq!(service.database.count(&told).await, 1);
        let right = join_all(made.iter().map(|reply| {
            let code = reply.json()["access_code"].as_str().unwrap().to_owned();
            let service = &service;
            async move { service.form(&format!("{path}?step=have"), &[("do", "check"), ("code", &code)]).await.status }
        })).await;
        assert!(right.iter().filter(|status| **status == 303).count() <= 1);
        assert_eq!(service.entries("access_code.create", "created").await, 100);
    }
}

on_both! {
    async fn of_a_hundred_right_codes_one_wins_and_wrong_ones_get_five_tries(service: Service) {
        let (id, path) = service.signing(&signing()).await;
        service.pressed(&path, "text").await;
        service.drain().await;
        let code = service.typed_code();
        let replies = join_all((0..100).map(|_| service.typed(&path, &code))).await;
        let won: Vec<_> = replies.iter().filter(|reply| reply.status == 303).collect();
        assert_eq!(won.len(), 1);
        let proof = proof_of(won[0]);
        let redeemed = join_all((0..100).map(|_| service.redeem(&id, &proof))).await;
        assert_eq!(redeemed.iter().filter(|reply| reply.status == 200).count(), 1);
        service.drain().await;
        assert_eq!(service.pushed("signing.verified"), 1);
        service.advance(30);
        service.pressed(&path, "text").await;
        service.drain().await;
        let missed = wrong(&service.typed_code());
        let replies = join_all((0..100).map(|_| service.typed(&path, &missed))).await;
        assert!(replies.iter().all(|reply| reply.status != 303));
        assert_eq!(service.entries("code.check", "incorrect").await, 5);
    }
}
