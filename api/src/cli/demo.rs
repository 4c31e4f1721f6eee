//! Filling the demo workspace: tasks as a team would have them, spread over projects, people, labels and months. What they
//! did lately is in `work`.

mod work;

use anyhow::{Context, ensure};
use chrono::{Days, SecondsFormat, Utc};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::client::Client;
use super::upload::{self, name_of};

/// Name, code, state, customer.
const PROJECTS: [(&str, &str, &str, Option<usize>); 8] = [
    ("Website", "WEB", "in_progress", Some(0)),
    ("Mobile app", "APP", "in_progress", Some(1)),
    ("Billing", "BILL", "planned", None),
    ("Search", "FIND", "completed", None),
    ("Onboarding", "JOIN", "in_progress", None),
    ("Data platform", "DATA", "backlog", None),
    ("Customer portal", "PORTAL", "planned", Some(2)),
    ("Infrastructure", "INFRA", "in_progress", None),
];
const CUSTOMERS: [(&str, &str, bool); 3] =
    [("Northwind Traders", "C-1001", true), ("Contoso", "C-1002", true), ("Fabrikam", "C-1003", false)];
const SPACES: [(&str, &str); 2] = [("Clients", "#0e8a16"), ("Inside", "#1d76db")];
const POSITIONS: [&str; 3] = ["Engineer", "Designer", "Product manager"];
const PHASES: [&str; 3] = ["Design", "Build", "Launch"];
const PEOPLE: [&str; 12] = [
    "Ada Lovelace",
    "Grace Hopper",
    "Alan Turing",
    "Katherine Johnson",
    "Edsger Dijkstra",
    "Barbara Liskov",
    "Ken Thompson",
    "Radia Perlman",
    "Donald Knuth",
    "Margaret Hamilton",
    "Tony Hoare",
    "Frances Allen",
];
const LABELS: [(&str, &str); 8] = [
    ("bug", "#d73a4a"),
    ("feature", "#0e8a16"),
    ("docs", "#0075ca"),
    ("security", "#b60205"),
    ("performance", "#fbca04"),
    ("design", "#d4c5f9"),
    ("customer", "#f9d0c4"),
    ("tech debt", "#c5def5"),
];
const VERBS: [&str; 12] = [
    "Fix",
    "Add",
    "Rewrite",
    "Document",
    "Measure",
    "Remove",
    "Test",
    "Translate",
    "Review",
    "Speed up",
    "Simplify",
    "Investigate",
];
const THINGS: [&str; 16] = [
    "the login page",
    "invoice export",
    "the search index",
    "the sign-up form",
    "push notifications",
    "the nightly job",
    "the settings screen",
    "error messages",
    "the import wizard",
    "keyboard shortcuts",
    "the audit view",
    "rate limiting",
    "the mobile layout",
    "date handling",
    "the billing webhook",
    "the onboarding tour",
];
const WHERES: [&str; 8] = [
    "on slow networks",
    "for new customers",
    "in Safari",
    "after the migration",
    "for large workspaces",
    "before the release",
    "in dark mode",
    "for screen readers",
];
const STATUSES: [&str; 10] =
    ["done", "done", "done", "done", "todo", "todo", "in_progress", "in_review", "backlog", "cancelled"];
const PRIORITIES: [&str; 6] = ["none", "low", "medium", "medium", "high", "urgent"];
const MONTHS: u64 = 18;

/// Adds `count` tasks, and the projects, people and labels they need.
pub async fn fill(client: &Client, count: u32) -> anyhow::Result<()> {
    let people: Vec<Value> = PEOPLE.iter().map(|name| json!({"name": name, "email": email(name)})).collect();
    let members = ensure(client, "/v1/members", people, "email").await?;
    positions(client, &members).await?;
    let labels = LABELS.map(|(name, color)| json!({"name": name, "color": color})).to_vec();
    let labels = ensure(client, "/v1/labels", labels, "name").await?;
    let projects = projects(client, &members).await?;
    let mut random = StdRng::seed_from_u64(client.get("/v1/tasks?limit=1").await?["total"].as_u64().unwrap_or(0));
    let tasks = (0..count).map(|_| task(&mut random, &projects, &members, &labels)).collect();
    let bar = upload::bar(count.into(), "demo tasks");
    let done = upload::upload(client, tasks, &bar).await?;
    ensure!(done.refused.is_empty(), "the server refused demo tasks: {}", done.refused[0].why);
    bar.finish_and_clear();
    work::fill(client, &projects, &members).await
}

