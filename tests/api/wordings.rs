//! What a tenant's messages say in its own words: for every process at once, checked, by one at a time.

use countersign::domain::audit::Origin;
use countersign::domain::id::TenantId;
use countersign::domain::wording::{Draft, Found, Part, Spot, lint::Fault};
use countersign::usecase::tenant::change_wording::{NotPublished, Published, Wanted, change_wording};
use serde_json::{Value, json};

use crate::life::CLIENT;
use crate::on_both;
use crate::service::Service;

const TEXT: &str =
    "{{brand}}: {{code}}.\n{{#if agent}}{{agent}} asks for it.{{else}}We ask for it.{{/if}} Call {{phone}}";
const EMAIL: &str = "Hello{{#if first_name}}, {{first_name}}{{/if}}!\n\n{{code}}\nFor {{valid_for}}\n\nQ & A <b>:\nCall {{phone}}";

async fn publish(
    service: &Service,
    channel: &str,
    draft: &Draft,
    base: Option<u32>,
) -> Result<Published, NotPublished> {
    let (spot, draft) = (Spot::parse("client_code", channel, "en").unwrap(), draft.clone());
    let wanted = Wanted { spot, draft, base };
    let cornerstone = TenantId::parse("cornerstone").unwrap();
    change_wording(service.app.desk(), &cornerstone, &wanted, Origin::operator()).await
}

/// Publishes what a message such as `client_code/voice/en` says.
pub async fn worded(service: &Service, of: &str, subject: &str, body: &str) {
    let words: Vec<_> = of.split('/').collect();
    let spot = Spot::parse(words[0], words[1], words[2]).unwrap();
    let wanted = Wanted { spot, draft: Draft::new(subject, body), base: None };
    let cornerstone = TenantId::parse("cornerstone").unwrap();
    change_wording(service.app.desk(), &cornerstone, &wanted, Origin::operator()).await.unwrap();
}

/// What a code sent on this way says.
async fn message(service: &Service, channel: &str) -> Value {
    service.know(CLIENT).await;
    service.advance(300);
    let body = json!({"contact": "c-1", "surface": "lead_card", "channels": [channel], "locale": "en", "agent": {"id": "u-1", "name": "Maria Lopez"}});
    service.post(&format!("/api/v1/clients/{CLIENT}/codes"), body).await.expect(201);
    service.drain().await;
    service.mail().pop().unwrap()
}

on_both! {
    async fn a_published_wording_is_what_a_message_says_in_every_process(service: Service) {
        let twin = service.twin(service.now()).await;
        assert_eq!(publish(&service, "sms", &Draft::new("", TEXT), Some(0)).await.unwrap(), Published::Version(1));
        assert_eq!(publish(&service, "email", &Draft::new("{{brand}} says hello", EMAIL), None).await.unwrap(), Published::Version(1));
        let text = message(&service, "sms").await["text"].as_str().unwrap().to_owned();
        assert!(text.starts_with("Cornerstone: ") && text.ends_with(".\nMaria asks for it. Call 800-555-0199"), "{text}");
        let email = message(&service, "email").await;
        let (text, html) = (email["text"].as_str().unwrap(), email["html"].as_str().unwrap());
        assert_eq!(email["subject"], "Cornerstone says hello");
        assert!(text.starts_with("Cornerstone\n\nHello, Ana!\n\n"), "{text}");
        assert!(text.contains("\nFor 10 minutes\n\nQ & A <b>:\nCall 800-555-0199\n\nThis is a security message"), "{text}");
        assert!(html.contains("Q &amp; A &lt;b&gt;:<br>Call 800-555-0199</p>") && !html.contains("<b>"), "{html}");
        assert!(html.contains("class=\"code\"") && html.contains(">For 10 minutes</p>") && html.contains("#0550ae"), "{html}");
        // The other language keeps the built-in text, and so does another tenant.
        twin.app.beat().await.unwrap();
        let directory = twin.app.desk().directory.get();
        let worded = |tenant, channel, locale| {
            let member = directory.member(&TenantId::parse(tenant).unwrap()).unwrap();
            member.tenant.wordings.of(Spot::parse("client_code", channel, locale).unwrap()).map(|own| own.version)
        };
        assert_eq!([worded("cornerstone", "sms", "en"), worded("cornerstone", "email", "en")], [Some(1), Some(1)]);
        assert_eq!([worded("cornerstone", "sms", "es"), worded("compeo", "sms", "en")], [None, None]);
    }
}

