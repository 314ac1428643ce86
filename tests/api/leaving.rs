//! A process that was asked to stop says so to whoever distributes requests, and goes on answering them.

use crate::on_both;
use crate::service::api_key;

on_both! {
    async fn a_process_that_leaves_is_not_ready_and_still_answers(service: Service) {
        let (key, status) = (api_key("cornerstone"), "/api/v1/clients/lead-10482/status");
        for path in ["/readyz", status] {
            let answer = service.call("GET", path, &key, None).await;
            assert_eq!(answer.header("connection"), None, "{path}");
            answer.expect(200);
        }
        service.serving.leave();
        assert_eq!(service.call("GET", "/readyz", "", None).await.problem(503), "unavailable");
        for (path, expected) in [("/healthz", 200), (status, 200), ("/nowhere", 404)] {
            let answer = service.call("GET", path, &key, None).await;
            assert_eq!(answer.header("connection"), Some("close"), "{path}");
            answer.expect(expected);
        }
    }
}
