//! Reports of a day that is over: they are of its end, whatever has happened since.

use chrono::Days;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::{amounts, today};
use crate::server::Server;

/// From now on all that was committed in the workspace so far was committed two days earlier.
async fn two_days_pass(server: &Server) {
    let mut database = PgConnection::connect(&server.db.url).await.expect("a connection");
    let sql = "update log.events set recorded_at = recorded_at - interval '2 days' where workspace = $1";
    let done = sqlx::query(sql).bind(server.workspace.workspace_id.0).execute(&mut database).await.expect("an update");
    assert!(done.rows_affected() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burndown_of_a_day_is_of_its_end_whatever_has_become_of_the_sprint() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let day = |ago: u64| today() - Days::new(ago);
    let body = json!({"project_id": project, "name": "First", "start_date": day(3), "end_date": today()});
    let sprint = server.made("/v1/sprints", body).await;
    let burndown = format!("/v1/sprints/{sprint}/burndown");
    let into_it = async |points: i64| {
        let noon = format!("{}T12:00:00Z", day(2));
        let body = json!({
            "project_id": project, "title": "T", "sprint_id": sprint, "estimate_points": points, "occurred_at": noon,
        });
        server.made("/v1/tasks", body).await;
    };
    into_it(3).await;
    // What nobody had told of when the day was over, is what is known of it by now.
    let told = server.get(&format!("{burndown}?as_of={}", day(1))).await.json();
    assert_eq!(amounts(&told["data"][2]["scope"]), (1, 3), "{told}");
    two_days_pass(&server).await;

    into_it(5).await;
    server.patch(&format!("/v1/sprints/{sprint}"), json!({"name": "Second"})).await;
    let now = server.get(&burndown).await.json();
    assert_eq!(amounts(&now["data"][2]["scope"]), (2, 8), "{now}");
    let known = async || {
        let mut known = Vec::new();
        for ago in [2, 1] {
            let then = server.get(&format!("{burndown}?as_of={}", day(ago))).await;
            assert_eq!(then.status, StatusCode::OK, "{ago}: {}", then.text);
            let then = then.json();
            assert_eq!(then["sprint"]["name"], "First", "{ago}: {then}");
            known.push(
                then["data"].as_array().expect("days").iter().map(|day| day["scope"].clone()).collect::<Vec<_>>(),
            );
        }
        known
    };
    let then = known().await;
    let scope = json!({"tasks": 1, "points": 3});
    let nothing = json!({"tasks": 0, "points": 0});
    assert_eq!(then[0], [nothing.clone(), scope.clone(), Value::Null, Value::Null]);
    assert_eq!(then[1], [nothing, scope.clone(), scope, Value::Null]);

    let gone = server.delete(&format!("/v1/sprints/{sprint}")).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
    assert_eq!(known().await, then);
    for not_there in [String::new(), format!("?as_of={}", today()), format!("?as_of={}", day(3))] {
        assert_eq!(server.get(&format!("{burndown}{not_there}")).await.status, StatusCode::NOT_FOUND, "{not_there}");
    }
}
