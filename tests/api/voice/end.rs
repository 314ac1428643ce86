//! How calls end: believed in any order and however often, and only ever forward.

use serde_json::json;

use super::{ask, asked, by, carrier, code_in, ended, field, is, on, placed, press, pushed, state, tell};
use crate::on_both;

on_both! {
    async fn a_call_that_did_not_get_through_is_told_in_its_own_word_once(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let table = [("busy", "line_busy"), ("no-answer", "no_answer"), ("failed", "call_failed"), ("canceled", "call_canceled"), ("completed", "no_answer")];
        for (number, (word, detail)) in table.into_iter().enumerate() {
            let call = placed(&service, &carrier).await;
            for _ in 0..3 {
                ended(&service, &call, word).await.expect(204);
            }
            for late in ["queued", "initiated", "ringing", "in-progress", "completed", "busy", "", "x\u{1}y"] {
                ended(&service, &call, late).await.expect(204);
            }
            service.drain().await;
            assert_eq!(state(&service, &call.challenge).await, is("failed", detail), "{word}");
            let told = pushed(&service, "message.failed");
            assert_eq!(told.len(), number + 1, "{word}");
            assert_eq!(told[number]["data"]["message"]["detail"], json!(detail));
            service.advance(1000);
        }
    }
}

on_both! {
    async fn states_on_the_way_change_nothing(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let call = placed(&service, &carrier).await;
        for word in ["queued", "initiated", "ringing", "in-progress", "answered"] {
            ended(&service, &call, word).await.expect(204);
            assert_eq!(state(&service, &call.challenge).await, is("sent", "calling"), "{word}");
        }
    }
}

on_both! {
    async fn reports_and_keys_in_any_order_come_to_the_same(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        for order in [&["s", "1", "e"][..], &["s", "s", "1", "1", "e", "e"], &["1", "s", "e"], &["s", "1", "e", "s", "1", "e"], &["e", "s", "1"]] {
            let call = placed(&service, &carrier).await;
            // The same keys in the same places give the same addresses.
            let (_, gate) = on(&service, &call.script, "").await;
            service.advance(1);
            for step in order {
                match *step {
                    "s" => drop(press(&service, &call.script, "").await),
                    "1" => drop(press(&service, &gate, "1").await),
                    _ => drop(ended(&service, &call, "completed").await.expect(204)),
                }
            }
            service.drain().await;
            assert_eq!(state(&service, &call.challenge).await, is("delivered", "heard"), "{order:?}");
            service.advance(1000);
        }
    }
}

on_both! {
    async fn a_call_that_is_over_says_no_code_any_more(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let call = placed(&service, &carrier).await;
        let (_, gate) = on(&service, &call.script, "").await;
        let (_, again) = on(&service, &gate, "1").await;
        ended(&service, &call, "completed").await.expect(204);
        for old in [&gate, &again] {
            let (said, action) = press(&service, old, "1").await;
            assert!(code_in(&said).is_none() && action.is_none(), "a key pressed once more: {said}");
        }
        let (said, _) = press(&service, &again, "9").await;
        assert!(said.contains("We have stopped this request"), "{said}");
        assert_eq!(service.status("lead-10482").await["state"], "code_sent", "nobody is on that line any more");
    }
}

on_both! {
    async fn an_earlier_attempt_that_failed_says_nothing_of_the_next(service: Service) {
        // The carrier rings, but its answer is none of its API's: the call is tried again.
        let odd = crate::gateway::Server::start(crate::gateway::Answer::Say("200 OK", "", "<html>")).await;
        let service = by(&service, &odd).await;
        let challenge = ask(&service, "c-2").await["id"].as_str().unwrap().to_owned();
        service.drain().await;
        assert_eq!(state(&service, &challenge).await, is("queued", "unknown_outcome"));
        service.advance(2);
        service.drain().await;
        let [first, second] = &asked(&odd)[..] else { panic!("two attempts") };
        let report = |form| field(form, "StatusCallback");
        tell(&service, &report(first), &[("CallStatus", "busy")]).await.expect(204);
        assert_eq!(state(&service, &challenge).await.0, "queued", "the second may still get through");
        let (_, gate) = on(&service, &field(first, "Url"), "").await;
        assert_eq!(state(&service, &challenge).await, is("sent", "answered"), "so it does not ring a third time");
        service.advance(60);
        service.drain().await;
        assert_eq!(asked(&odd).len(), 2);
        on(&service, &gate, "1").await;
        tell(&service, &report(second), &[("CallStatus", "no-answer")]).await.expect(204);
        assert_eq!(state(&service, &challenge).await, is("delivered", "heard"), "the code is out, whichever call said it");
    }
}
