//! Clocks that are set forward and back. Nodes take no decision by their own (the time is an argument of every command, and
//! the tests of the write path live in 2020); here it is PostgreSQL's, by which leases run out and events are dated.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use crate::harness;
use crate::server::Server;
use crate::telling::{kinds, told};

const DAY: i64 = 86_400;

/// From now on the functions of this database that look at the clock see another one.
const OTHER_CLOCK: &str = include_str!("../../../bench/src/faults/clock.sql");

struct Clock(PgConnection);

impl Clock {
    async fn of(url: &str) -> Self {
        let mut database = PgConnection::connect(url).await.expect("a connection");
        database.execute(OTHER_CLOCK).await.expect("another clock");
        Self(database)
    }

    async fn is_off_by(&mut self, seconds: i64) {
        sqlx::query("update other.step set seconds = $1").bind(seconds).execute(&mut self.0).await.expect("a step");
    }

    /// The epoch of the lease, if this holder gets it.
    async fn lease(&mut self, holder: Uuid) -> Option<i64> {
        let lease = sqlx::query_scalar("select log.take_lease('test', $1, 5)");
        lease.bind(holder).fetch_one(&mut self.0).await.expect("an answer")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn history_goes_on_whatever_the_clock_says() {
    let server = Server::start().await;
    let mut clock = Clock::of(&server.db.url).await;
    let steps = [0, 400 * DAY, -400 * DAY, 0, DAY, -DAY];
    for (nth, step) in steps.into_iter().enumerate() {
        clock.is_off_by(step).await;
        let made = server.post("/v1/projects", json!({"name": format!("Project {nth}")})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let path = format!("/v1/projects/{}", made.json()["id"].as_str().expect("an id"));
        // What was written is read at once, though who projects holds a lease.
        assert_eq!(server.get(&path).await.json()["name"], format!("Project {nth}"));
    }
    let sql = "select e.position, e.recorded_at from log.events e where e.partition = \
               (select partition from log.streams where id = $1) order by e.position";
    let workspace = server.workspace.workspace_id.0;
    let events: Vec<(i64, DateTime<Utc>)> =
        sqlx::query_as(sql).bind(workspace).fetch_all(&mut clock.0).await.expect("the log");
    assert!(events.len() > steps.len());
    assert!(events.iter().zip(1..).all(|((position, _), nth)| *position == nth), "positions are dense");
    assert!(events.is_sorted_by_key(|(_, recorded)| *recorded), "times never go back: {events:?}");
    let span = events[events.len() - 1].1 - events[0].1;
    assert!(span.num_days() >= 400, "the other clock was looked at: {span}");
    let listed = server.get("/v1/projects?sort=number").await.json();
    let names: Vec<_> = listed["data"].as_array().expect("a list").iter().map(|project| &project["name"]).collect();
    assert_eq!(
        names,
        (0..steps.len()).map(|nth| json!(format!("Project {nth}"))).collect::<Vec<_>>().iter().collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_however_late_a_nodes_clock_is() {
    let server = Server::start().await;
    let (ada, adas) = server.member("ada", "member").await;
    let project = server.project("Website").await;
    Clock::of(&server.db.url).await.is_off_by(2 * DAY).await;
    server.made("/v1/tasks", json!({"project_id": project, "title": "Login", "assignee_ids": [ada]})).await;
    assert_eq!(kinds(&told(&server, &adas, 2).await), ["assigned", "invited"]);
}

#[tokio::test]
async fn a_lease_from_before_the_clock_was_set_back_runs_out() {
    let db = harness::database().await;
    let mut clock = Clock::of(&db.url).await;
    let (dead, alive) = (Uuid::new_v4(), Uuid::new_v4());
    assert_eq!(clock.lease(dead).await, Some(1));
    assert_eq!(clock.lease(alive).await, None, "another holds it");
    clock.is_off_by(-DAY).await;
    assert_eq!(clock.lease(alive).await, Some(2), "nobody waits for a day");
    assert_eq!(clock.lease(dead).await, None);
    clock.is_off_by(DAY).await;
    assert_eq!(clock.lease(alive).await, Some(2), "who still holds it keeps it");
    assert_eq!(clock.lease(dead).await, None);
    clock.is_off_by(2 * DAY).await;
    assert_eq!(clock.lease(dead).await, Some(3), "and it runs out");
}
