//! Codes that an authenticator app of somebody else makes: `oathtool`, from the key that the page shows.

use std::io::Write as _;
use std::process::Command;

use crate::database::Backend;
use crate::guest::proof_of;
use crate::login::codes_in;
use crate::service::Service;

/// What `oathtool` shows for a key at the service's time, so many seconds on.
#[expect(clippy::explicit_write, reason = "`eprintln` would be captured with the test's output")]
fn oathtool(key: &str, service: &Service, seconds: i64) -> Option<String> {
    let at = format!("@{}", service.clock_seconds() + seconds);
    let made = Command::new("oathtool").args(["--totp", "--base32", "--now", &at, key]).output();
    let Ok(made) = made else {
        writeln!(
            std::io::stderr(),
            "!! the codes of another authenticator app were NOT tried: oathtool is missing"
        )
        .unwrap();
        return None;
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(String::from_utf8(made.stdout).unwrap().trim().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_codes_of_another_app_set_it_up_and_sign_in() {
    let service = Service::start(Backend::Sqlite).await;
    service.workflow("login", serde_json::json!({"always_required_roles": ["payroll"]})).await;
    service.user("payroll").await;
    let (_, path) = service.sign_in_page().await;
    let key = service.scans(&path).await.key;
    let Some(first) = oathtool(&key, &service, 0) else { return };
    assert_eq!(codes_in(&service.does(&path, "confirm", &first).await).len(), 10);
    let (login, path) = service.sign_in_page().await;
    let next = oathtool(&key, &service, 30).unwrap();
    let passed = service.does(&path, "check", &next).await;
    service.redeem_login(&login, &proof_of(&passed)).await.expect(200);
}
