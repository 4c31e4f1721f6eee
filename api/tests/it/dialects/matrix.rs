//! Every API sees what every other one did: the same things, in its own words.

mod doors;
mod form;
mod things;
mod world;

use reqwest::Method;
use serde_json::{Value, json};

use doors::{Door, Field, doors};
use form::Form;
use world::World;

/// Walks along the doors of these kinds: makes one through each that makes any, changes it through each way to, and looks
/// at it through all of them each time.
async fn walk(kinds: &[&str]) {
    let (mut world, all) = (World::new().await, doors());
    for kind in kinds {
        let doors: Vec<&Door> = all.iter().filter(|door| door.kind == *kind).collect();
        for writer in doors.iter().filter(|door| door.makes()) {
            let mut now = world.make(&doors, writer).await;
            world.all_see(&doors, &now, true, "among all").await;
            for way in writer.changes() {
                for (name, value) in things::changes(kind) {
                    let Some(field) = writer.fields.iter().find(|one| one.ours == name && one.changed) else {
                        continue;
                    };
                    let value = world.filled(value, "");
                    let said = world.theirs(writer, field, &value);
                    // A word that says what is so already changes nothing.
                    let idle = world.theirs(writer, field, &now[name]) == said;
                    let meant = if idle { now[name].clone() } else { field.form.meant(&value, &said) };
                    now = world.change(writer, way, &now, field, &said).await;
                    let why = format!("{kind}: {name} = {said} through {} {way}", writer.api);
                    assert_eq!(now[name], meant, "{why}");
                    world.all_see(&doors, &now, false, &why).await;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_written_through_one_is_seen_through_all() {
    walk(&["task"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_written_through_one_is_seen_through_all() {
    walk(&["project", "sprint", "timelog", "notification", "space", "customer", "member"]).await;
}

/// Our own words are understood everywhere, and theirs in any case and spacing.
#[tokio::test(flavor = "multi_thread")]
async fn words_are_understood_however_they_are_spelled() {
    let (mut world, all) = (World::new().await, doors());
    let doors: Vec<&Door> = all.iter().filter(|door| door.kind == "task").collect();
    for writer in doors.iter().filter(|door| door.api != "native" && door.makes()) {
        let mut now = world.make(&doors, writer).await;
        let way = writer.changes().next().expect("a way").clone();
        for (name, ours) in
            things::changes("task").into_iter().filter(|(name, _)| ["status", "priority"].contains(name))
        {
            let field = writer.fields.iter().find(|field| field.ours == name).expect("a field");
            let theirs = world.theirs(writer, field, &ours);
            if let Some(word) = theirs.as_str() {
                let spaced = word.to_uppercase().replace(['_', ' '], "  ");
                now = world.change(writer, &way, &now, field, &json!(spaced)).await;
                assert_eq!(now[name], field.form.meant(&ours, &theirs), "{spaced} through {}", writer.api);
            }
            now = world.change(writer, &way, &now, field, &ours).await;
            let is_theirs = matches!(field.form, Form::Word(words) if words.iter().any(|(_, word)| *word == ours));
            let meant = if is_theirs { field.form.meant(&ours, &ours) } else { ours.clone() };
            assert_eq!(now[name], meant, "{ours} through {}", writer.api);
        }
    }
}

/// What one reads and writes back says nothing new, and if one word of it is another one, nothing but that.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_and_is_written_back_changes_nothing() {
    let (mut world, all) = (World::new().await, doors());
    for native in all.iter().filter(|door| door.api == "native") {
        for life in things::lives(native.kind) {
            let mut now = world.live(native, life).await;
            for door in all.iter().filter(|door| door.kind == native.kind) {
                for way in door.changes() {
                    now = write_back(&mut world, native, door, way, now).await;
                }
            }
        }
    }
}

/// Writes back what a door shows of something, first as it is, then with another name; answers the native document.
async fn write_back(world: &mut World, native: &Door, door: &Door, way: &Method, now: Value) -> Value {
    let mut all = world.seen(door, &now, false).await;
    if door.api == "native" {
        // Our own API takes no member that it does not know how to change, and no end away.
        let changed = |name: &str| door.fields.iter().any(|field| field.changed && field.ours == name);
        let is_open = |name: &str, value: &Value| name == "ended_at" && value.is_null();
        all.as_object_mut().expect("members").retain(|name, value| changed(name) && !is_open(name, value));
    }
    world.write(door, way, &now, &all).await;
    assert_eq!(world.seen(native, &now, false).await, now, "{way} {all} through {}", door.api);
    let is_name = |field: &&Field| field.changed && ["title", "name", "note"].contains(&field.ours);
    let Some(name) = door.fields.iter().find(is_name) else { return now };
    let word = json!(format!("Written through {} {way}", door.api));
    all[name.theirs] = word.clone();
    world.write(door, way, &now, &all).await;
    let then = world.seen(native, &now, false).await;
    let mut expected = now;
    expected[name.ours] = word;
    for moving in ["version", "updated_at"] {
        expected[moving] = then[moving].clone();
    }
    assert_eq!(then, expected, "{way} {all} through {}", door.api);
    then
}

/// Sprints and timers begin and end; archives are filled and emptied.
#[tokio::test(flavor = "multi_thread")]
async fn what_begins_through_one_ends_through_another() {
    let (mut world, all) = (World::new().await, doors());
    let of = |kind: &str| all.iter().filter(|door| door.kind == kind).collect::<Vec<_>>();
    let (sprint, task) = (world.known["sprint"].clone(), world.known["task"].clone());
    let project = world.known["other"].clone();
    for (api, method, path, body, kind, name, expected) in [
        (
            "projekt",
            Method::POST,
            format!("/projekt/api/sprints/{sprint}/start"),
            json!({}),
            "sprint",
            "status",
            "active",
        ),
        ("native", Method::POST, "/v1/timelogs/start".into(), json!({"task_id": task}), "timelog", "ended_at", "null"),
        ("projekt", Method::POST, "/projekt/api/time-entries/stop".into(), json!({}), "timelog", "note", "null"),
        (
            "projekt",
            Method::POST,
            "/projekt/api/time-entries/start".into(),
            json!({"issue_id": task}),
            "timelog",
            "ended_at",
            "null",
        ),
        (
            "projekt",
            Method::PUT,
            format!("/projekt/api/projects/{project}"),
            json!({"archived": true}),
            "project",
            "archived",
            "true",
        ),
        (
            "native",
            Method::PATCH,
            format!("/v1/projects/{project}"),
            json!({"archived": false}),
            "project",
            "archived",
            "false",
        ),
    ] {
        let answer = world.send(api, &method, &path, Some(&body)).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        // What is archived is among no others.
        let doors: Vec<&Door> = of(kind).into_iter().filter(|door| kind != "project" || door.one.is_some()).collect();
        let now = match kind {
            "project" => world.seen(doors[0], &json!({"id": project}), false).await,
            "sprint" => world.seen(doors[0], &json!({"id": sprint}), false).await,
            _ => world.newest(doors[0]).await,
        };
        assert_eq!(now[name].as_str().unwrap_or(&now[name].to_string()), expected, "{path}: {now}");
        if kind != "timelog" || now["ended_at"].is_string() {
            world.all_see(&doors, &now, false, &path).await;
        } else {
            // While a timer runs, it has no end; ikreo says that it counts nothing yet.
            let entry = world.seen(doors[1], &now, false).await;
            assert_eq!((&entry["ended_at"], &entry["duration_seconds"]), (&Value::Null, &Value::Null), "{entry}");
            let log = world.seen(doors[2], &now, true).await;
            assert_eq!((&log["ended_at"], &log["duration_seconds"]), (&Value::Null, &json!(0)), "{log}");
        }
    }
}
