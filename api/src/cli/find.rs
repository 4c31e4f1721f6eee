//! From what people call things to their ids, and back.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, bail};
use serde_json::Value;
use uuid::Uuid;

use super::client::{Client, Refused};
use super::pages::Pages;
use super::session::text;

/// What somebody calls a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reference {
    Id(Uuid),
    /// `142` or `#142`.
    Number(i64),
    Name(String),
}

impl Reference {
    fn read(said: &str) -> Self {
        let said = said.trim();
        if let Ok(id) = said.parse() {
            return Self::Id(id);
        }
        match said.strip_prefix('#').unwrap_or(said).parse() {
            Ok(number) if number > 0 => Self::Number(number),
            _ => Self::Name(said.to_owned()),
        }
    }
}

/// A kind of resources, and what they are called by besides id and number.
struct Kind {
    path: &'static str,
    one: &'static str,
    names: &'static [&'static str],
}

const PROJECTS: Kind = Kind { path: "/v1/projects", one: "project", names: &["name", "project_number", "code"] };
const MEMBERS: Kind = Kind { path: "/v1/members", one: "member", names: &["name", "email"] };
const TEAMS: Kind = Kind { path: "/v1/teams", one: "team", names: &["name"] };
const SPACES: Kind = Kind { path: "/v1/spaces", one: "space", names: &["name"] };
const CUSTOMERS: Kind = Kind { path: "/v1/customers", one: "customer", names: &["name", "reference"] };
const KEYS: Kind = Kind { path: "/v1/keys", one: "key", names: &["label", "kid"] };
const SPRINTS: Kind = Kind { path: "/v1/sprints", one: "sprint", names: &["name"] };
const LABELS: Kind = Kind { path: "/v1/labels", one: "label", names: &["name"] };

/// The id of a task, by its number or id.
pub async fn task(client: &Client, said: &str) -> anyhow::Result<String> {
    match Reference::read(said) {
        Reference::Id(id) => Ok(id.to_string()),
        Reference::Number(number) => {
            let page: Value = client.read("/v1/tasks", &[("number", number.to_string())]).await?.json()?;
            let id = page["data"][0]["id"].as_str().map(str::to_owned);
            id.with_context(|| format!("there is no task #{number}"))
        }
        Reference::Name(name) => bail!("{name} is no task: say its number, like 142, or its id"),
    }
}

/// The ids of several, all of them found before anything is done to any.
pub async fn tasks(client: &Client, said: &[String]) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::with_capacity(said.len());
    for one in said {
        ids.push(task(client, one).await?);
    }
    Ok(ids)
}

/// The id of a project, by its number, `2026-0142`, name, code or id.
pub async fn project(client: &Client, said: &str) -> anyhow::Result<String> {
    one(client, &PROJECTS, said).await
}

/// The id of a team, by its name, number or id.
pub async fn team(client: &Client, said: &str) -> anyhow::Result<String> {
    one(client, &TEAMS, said).await
}

/// The id of a space, by its name, number or id.
pub async fn space(client: &Client, said: &str) -> anyhow::Result<String> {
    one(client, &SPACES, said).await
}

/// The id of a customer, by its name, its number in the books, number or id.
pub async fn customer(client: &Client, said: &str) -> anyhow::Result<String> {
    one(client, &CUSTOMERS, said).await
}

/// The id of a key, by its number, label, public part or id.
pub async fn key(client: &Client, said: &str) -> anyhow::Result<String> {
    one(client, &KEYS, said).await
}

/// The id of a label, by its name, number or id.
pub async fn label(client: &Client, said: &str) -> anyhow::Result<String> {
    one(client, &LABELS, said).await
}

/// The id of a sprint, by its name, number or id.
pub async fn sprint(client: &Client, said: &str) -> anyhow::Result<String> {
    one(client, &SPRINTS, said).await
}

/// The id of a member, by name, e-mail address, number or id, or `me`.
pub async fn member(client: &Client, said: &str) -> anyhow::Result<String> {
    if said != "me" {
        return one(client, &MEMBERS, said).await;
    }
    let me = client.get("/v1/me").await?;
    Ok(me["member"]["id"].as_str().context("this key acts for no member: say which one instead of me")?.to_owned())
}

/// The id of what is said, null for `none`; nothing, if nothing is said.
pub async fn maybe(
    said: Option<&str>,
    find: impl AsyncFn(&str) -> anyhow::Result<String>,
) -> anyhow::Result<Option<Value>> {
    match said {
        None => Ok(None),
        Some("none") => Ok(Some(Value::Null)),
        Some(said) => Ok(Some(find(said).await?.into())),
    }
}

