//! The catalogue over HTTP: labels, teams, positions, spaces and customers live alike, and are tested alike.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

/// What tells one kind from another: its plural, its singular, and a body with all of its fields.
fn kinds() -> [(&'static str, &'static str, Value); 5] {
    [
        ("labels", "label", json!({"name": "Bug", "color": "#d73a4a"})),
        ("teams", "team", json!({"name": "Design", "description": "Draws.", "member_ids": []})),
        ("positions", "position", json!({"name": "Designer"})),
        ("spaces", "space", json!({"name": "Clients", "description": null, "color": "#1d76db", "icon": "🏢"})),
        (
            "customers",
            "customer",
            json!({"name": "Acme", "reference": "C-10492", "email": "books@acme.example", "tax_id": "DE123456789",
                   "currency": "EUR", "billable_by_default": false, "notes": "Pays."}),
        ),
    ]
}

fn problem(answer: &Answer, status: StatusCode, code: &str, pointer: &str) {
    let json = answer.json();
    assert_eq!((answer.status, &json["code"]), (status, &code.into()), "{json}");
    if !pointer.is_empty() {
        assert_eq!(json["errors"][0]["pointer"], pointer, "{json}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_created_read_changed_taken_away_and_brought_back() {
    let server = Server::start().await;
    for (plural, _, body) in kinds() {
        let created = server.post(&format!("/v1/{plural}"), body.clone()).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
        let at = created.header("location").to_owned();
        let read = server.get(&at).await;
        assert_eq!((read.json(), read.header("etag")), (created.json(), "\"1\""), "{plural}");
        for (field, value) in body.as_object().expect("fields") {
            assert_eq!(&read.json()[field], value, "{plural}.{field}");
        }
        assert_eq!(read.json()["number"], 1);

        let again = send(server.ask(Method::GET, &at).header("If-None-Match", "\"1\"")).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);

        let same = server.patch(&at, body.clone()).await;
        assert_eq!((same.status, same.header("etag")), (StatusCode::OK, "\"1\""), "{}", same.text);
        let patched = server.patch(&at, json!({"name": "Renamed"})).await;
        assert_eq!((patched.status, &patched.json()["name"]), (StatusCode::OK, &"Renamed".into()));
        assert_eq!(server.get(&at).await.json(), patched.json());
        let stale = send(server.ask(Method::PATCH, &at).header("If-Match", "\"1\"").json(&json!({"name": "X"}))).await;
        problem(&stale, StatusCode::PRECONDITION_FAILED, "precondition-failed", "");

        assert_eq!(server.delete(&at).await.status, StatusCode::NO_CONTENT);
        assert_eq!(server.get(&at).await.status, StatusCode::NOT_FOUND);
        assert_eq!(server.delete(&at).await.status, StatusCode::NOT_FOUND);
        assert_eq!(server.get(&format!("/v1/{plural}")).await.json()["total"], 0);
        let restored = server.post(&format!("{at}/restore"), json!({})).await;
        assert_eq!((restored.status, &restored.json()["version"]), (StatusCode::OK, &4.into()), "{}", restored.text);
        assert_eq!(server.get(&at).await.json(), restored.json());

        let activity = server.get(&format!("{at}/activity")).await.json();
        let types: Vec<_> = activity["data"].as_array().expect("a list").iter().map(|one| &one["type"]).collect();
        let kind = types[0].as_str().expect("a type").split('.').next().expect("a kind").to_owned();
        let expected = ["created", "changed", "deleted", "restored"].map(|verb| Value::from(format!("{kind}.{verb}")));
        assert_eq!(types, expected.iter().collect::<Vec<_>>());
        assert_eq!(activity["data"][1]["data"], json!({"type": format!("{kind}.changed"), "name": "Renamed"}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_held_by_one_and_free_when_it_is_gone() {
    let server = Server::start().await;
    for (plural, _, body) in kinds() {
        let list = format!("/v1/{plural}");
        let name = body["name"].as_str().expect("a name").to_owned();
        let first = server.made(&list, body).await;
        let again = server.post(&list, json!({"name": name.to_uppercase()})).await;
        problem(&again, StatusCode::CONFLICT, "already-taken", "/name");
        let other = server.made(&list, json!({"name": "Other"})).await;
        let renamed = server.patch(&format!("{list}/{other}"), json!({"name": name.to_lowercase()})).await;
        problem(&renamed, StatusCode::CONFLICT, "already-taken", "/name");

        // Another case of its own name is no other name.
        let own = server.patch(&format!("{list}/{first}"), json!({"name": name.to_uppercase()})).await;
        assert_eq!(own.status, StatusCode::OK, "{}", own.text);
        assert_eq!(server.delete(&format!("{list}/{first}")).await.status, StatusCode::NO_CONTENT);
        let renamed = server.patch(&format!("{list}/{other}"), json!({"name": name})).await;
        assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text);
        let restored = server.post(&format!("{list}/{first}/restore"), json!({})).await;
        problem(&restored, StatusCode::CONFLICT, "already-taken", "/name");
        // What was given up by renaming is free.
        server.made(&list, json!({"name": "other"})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_pages_totals_and_filters() {
    let server = Server::start().await;
    for (plural, ..) in kinds() {
        let list = format!("/v1/{plural}");
        for name in ["Größe", "Gross%", "klein", "Klein_Klein", "Rest"] {
            server.made(&list, json!({"name": name})).await;
        }
        let names = async |query: &str| {
            let page = server.get(&format!("{list}?{query}")).await.json();
            let names: Vec<_> =
                page["data"].as_array().expect("a list").iter().map(|one| one["name"].clone()).collect();
            (names, page["total"].clone())
        };
        assert_eq!(names("name[contains]=GR%C3%96").await, (vec!["Größe".into()], 1.into()));
        assert_eq!(names("name[contains]=klein").await, (vec!["klein".into(), "Klein_Klein".into()], 2.into()));
        assert_eq!(names("name[contains]=_").await, (vec!["Klein_Klein".into()], 1.into()));
        assert_eq!(names("name[contains]=%25").await, (vec!["Gross%".into()], 1.into()));
        assert_eq!(names("name[contains]=nothing").await, (vec![], 0.into()));
        assert_eq!(names("name=KLEIN").await, (vec!["klein".into()], 1.into()));
        assert_eq!(names("name=KLEIN&name[contains]=rest").await, (vec![], 0.into()));
        assert_eq!(names("name[contains]=klein&limit=1&offset=1").await, (vec!["Klein_Klein".into()], 2.into()));
        let first = server.get(&format!("{list}?limit=3")).await.json();
        assert_eq!((&first["total"], &first["has_more"]), (&5.into(), &true.into()));
        let cursor = first["next_cursor"].as_str().expect("a cursor");
        assert_eq!(names(&format!("cursor={cursor}")).await, (vec!["Klein_Klein".into(), "Rest".into()], 5.into()));
        let foreign = server.get(&format!("{list}?name[contains]=klein&cursor={cursor}")).await;
        assert_eq!((foreign.status, foreign.json()["code"].clone()), (StatusCode::BAD_REQUEST, "bad-cursor".into()));
        assert_eq!(server.get(&format!("{list}?colour=red")).await.json()["code"], "unknown-parameter");
    }
    server.made("/v1/customers", json!({"name": "Acme", "reference": "C-10492"})).await;
    assert_eq!(server.get("/v1/customers?q=c-10492").await.json()["data"][0]["name"], "Acme");
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_stand_together_or_each_for_itself() {
    let server = Server::start().await;
    for (plural, one, body) in kinds() {
        let list = format!("/v1/{plural}");
        let id = server.made(&list, body).await;
        let batch = json!({"commands": [
            {"op": "create", one: {"name": "New"}},
            {"op": "update", "id": id, "if_version": 1, "set": {"name": "Changed"}},
            {"op": "delete", "id": id},
            {"op": "restore", "id": id},
        ]});
        let done = server.post(&format!("{list}/batch"), batch.clone()).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
        let json = done.json();
        let results = json["results"].as_array().expect("results");
        let statuses: Vec<_> = results.iter().map(|one| one["status"].as_i64().unwrap_or_default()).collect();
        assert_eq!(statuses, [201, 200, 204, 200]);
        assert_eq!((&results[0][one]["name"], &results[3][one]["name"]), (&"New".into(), &"Changed".into()));
        assert_eq!(server.get(&list).await.json()["total"], 2);

        // Once more: the version is another, and the name is taken.
        let refused = server.post(&format!("{list}/batch"), batch.clone()).await;
        problem(&refused, StatusCode::PRECONDITION_FAILED, "precondition-failed", "/commands/1/set");
        let mut alone = batch;
        alone["mode"] = "per_item".into();
        let done = server.post(&format!("{list}/batch"), alone).await.json();
        let statuses: Vec<_> = done["results"].as_array().expect("results").iter().map(|one| &one["status"]).collect();
        assert_eq!(statuses, [409, 412, 204, 200], "{done}");
        let taken = json!({"commands": [{"op": "create", one: {"name": "new"}}]});
        let taken = server.post(&format!("{list}/batch"), taken).await;
        problem(&taken, StatusCode::CONFLICT, "already-taken", &format!("/commands/0/{one}/name"));
        let other = json!({"commands": [{"op": "create", "task": {"name": "new"}}]});
        problem(
            &server.post(&format!("{list}/batch"), other).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "unknown-field",
            "",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_another_kind_s_or_another_workspace_s_is_not_there() {
    let server = Server::start().await;
    let other = server.another_workspace().await;
    let mut made = Vec::new();
    for (plural, _, body) in kinds() {
        made.push((plural, server.made(&format!("/v1/{plural}"), body).await));
    }
    for (plural, ..) in kinds() {
        for (own, id) in &made {
            let at = format!("/v1/{plural}/{id}");
            for path in [at.clone(), format!("{at}/activity")] {
                let foreign = send(ask(&server.url, &other.keys[0].token, Method::GET, &path)).await;
                problem(&foreign, StatusCode::NOT_FOUND, "not-found", "");
                if plural != *own {
                    problem(&server.get(&path).await, StatusCode::NOT_FOUND, "not-found", "");
                }
            }
            if plural != *own {
                problem(&server.patch(&at, json!({"name": "X"})).await, StatusCode::NOT_FOUND, "not-found", "");
                problem(&server.delete(&at).await, StatusCode::NOT_FOUND, "not-found", "");
            }
        }
        // The same name in another workspace is another name.
        let list = send(ask(&server.url, &other.keys[0].token, Method::GET, &format!("/v1/{plural}"))).await.json();
        assert_eq!(list["total"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_has_members_that_are_there() {
    let server = Server::start().await;
    let other = server.another_workspace().await;
    let ada = server.made("/v1/members", json!({"email": "ada@example.com", "name": "Ada"})).await;
    let owner = server.workspace.owner_id.to_string();
    let team = server.made("/v1/teams", json!({"name": "Core", "member_ids": [ada, owner, ada]})).await;
    let read = server.get(&format!("/v1/teams/{team}")).await.json();
    assert_eq!(read["member_ids"], json!([ada, owner]));
    for nobody in [other.owner_id.to_string(), team.clone(), uuid::Uuid::new_v4().to_string()] {
        let body = json!({"member_ids": [ada, nobody]});
        let refused = server.patch(&format!("/v1/teams/{team}"), body).await;
        problem(&refused, StatusCode::UNPROCESSABLE_ENTITY, "unknown-reference", "/member_ids/1");
    }
    let many: Vec<_> = (0..501).map(|_| ada.clone()).collect();
    let refused = server.patch(&format!("/v1/teams/{team}"), json!({"member_ids": many})).await;
    problem(&refused, StatusCode::UNPROCESSABLE_ENTITY, "too-many", "/member_ids");
    let left = server.patch(&format!("/v1/teams/{team}"), json!({"member_ids": [owner]})).await.json();
    assert_eq!(left["member_ids"], json!([owner]));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_values_are_named() {
    let server = Server::start().await;
    for (path, body, code, pointer) in [
        ("/v1/labels", json!({"name": "L", "color": "red"}), "not-a-color", "/color"),
        ("/v1/spaces", json!({"name": "S", "color": "#12345g"}), "not-a-color", "/color"),
        ("/v1/customers", json!({"name": "C", "email": "nobody"}), "not-an-address", "/email"),
        ("/v1/customers", json!({"name": "C", "currency": "eur"}), "not-a-currency", "/currency"),
        ("/v1/customers", json!({"name": "C", "billable_by_default": "yes"}), "wrong-type", "/billable_by_default"),
        ("/v1/teams", json!({"name": "T", "member_ids": "all"}), "wrong-type", "/member_ids"),
        ("/v1/teams", json!({"name": "T", "member_ids": ["1"]}), "invalid-id", "/member_ids/0"),
        ("/v1/positions", json!({"name": " "}), "blank", "/name"),
        ("/v1/positions", json!({}), "required", "/name"),
        ("/v1/positions", json!({"name": "P", "deleted": true}), "unknown-field", "/deleted"),
        ("/v1/positions", json!({"name": "P", "version": 7}), "unknown-field", "/version"),
    ] {
        problem(&server.post(path, body).await, StatusCode::UNPROCESSABLE_ENTITY, code, pointer);
    }
    let space = server.made("/v1/spaces", json!({"name": "S", "icon": "i"})).await;
    let cleared = server.patch(&format!("/v1/spaces/{space}"), json!({"icon": null})).await.json();
    assert_eq!(cleared["icon"], Value::Null);
    let refused = server.patch(&format!("/v1/spaces/{space}"), json!({"name": null})).await;
    problem(&refused, StatusCode::UNPROCESSABLE_ENTITY, "wrong-type", "/name");
}
