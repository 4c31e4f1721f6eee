//! What the team did lately: two sprints, one of them closed, the time it took, what was said about it.

use anyhow::Context;
use chrono::{DateTime, Days, Duration, NaiveTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::super::client::Client;
use super::super::upload::name_of;

/// How many tasks each sprint has, and how many of them were done.
const SPRINTS: [(&str, u64, usize, usize); 2] = [("Sprint 1", 21, 12, 9), ("Sprint 2", 9, 10, 4)];
/// How long a sprint is, in days.
const LENGTH: u64 = 12;
const TITLES: [&str; 6] =
    ["Sign in with a key", "Search by words", "Export as CSV", "Dark mode", "Faster start", "Help"];
const POINTS: [i64; 4] = [1, 2, 3, 5];
const COMMENTS: [&str; 4] = [
    "It is the session cookie: its path is wrong.",
    "Works for me in Safari, too.",
    "Could we ask the customer first?",
    "Done, please have a look.",
];
/// So many days, the last before today, have entries of time.
const DAYS: u64 = 20;

/// Adds it to the first of the projects, unless there are sprints already.
pub async fn fill(client: &Client, projects: &[String], members: &[String]) -> anyhow::Result<()> {
    let project = projects.first().context("there are no projects")?;
    if client.get("/v1/sprints?limit=1").await?["total"] != 0 {
        return Ok(());
    }
    let mut sprints = Vec::new();
    let mut tasks = Vec::new();
    for (name, ago, count, done) in SPRINTS {
        let sprint = sprint(client, project, name, ago).await?;
        tasks.extend(self::tasks(client, (project, &sprint), (ago, count, done), members).await?);
        act(client, &format!("/v1/sprints/{sprint}/start"), json!({})).await?;
        sprints.push(sprint);
    }
    let close = json!({"open_tasks": "move", "move_to": sprints[1]});
    act(client, &format!("/v1/sprints/{}/close", sprints[0]), close).await?;
    time(client, &tasks, members).await?;
    for (task, comment) in tasks.iter().zip(COMMENTS.iter().cycle()).take(8) {
        act(client, &format!("/v1/tasks/{task}/comments"), json!({"body": comment})).await?;
    }
    let title = json!({"title": "Welcome to the demo", "body": "Sprint 1 is closed; its burndown is worth a look."});
    act(client, "/v1/notifications", title).await.map(drop)
}

async fn act(client: &Client, path: &str, body: Value) -> anyhow::Result<Value> {
    client.post(path, &body, &name_of(&json!([path, body]))).await
}

async fn sprint(client: &Client, project: &str, name: &str, ago: u64) -> anyhow::Result<String> {
    let start = Utc::now().date_naive() - Days::new(ago);
    let body = json!({"project_id": project, "name": name, "start_date": start, "end_date": start + Days::new(LENGTH)});
    let made = act(client, "/v1/sprints", body).await?;
    Ok(made["id"].as_str().context("the server's answer has no id")?.to_owned())
}

/// The tasks of a sprint, planned on its first day, some of which were done, one after the other.
async fn tasks(
    client: &Client,
    (project, sprint): (&str, &str),
    (ago, count, done): (u64, usize, usize),
    members: &[String],
) -> anyhow::Result<Vec<String>> {
    let create = |place: usize| {
        json!({"op": "create", "task": {
            "project_id": project,
            "sprint_id": sprint,
            "title": format!("{} ({})", TITLES[place % TITLES.len()], place / TITLES.len() + 1),
            "estimate_points": POINTS[place % POINTS.len()],
            "assignee_ids": [members[place % members.len()]],
            "occurred_at": written(morning(ago)),
        }})
    };
    let created = batch(client, "/v1/tasks/batch", (0..count).map(create).collect()).await?;
    let results = created["results"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ids = results.iter().map(|result| result["task"]["id"].as_str().map(str::to_owned));
    let ids: Vec<String> = ids.collect::<Option<_>>().context("the server's answer has no ids")?;
    // Day by day, the last of them yesterday at the latest.
    let days = ago.min(LENGTH).saturating_sub(1).max(1);
    let finish = |(place, id): (usize, &String)| {
        let day = 1 + place as u64 * days / done as u64;
        let at = morning(ago - day.min(ago - 1)) + Duration::minutes(45 * (place as i64 % 9));
        json!({"op": "update", "id": id, "set": {"status": "done", "occurred_at": written(at)}})
    };
    let begun = ids.get(done).map(|id| json!({"op": "update", "id": id, "set": {"status": "in_progress"}}));
    let finished = ids.iter().take(done).enumerate().map(finish).chain(begun).collect();
    batch(client, "/v1/tasks/batch", finished).await?;
    Ok(ids)
}

/// Entries of time of some members on the days before today.
async fn time(client: &Client, tasks: &[String], members: &[String]) -> anyhow::Result<()> {
    let entry = |(place, (day, member)): (usize, (u64, &String))| {
        let start = morning(day) + Duration::minutes(place as i64 * 7 % 60);
        let minutes = 45 + place as i64 * 25 % 180;
        json!({"op": "create", "timelog": {
            "member_id": member,
            "task_id": tasks[place % tasks.len()],
            "started_at": written(start),
            "duration_seconds": minutes * 60,
        }})
    };
    let who = members.iter().take(4);
    let when = (1..=DAYS).flat_map(|day| who.clone().map(move |member| (day, member)));
    batch(client, "/v1/timelogs/batch", when.enumerate().map(entry).collect()).await.map(drop)
}

async fn batch(client: &Client, path: &str, commands: Vec<Value>) -> anyhow::Result<Value> {
    act(client, path, json!({"commands": commands})).await
}

/// Nine o'clock, so many days ago.
fn morning(days_ago: u64) -> DateTime<Utc> {
    let day = Utc::now().date_naive() - Days::new(days_ago);
    day.and_time(NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default()).and_utc()
}

fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
