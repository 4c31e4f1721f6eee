//! `docket timer`

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value};

use super::client::{Client, Refused};
use super::find;
use super::out::say;
use super::session::{Session, attempt, text};

/// Measure the time you work.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    session: Session,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Start your timer; one that runs is stopped by the same stroke.
    Start(Start),
    /// Stop your timer.
    Stop,
    /// Say what your timer is running for.
    Status,
}

#[derive(clap::Args)]
struct Start {
    /// On which task: its number, like 142, or its id.
    #[arg(required_unless_present = "project")]
    task: Option<String>,
    /// For which project, by number, name or id, if it is for no task.
    #[arg(long, short, conflicts_with = "task")]
    project: Option<String>,
    /// What you do.
    #[arg(long, short)]
    note: Option<String>,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let session = args.session;
    let client = session.client()?;
    match args.command {
        Command::Start(args) => start(&session, &client, args).await,
        Command::Stop => stop(&session, &client).await,
        Command::Status => status(&session, &client).await,
    }
}

async fn start(session: &Session, client: &Client, args: Start) -> anyhow::Result<()> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<String>| value.map(|value| body.insert(name.to_owned(), value.into()));
    if let Some(task) = args.task {
        put("task_id", Some(find::task(client, &task).await?));
    }
    if let Some(project) = args.project {
        put("project_id", Some(find::project(client, &project).await?));
    }
    put("note", args.note);
    // The day that time counts for is the day it is here.
    put("time_zone", iana_time_zone::get_timezone().ok());
    let answer = client.change(Method::POST, "/v1/timelogs/start", &body.into(), &attempt()).await?;
    let what = if session.is_json() { String::new() } else { what(client, &answer.json()?).await };
    session.show(&answer, |_| format!("The timer runs for {what}."))
}

async fn stop(session: &Session, client: &Client) -> anyhow::Result<()> {
    let answer = client.change(Method::POST, "/v1/timelogs/stop", &Value::Object(Map::new()), &attempt()).await?;
    let what = if session.is_json() { String::new() } else { what(client, &answer.json()?).await };
    session.show(&answer, |timelog| {
        let worked = TimeDelta::seconds(timelog["duration_seconds"].as_i64().unwrap_or_default());
        format!("Stopped after {}: {what}.", spell(worked))
    })
}

async fn status(session: &Session, client: &Client) -> anyhow::Result<()> {
    let is_missing = |refused: &Refused| refused.status == StatusCode::NOT_FOUND;
    let answer = match client.read("/v1/timelogs/running", &[]).await {
        Err(error) if error.downcast_ref().is_some_and(is_missing) => {
            return if session.is_json() { say!("null") } else { say!("No timer runs.") };
        }
        answer => answer?,
    };
    let what = if session.is_json() { String::new() } else { what(client, &answer.json()?).await };
    session.show(&answer, |timelog| {
        let since: Option<DateTime<Utc>> = text(timelog, "started_at").parse().ok();
        let worked = since.map_or_else(TimeDelta::zero, |since| Utc::now() - since);
        format!("The timer has run for {}: {what}.", spell(worked))
    })
}

/// What a timelog is for, in words. The timer matters more than the name: whatever keeps that from being read is no
/// error here.
async fn what(client: &Client, timelog: &Value) -> String {
    let (path, id) = match timelog["task_id"].as_str() {
        Some(task) => ("/v1/tasks", task),
        None => ("/v1/projects", text(timelog, "project_id")),
    };
    let note = timelog["note"].as_str().map(|note| format!(" ({note})")).unwrap_or_default();
    match client.get(&format!("{path}/{id}")).await {
        Ok(one) => {
            let name = one["title"].as_str().unwrap_or_else(|| text(&one, "name"));
            format!("#{} {name}{note}", one["number"])
        }
        Err(_) => format!("{id}{note}"),
    }
}

/// A time, in hours and minutes; a short one in seconds.
fn spell(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spelled_as_people_say_them() {
        let spelled = [-3, 0, 59, 60, 3599, 3600, 36_061].map(|seconds| spell(TimeDelta::seconds(seconds)));
        assert_eq!(spelled, ["0 s", "0 s", "59 s", "1 min", "59 min", "1 h 00 min", "10 h 01 min"]);
    }
}
