//! In front of all routers: what is done for every request, whatever it asks for. Who comes when there is no room turns back
//! here, before any layer of any router has cost something.

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;
use tower::ServiceExt as _;

use crate::dialects;
use crate::edge::cors::{Origins, Page};
use crate::limits::{Doors, Turn, room};
use crate::problem::{Problem, RequestId, name};
use crate::telemetry::Observed;

/// The routers, and what is in front of them. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    router: Router,
    origins: Origins,
    doors: Doors,
    work: Handle,
}

impl Front {
    /// In front of this router; pages of these origins may use it. What is let in is done by the threads that call this,
    /// whoever asks for it.
    pub fn new(router: Router, origins: Origins, doors: Doors) -> Self {
        Self { router, origins, doors, work: Handle::current() }
    }

    /// Answers a request.
    pub async fn answer(&self, mut request: Request) -> Response {
        let noted = self.note(&mut request);
        let response = match noted.page.told_first(&request) {
            Some(response) => response,
            None => match self.doors.admit(request.method(), request.uri().path()) {
                Some(turn) => self.let_in(turn, request).await,
                None => refuse(request, &room::refusal()),
            },
        };
        noted.end(response)
    }

    fn note(&self, request: &mut Request) -> Noted {
        Noted { observed: Observed::begin(request), page: self.origins.page(request) }
    }

    async fn let_in(&self, turn: Turn, request: Request) -> Response {
        let answer = self.router.clone().oneshot(request);
        let answer = self.work.spawn(async move {
            drop(turn);
            answer.await
        });
        // It ends with whoever waits for it, and otherwise only by a panic.
        match AbortOnDropHandle::new(answer).await {
            Ok(Ok(response)) => response,
            Err(ended) => std::panic::resume_unwind(ended.into_panic()),
        }
    }

    /// The answer to a request that comes no further, in the way of its mount.
    pub fn refuse(&self, mut request: Request, problem: &Problem) -> Response {
        let noted = self.note(&mut request);
        noted.end(refuse(request, problem))
    }
}

/// What was noted of a request, for its answer.
struct Noted {
    observed: Observed,
    page: Page,
}

impl Noted {
    fn end(self, mut response: Response) -> Response {
        self.page.show(&mut response);
        self.observed.end(response.status());
        response
    }
}

/// In the shape of the mount that the request is for, as that would tell it.
fn refuse(mut request: Request, problem: &Problem) -> Response {
    let id = RequestId::give(&mut request);
    let response = dialects::refuse(&mut request, problem);
    let mut response = response.unwrap_or_else(|| problem.answer(&id));
    name(&mut response, id);
    response
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Body;
    use axum::http::{Method, StatusCode, header};
    use axum::routing::post;
    use futures::future::join_all;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tokio::runtime::Builder;

    use super::*;
    use crate::limits::Room;

    const PAGE: &str = "https://app.example.com";

    /// There is no room behind it.
    fn front() -> Front {
        let room = Room { writes_at_once: 0, reads_waiting: 0, burst_millis: 0, ..Room::default() };
        Front::new(Router::new(), Origins::new(&[PAGE.to_owned()]), Doors::new(&room, || 0, || Duration::ZERO, || 0))
    }

    fn ask(method: Method, path: &str, headers: &[(&str, &str)]) -> Request {
        let request = Request::builder().method(method).uri(path);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(Body::empty()).expect("a request")
    }

    #[test]
    fn who_is_refused_is_counted_and_timed_like_everybody() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        metrics::with_local_recorder(&recorder, || {
            let _entered = runtime.enter();
            for path in ["/v1/tasks", "/pike/tasks", "/pike"] {
                let answer = runtime.block_on(front().answer(ask(Method::POST, path, &[])));
                assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
                let answer = front().refuse(ask(Method::GET, path, &[]), &Problem::not_found());
                assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
            }
        });
        let told = recorder.handle().render();
        let has = |line: &str| assert!(told.lines().any(|told| told == line), "{line} in {told}");
        has("docket_http_refused_total 3");
        has("docket_http_request_seconds_count{mount=\"native\",status=\"5xx\"} 1");
        has("docket_http_request_seconds_count{mount=\"pike\",status=\"5xx\"} 2");
        has("docket_http_request_seconds_count{mount=\"native\",status=\"4xx\"} 1");
        has("docket_http_request_seconds_count{mount=\"pike\",status=\"4xx\"} 2");
    }

    #[tokio::test]
    async fn who_has_been_let_in_counts_before_anything_is_done_for_them() {
        let room = Room { writes_at_once: 2, burst_millis: 0, ..Room::default() };
        let router = Router::new().route("/v1/tasks", post(async || "done"));
        let front = Front::new(router, Origins::new(&[]), Doors::new(&room, || 0, || Duration::ZERO, || 0));
        for _ in 0..3 {
            let asked = (0..5).map(|_| front.answer(ask(Method::POST, "/v1/tasks", &[])));
            let answers = join_all(asked).await.into_iter().map(|answer| answer.status().as_u16());
            assert_eq!(answers.collect::<Vec<_>>(), [200, 200, 503, 503, 503]);
        }
    }

    #[tokio::test]
    async fn a_page_may_ask_first_and_can_read_that_it_is_refused() {
        let asks = [("origin", PAGE), ("access-control-request-method", "POST"), ("x-request-id", "mine")];
        let first = front().answer(ask(Method::OPTIONS, "/v1/tasks", &asks)).await;
        assert_eq!(first.status(), StatusCode::NO_CONTENT);
        let refused = front().answer(ask(Method::POST, "/v1/tasks", &asks)).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()["x-request-id"], "mine");
        let unread =
            front().refuse(ask(Method::POST, "/v1/tasks", &asks), &Problem::bad_request("invalid-request", ""));
        for answer in [first, refused, unread] {
            assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
            assert_eq!(answer.headers()[header::VARY], "origin");
        }
    }
}