/// Everybody has one.
async fn positions(client: &Client, members: &[String]) -> anyhow::Result<()> {
    let positions = POSITIONS.map(|name| json!({"name": name})).to_vec();
    let positions = ensure(client, "/v1/positions", positions, "name").await?;
    let set = |(place, id): (usize, &String)| json!({"op": "update", "id": id, "set": {"position_id": positions[place % positions.len()]}});
    let commands: Vec<Value> = members.iter().enumerate().map(set).collect();
    let body = json!({"commands": commands});
    client.post("/v1/members/batch", &body, &name_of(&body)).await.map(drop)
}

/// The ids of the projects, which have customers and phases.
async fn projects(client: &Client, members: &[String]) -> anyhow::Result<Vec<String>> {
    let customer = |(name, reference, billable): (&str, &str, bool)| json!({"name": name, "reference": reference, "billable_by_default": billable});
    let customers = ensure(client, "/v1/customers", CUSTOMERS.map(customer).to_vec(), "name").await?;
    let teams: Vec<_> = ["Product", "Platform"].iter().map(|name| json!({"name": name})).collect();
    let teams = ensure(client, "/v1/teams", teams, "name").await?;
    let spaces = SPACES.map(|(name, color)| json!({"name": name, "color": color})).to_vec();
    let spaces = ensure(client, "/v1/spaces", spaces, "name").await?;
    let project = |(place, (name, code, status, customer)): (usize, &(&str, &str, &str, Option<usize>))| {
        json!({
            "name": name,
            "code": code,
            "status": status,
            "customer_id": customer.map(|place| &customers[place]),
            "team_id": teams[place % teams.len()],
            "space_id": spaces[usize::from(customer.is_none())],
            "lead_id": members[place % members.len()],
        })
    };
    let bodies = PROJECTS.iter().enumerate().map(project).collect();
    let projects = ensure(client, "/v1/projects", bodies, "name").await?;
    for project in &projects {
        let path = format!("/v1/projects/{project}/phases");
        if client.get(&path).await?["total"] == 0 {
            for body in PHASES.map(|name| json!({"name": name})) {
                client.post(&path, &body, &name_of(&json!([path, body]))).await?;
            }
        }
    }
    Ok(projects)
}

fn email(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase().replace(' ', "."))
}

/// The ids of these resources, each created unless one like it is there.
async fn ensure(client: &Client, path: &str, wanted: Vec<Value>, key: &str) -> anyhow::Result<Vec<String>> {
    let there = client.all(path).await?;
    let mut ids = Vec::with_capacity(wanted.len());
    for body in wanted {
        let known = there.iter().find(|one| one[key] == body[key]).cloned();
        let one = match known {
            Some(one) => one,
            None => client.post(path, &body, &name_of(&json!([path, body]))).await?,
        };
        ids.push(one["id"].as_str().context("the server's answer has no id")?.to_owned());
    }
    Ok(ids)
}

fn task(random: &mut StdRng, projects: &[String], members: &[String], labels: &[String]) -> Value {
    let mut one = |from: &[&str]| (*from.choose(random).unwrap_or(&"")).to_owned();
    let title = format!("{} {} {}", one(&VERBS), one(&THINGS), one(&WHERES));
    let (status, priority) = (one(&STATUSES), one(&PRIORITIES));
    let age = Days::new(random.random_range(0..MONTHS * 30));
    let created = Utc::now() - age - chrono::Duration::seconds(random.random_range(60..86_400));
    let due = random.random_bool(0.4).then(|| created.date_naive() + Days::new(random.random_range(3..60)));
    let (people, tags) = (random.random_range(0..3), random.random_range(0..3));
    json!({
        "project_id": projects.choose(random),
        "title": title,
        "status": status,
        "priority": priority,
        "assignee_ids": members.choose_multiple(random, people).collect::<Vec<_>>(),
        "label_ids": labels.choose_multiple(random, tags).collect::<Vec<_>>(),
        "due_date": due,
        "occurred_at": created.to_rfc3339_opts(SecondsFormat::Micros, true),
    })
}