on_both! {
    async fn a_wording_is_on_the_record_and_can_be_taken_back(service: Service) {
        publish(&service, "sms", &Draft::new("", TEXT), None).await.unwrap();
        assert_eq!(publish(&service, "sms", &Draft::new("", TEXT), Some(0)).await.unwrap(), Published::Same);
        assert_eq!(publish(&service, "sms", &Draft::default(), Some(1)).await.unwrap(), Published::Version(2));
        let text = message(&service, "sms").await["text"].as_str().unwrap().to_owned();
        assert!(text.contains(" is your Cornerstone code. Read it only to Maria"), "{text}");
        let kept = service.database.texts("select detail from audit where action = 'wording.publish' and object = 'client_code/sms/en' order by id").await;
        let mut kept: Vec<Value> = kept.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        kept.sort_by_key(|detail| detail["version"].as_u64());
        let own = json!({"subject": "", "text": TEXT});
        assert_eq!(kept, [json!({"version": 1, "before": null, "after": own}), json!({"version": 2, "before": own, "after": null})]);
        let rows = "select count(*) from wording where tenant_id = 'cornerstone' and author = 'operator'";
        assert_eq!(service.database.count(rows).await, 2, "no version goes");
    }
}

on_both! {
    async fn a_bad_wording_is_refused_with_its_line_and_changes_nothing(service: Service) {
        let bad = publish(&service, "sms", &Draft::new("", "{{code}} for {{brand}}\nNever share it. {{phone}}"), None).await;
        let Err(NotPublished::Faults(faults)) = bad else { panic!("{bad:?}") };
        assert_eq!(faults, [Found { part: Part::Body, fault: Fault::NeverShare { line: 2, words: "never share" } }]);
        assert_eq!(service.database.count("select count(*) from wording").await, 0);
        assert_eq!(service.entries("wording.publish", "done").await, 0);
    }
}

on_both! {
    async fn the_second_of_two_is_told_and_overwrites_no_wording(service: Service) {
        publish(&service, "sms", &Draft::new("", TEXT), Some(0)).await.unwrap();
        let other = Draft::new("", "{{code}} is for us. Call {{phone}}");
        let late = publish(&service, "sms", &other, Some(0)).await;
        let Err(NotPublished::Overtaken(newest)) = late else { panic!("{late:?}") };
        assert_eq!((newest.number, newest.draft.body.as_str()), (1, TEXT));
        assert_eq!(service.database.count("select count(*) from wording").await, 1);
        // Two at once, from the same version.
        let draft = |word: &str| Draft::new("", &format!("{{{{code}}}} is for {word}. Call {{{{phone}}}}"));
        let (one, two) = (draft("one"), draft("two"));
        let both = tokio::join!(publish(&service, "sms", &one, Some(1)), publish(&service, "sms", &two, Some(1)));
        let done = [both.0.is_ok(), both.1.is_ok()];
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "{both:?}");
    }
}

on_both! {
    async fn a_wording_that_cannot_be_said_gives_way_to_the_built_in_text(service: Service) {
        publish(&service, "sms", &Draft::new("", TEXT), None).await.unwrap();
        publish(&service, "email", &Draft::new("Hello", EMAIL), None).await.unwrap();
        // What it needs is gone since.
        service.apply("cornerstone", json!({"brand": {"support_phone": null}})).await;
        let text = message(&service, "sms").await["text"].as_str().unwrap().to_owned();
        assert!(text.contains(" is your Cornerstone code. Read it only to Maria"), "{text}");
        assert_eq!(message(&service, "email").await["subject"], "Your Cornerstone code for this call");
        // One that nobody could publish: of another version, or from behind.
        service.apply("cornerstone", json!({"brand": {"support_phone": "800-555-0199"}})).await;
        for body in ["{{#each x}}", "{{nothing}}", &"x".repeat(161)] {
            service.database.execute(&format!("update wording set body = '{body}' where channel = 'sms'")).await;
            service.apply("compeo", json!({"brand": {"short_name": format!("N{}", body.len())}})).await;
            let text = message(&service, "sms").await["text"].as_str().unwrap().to_owned();
            assert!(text.contains(" is your Cornerstone code. Read it only to Maria"), "{body}: {text}");
        }
        service.database.execute("update wording set kind = 'telegram' where channel = 'sms'").await;
        service.apply("compeo", json!({"brand": {"short_name": "Other"}})).await;
        assert_eq!(message(&service, "email").await["subject"], "Hello", "the others still count");
    }
}