/// The ids of all that are said, none for `none`; nothing, if nothing is said.
pub async fn several(
    said: &[String],
    find: impl AsyncFn(&str) -> anyhow::Result<String>,
) -> anyhow::Result<Option<Value>> {
    match said {
        [] => Ok(None),
        [one] if one == "none" => Ok(Some(Value::Array(Vec::new()))),
        several => {
            let mut ids = Vec::with_capacity(several.len());
            for one in several {
                ids.push(Value::from(find(one).await?));
            }
            Ok(Some(ids.into()))
        }
    }
}

async fn one(client: &Client, kind: &Kind, said: &str) -> anyhow::Result<String> {
    let reference = Reference::read(said);
    match reference {
        Reference::Id(id) => Ok(id.to_string()),
        _ => choose(&client.all(kind.path).await?, kind, &reference),
    }
}

fn choose(there: &[Value], kind: &Kind, reference: &Reference) -> anyhow::Result<String> {
    let is_meant = |one: &&Value| match reference {
        Reference::Id(id) => text(one, "id") == id.to_string(),
        Reference::Number(number) => one["number"].as_i64() == Some(*number),
        Reference::Name(name) => kind.names.iter().any(|field| text(one, field).to_lowercase() == name.to_lowercase()),
    };
    let found: Vec<&Value> = there.iter().filter(is_meant).collect();
    match (&found[..], reference) {
        ([one], _) => Ok(text(one, "id").to_owned()),
        ([], Reference::Name(name)) => bail!("there is no {} called {name}{}", kind.one, near(there, kind, name)),
        ([], Reference::Number(number)) => bail!("there is no {} #{number}", kind.one),
        ([], Reference::Id(id)) => bail!("there is no {} {id}", kind.one),
        (several, _) => {
            let numbers: Vec<String> = several.iter().map(|one| format!("#{}", one["number"])).collect();
            bail!("several {}s are called so; say the number: {}", kind.one, numbers.join(", "))
        }
    }
}

/// Those whose names have these characters in them.
fn near(there: &[Value], kind: &Kind, name: &str) -> String {
    let name = name.to_lowercase();
    let called = |one: &Value| kind.names.iter().any(|field| text(one, field).to_lowercase().contains(&name));
    let near: Vec<&str> = there.iter().filter(|one| called(one)).map(|one| text(one, kind.names[0])).take(3).collect();
    if near.is_empty() { String::new() } else { format!("; is it {}?", near.join(", or ")) }
}

/// The names of these resources; of those that the key may not see, as much of the id as tells them from others.
pub async fn names(client: &Client, path: &str, mut wanted: BTreeSet<&str>) -> anyhow::Result<HashMap<String, String>> {
    let short = |id: &str| id.chars().take(8).collect();
    let mut names = wanted.iter().map(|id| ((*id).to_owned(), short(id))).collect::<HashMap<_, _>>();
    let mut pages = Pages::new(client, path, Vec::new());
    while !wanted.is_empty() {
        let page = match pages.next::<Value>().await {
            Ok(Some(page)) => page,
            Ok(None) => break,
            Err(error) if error.downcast_ref::<Refused>().is_some_and(Refused::is_forbidden) => break,
            Err(error) => return Err(error),
        };
        for one in page.data.iter().filter(|one| wanted.remove(text(one, "id"))) {
            names.insert(text(one, "id").to_owned(), text(one, "name").to_owned());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_ids_and_names_are_told_apart() {
        let id = "7d444840-9dc0-41d1-b245-5ffdce74fad2";
        assert_eq!(Reference::read(id), Reference::Id(id.parse().expect("an id")));
        assert_eq!(Reference::read("142"), Reference::Number(142));
        assert_eq!(Reference::read("#142"), Reference::Number(142));
        for name in ["2026-0142", "Website", "0", "#", "-1"] {
            assert_eq!(Reference::read(name), Reference::Name(name.to_owned()));
        }
    }

    #[test]
    fn a_name_means_one_or_says_why_not() {
        let there = [
            json!({"id": "a", "number": 1, "name": "Website", "project_number": "2026-0001"}),
            json!({"id": "b", "number": 2, "name": "Mobile app", "project_number": "2026-0002"}),
            json!({"id": "c", "number": 3, "name": "website", "project_number": "2026-0003"}),
        ];
        let chosen = |said: &str| choose(&there, &PROJECTS, &Reference::read(said)).map_err(|error| error.to_string());
        assert_eq!(chosen("mobile APP"), Ok("b".to_owned()));
        assert_eq!(chosen("2026-0003"), Ok("c".to_owned()));
        assert_eq!(chosen("#1"), Ok("a".to_owned()));
        assert_eq!(chosen("website"), Err("several projects are called so; say the number: #1, #3".to_owned()));
        assert_eq!(chosen("mobile"), Err("there is no project called mobile; is it Mobile app?".to_owned()));
        assert_eq!(chosen("9"), Err("there is no project #9".to_owned()));
    }
}
