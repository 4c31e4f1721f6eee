//! Time and who pays for it, over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, send};

/// A server with two customers, each with a project, and a project without one.
struct Scene {
    server: Server,
    acme: String,
    zen: String,
    website: String,
    shop: String,
    ours: String,
}

impl Scene {
    async fn set() -> Self {
        let server = Server::start().await;
        let customer = async |name: &str, billable: bool| {
            server.made("/v1/customers", json!({"name": name, "billable_by_default": billable})).await
        };
        let (acme, zen) = (customer("Acme", true).await, customer("Zen", false).await);
        let project = async |name: &str, customer: Option<&str>| {
            server.made("/v1/projects", json!({"name": name, "customer_id": customer})).await
        };
        let website = project("Website", Some(&acme)).await;
        let (shop, ours) = (project("Shop", Some(&zen)).await, project("Ours", None).await);
        Self { server, acme, zen, website, shop, ours }
    }

    /// So many hours on a day of March, and what else is said of them.
    async fn log(&self, project: &str, day: u32, hours: u32, more: Value) -> Value {
        let mut body = json!({
            "project_id": project, "started_at": format!("2026-03-{day:02}T08:00:00Z"), "duration_seconds": hours * 3600,
        });
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        let answer = self.server.post("/v1/timelogs", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()
    }
}

fn hours(sum: &Value) -> (i64, i64) {
    let hours = |name: &str| sum[name].as_i64().expect("seconds") / 3600;
    (hours("seconds"), hours("billable_seconds"))
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_billable_as_what_it_is_for_unless_said_otherwise() {
    let scene = Scene::set().await;
    let server = &scene.server;
    let free = json!({"project_id": scene.website, "title": "Favour", "billable": false});
    let favour = server.made("/v1/tasks", free).await;
    for (project, more, billable) in [
        (&scene.website, json!({}), json!(true)),
        (&scene.website, json!({"task_id": favour}), json!(false)),
        (&scene.website, json!({"task_id": favour, "billable": true}), json!(true)),
        (&scene.shop, json!({}), json!(false)),
        (&scene.ours, json!({}), json!(null)),
    ] {
        assert_eq!(scene.log(project, 2, 1, more.clone()).await["billable"], billable, "{more}");
    }
    let body = json!({
        "project_id": scene.ours, "started_at": "2026-03-02T08:00:00Z", "duration_seconds": 60, "billable": true,
    });
    let refused = server.post("/v1/timelogs", body).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (422, &json!("no-customer")));
    assert_eq!(refused.json()["errors"][0]["pointer"], "/billable");
    let running = server.post("/v1/timelogs/start", json!({"task_id": favour})).await;
    assert_eq!(running.json()["billable"], false, "{}", running.text);
    for (query, total) in [
        ("billable=true".to_owned(), 2),
        ("billable[exists]=false".to_owned(), 1),
        (format!("customer_id={}", scene.acme), 4),
        (format!("customer_id={},{}", scene.acme, scene.zen), 5),
    ] {
        assert_eq!(server.get(&format!("/v1/timelogs?{query}")).await.json()["total"], total, "{query}");
    }
    let path = running.header("location").to_owned();
    let corrected = server.patch(&path, json!({"billable": null})).await.json();
    assert_eq!(corrected["billable"], true);
    let moved = server.patch(&path, json!({"task_id": null, "project_id": scene.ours})).await.json();
    assert_eq!(moved["billable"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_say_what_is_billable_and_to_whom() {
    let scene = Scene::set().await;
    let server = &scene.server;
    scene.log(&scene.website, 1, 2, json!({})).await;
    scene.log(&scene.website, 2, 3, json!({"billable": false})).await;
    scene.log(&scene.shop, 2, 4, json!({"billable": true})).await;
    scene.log(&scene.ours, 31, 5, json!({})).await;
    let ask = async |query: &str| {
        let answer = server.get(&format!("/v1/timelogs/totals?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    };
    let totals = ask("group_by=customer").await;
    assert_eq!(hours(&totals["sum"]), (14, 6));
    let each: Vec<_> = totals["data"].as_array().expect("data").clone();
    let of = |id: Option<&str>| each.iter().find(|one| one["customer_id"].as_str() == id).expect("a total");
    assert_eq!((hours(of(Some(&scene.acme))), &of(Some(&scene.acme))["name"]), ((5, 2), &json!("Acme")));
    assert_eq!(hours(of(Some(&scene.zen))), (4, 4));
    assert_eq!((hours(of(None)), &of(None)["customer_id"], each.len()), ((5, 0), &Value::Null, 3));

    let projects = ask(&format!("group_by=project&customer_id={}", scene.acme)).await;
    assert_eq!((projects["data"].as_array().expect("data").len(), hours(&projects["sum"])), (1, (5, 2)));
    let days = ask(&format!("group_by=day&customer_id={},{}&date[gte]=2026-03-02", scene.acme, scene.zen)).await;
    assert_eq!((hours(&days["data"][0]), days["data"].as_array().expect("data").len()), ((7, 4), 1));
    let members = ask(&format!("group_by=member&customer_id={}&date[lte]=2026-03-01", scene.acme)).await;
    assert_eq!(hours(&members["data"][0]), (2, 2));
    let billable = ask("group_by=project&billable=true").await;
    assert_eq!((hours(&billable["sum"]), billable["sum"]["entries"].as_i64()), ((6, 6), Some(2)));
    assert_eq!(hours(&ask("group_by=day&billable=false").await["sum"]), (3, 0));
    let team = server.made("/v1/teams", json!({"name": "Web"})).await;
    server.patch(&format!("/v1/projects/{}", scene.website), json!({"team_id": team})).await;
    for by in ["member", "project", "customer", "task", "day"] {
        assert_eq!(hours(&ask(&format!("group_by={by}&team_id={team}")).await["sum"]), (5, 2), "{by}");
    }
    assert_eq!(hours(&ask(&format!("group_by=day&team_id={team}&billable=true")).await["sum"]), (2, 2));
    let tasks = ask(&format!("group_by=task&customer_id={}", scene.zen)).await;
    assert_eq!((&tasks["data"][0]["task_id"], hours(&tasks["data"][0])), (&Value::Null, (4, 4)));

    // Time goes with its project to another customer; what was said of it stays.
    server.patch(&format!("/v1/projects/{}", scene.shop), json!({"customer_id": scene.acme})).await;
    let acme = ask(&format!("group_by=customer&customer_id={}", scene.acme)).await;
    assert_eq!(hours(&acme["sum"]), (9, 6));
    let csv = server.ask(Method::GET, "/v1/reports/time?group_by=customer").header("Accept", "text/csv");
    let csv = send(csv).await.text;
    assert!(csv.starts_with("customer,name,entries,seconds,billable_seconds\r\n"), "{csv}");
    assert!(csv.contains(&format!("{},Acme,3,32400,21600", scene.acme)), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_reckoned_in_the_workspace_s_zone_unless_said_otherwise() {
    let scene = Scene::set().await;
    let late = json!({"started_at": "2026-03-02T20:00:00Z"});
    let day = |log: &Value| (log["date"].clone(), log["time_zone"].clone());
    assert_eq!(day(&scene.log(&scene.ours, 2, 1, late.clone()).await), (json!("2026-03-02"), json!("UTC")));
    scene.server.patch("/v1/workspace", json!({"time_zone": "Asia/Tokyo"})).await;
    let there = scene.log(&scene.ours, 2, 1, late.clone()).await;
    assert_eq!(day(&there), (json!("2026-03-03"), json!("Asia/Tokyo")));
    let berlin = json!({"started_at": "2026-03-02T20:00:00Z", "time_zone": "Europe/Berlin"});
    assert_eq!(day(&scene.log(&scene.ours, 2, 1, berlin).await), (json!("2026-03-02"), json!("Europe/Berlin")));
    let started = scene.server.post("/v1/timelogs/start", json!({"project_id": scene.ours})).await.json();
    assert_eq!(started["time_zone"], "Asia/Tokyo");
}

#[tokio::test(flavor = "multi_thread")]
async fn time_on_a_deleted_project_still_shows_what_it_was_for() {
    let scene = Scene::set().await;
    let task = scene.server.task(&scene.website, "Login").await;
    let log = scene.log(&scene.website, 2, 1, json!({"task_id": task})).await;
    scene.server.delete(&format!("/v1/projects/{}", scene.website)).await;
    let list = scene.server.get("/v1/timelogs?expand=project,task").await.json();
    let shown = &list["data"][0];
    assert_eq!((&list["total"], &shown["id"]), (&json!(1), &log["id"]));
    assert_eq!((&shown["project"]["name"], &shown["project"]["deleted"]), (&json!("Website"), &json!(true)));
    assert_eq!(shown["task"]["title"], "Login");
    let totals = scene.server.get("/v1/timelogs/totals?group_by=customer").await.json();
    assert_eq!((&totals["data"][0]["customer_id"], hours(&totals["sum"])), (&json!(scene.acme), (1, 1)));
}
