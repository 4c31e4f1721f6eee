//! What has been taken away: nobody finds it, changes it, takes it away again or names it, on any API, until it is back.

use reqwest::{Method, StatusCode};

use super::targets::ids_in_paths;
use super::{Case, Expected, World};
use crate::probes::places::{Place, Spot, places};
use crate::server::Answer;

/// What can still be asked of it: what happened to it, and whether that can be undone; and a label is off a task.
const OUTLIVES: [&str; 7] = ["activity", "history", "explain", "diff", "undo", "restore", "labels/{label_id}"];

/// What has to be said there, the document leaves open: one name, or several.
const NAMELESS: [&str; 2] = ["/api/tasks/{id}/assignees", "/api/tasks/{id}/labels"];

/// Where one of a kind is.
fn path(kind: &str) -> String {
    match kind {
        "comment" => "/v1/tasks/{id}/comments/{comment_id}".to_owned(),
        "phase" => "/v1/projects/{id}/phases/{phase_id}".to_owned(),
        _ => format!("/v1/{kind}s/{{id}}"),
    }
}

/// Time that was worked on something stays its: to say so again is to say nothing.
fn keeps(place: &Place<'_>) -> bool {
    let path = &place.operation.path;
    let is_of_time = path.contains("/timelogs") || path.contains("/time-entries");
    is_of_time && (place.operation.method != Method::POST || place.operation.is_batch())
}

impl World {
    /// What comes of a native operation on one's own thing.
    async fn own(&self, method: &Method, path: &str) -> Answer {
        let is_it = |place: &Place<'_>| place.operation.method == *method && place.operation.path == path;
        let all = self.requests();
        let place = all.iter().find(|place| is_it(place)).unwrap_or_else(|| panic!("{method} {path}"));
        self.send(&self.case(place, "", Expected::Status(&[]))).await
    }
}

/// Requests that find it, or name it.
fn about(world: &World, kind: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let outlives = |place: &Place<'_>| OUTLIVES.iter().any(|end| place.operation.path.ends_with(end));
    let is_it = |place: &Place<'_>| place.kind() == Some(kind) && place.own(&world.own, &place.name).is_some();
    for place in ids_in_paths(world).into_iter().filter(|place| is_it(place) && !outlives(place)) {
        // A batch says which of its commands found nothing.
        // What is not said is missed first.
        let lacks = NAMELESS.iter().any(|path| place.operation.path.ends_with(path));
        let expected: &[u16] = match (place.operation.is_batch(), lacks) {
            (true, _) => &[404, 422],
            (_, true) => &[400],
            _ => &[404],
        };
        let own = place.own(&world.own, &place.name).expect("an id");
        let case = world.case(&place, "it is gone", Expected::Status(expected));
        cases.push(Case { target: place.asked(&world.own, &own).target, ..case });
    }
    let named = places(&world.apis).into_iter().filter(|place| matches!(place.spot, Spot::Body(..)) && is_it(place));
    for place in named.filter(|place| !keeps(place)) {
        let own = place.own(&world.own, &place.name).expect("an id");
        let case = world.case(&place, format!("{:?} is gone", place.name), Expected::Status(&[400, 404, 409, 422]));
        cases.push(case.saying(place.asked(&world.own, &own).body.expect("a body").to_string()).rehearsed());
    }
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_gone_everywhere() {
    let world = World::new().await;
    let mut asked = 0;
    for kind in [
        "label", "team", "position", "space", "customer", "webhook", "timelog", "comment", "phase", "sprint", "task",
        "project",
    ] {
        let (path, cases) = (path(kind), about(&world, kind));
        asked += cases.len();
        let gone = world.own(&Method::DELETE, &path).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{path}: {}", gone.text);
        world.hold(cases).await;
        let back = world.own(&Method::POST, &format!("{path}/restore")).await;
        assert_eq!(back.status, StatusCode::OK, "{path}: {}", back.text);
        assert_eq!(world.own(&Method::GET, &path).await.status, StatusCode::OK, "{path}");
    }
    // This does not come back.
    let (path, cases) = (path("notification"), about(&world, "notification"));
    assert_eq!(world.own(&Method::DELETE, &path).await.status, StatusCode::NO_CONTENT, "{path}");
    world.hold(cases).await;
    assert!(asked > 120, "{asked}");
}
