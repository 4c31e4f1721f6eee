//! The document of a dialect, made of the tables its answers are made of, and the page that shows it.

mod answers;
mod parameters;
mod schemas;

use axum::Router;
use serde_json::{Map, Value, json};

pub use schemas::any_of;

use super::dialect::{Act, Dialect, Operation, Resource, Token};
use crate::auth::access::{self, Verb};
use crate::openapi::{HTML, TEXT, llms, text, yaml};

/// `/openapi.json`, `/openapi.yaml` and the page of a mount.
pub fn pages<S: Clone + Send + Sync + 'static>(dialect: &'static Dialect) -> Router<S> {
    let page = crate::openapi::page(dialect.title, &format!("{}/openapi.json", dialect.mount));
    let routes = Router::new()
        .route("/llms.txt", text(TEXT, move || llms::full(&[(dialect.mount, &document(dialect))])))
        .route("/openapi.json", text("application/json", move || served(dialect).to_string()))
        .route("/openapi.yaml", text("application/yaml", move || yaml::of(&served(dialect))));
    let html = |page: &str| {
        let page = page.to_owned();
        text(HTML, move || page.clone())
    };
    let routes = ["/docs"].iter().chain(dialect.pages).fold(routes, |routes, path| routes.route(path, html(&page)));
    let Some((paths, guide)) = dialect.guide else { return routes };
    let guide = crate::openapi::guide(dialect.title, guide);
    paths.iter().fold(routes, |routes, path| routes.route(path, html(&guide)))
}

/// The OpenAPI 3.1 document of a dialect, as it is served.
pub fn served(dialect: &'static Dialect) -> Value {
    let document = document(dialect);
    match dialect.gathered {
        Some(gather) => gather(document),
        None => document,
    }
}

/// What the document of a dialect says, with the address of each operation as clients write it.
pub fn document(dialect: &'static Dialect) -> Value {
    let native = crate::openapi::native();
    let mut paths = Map::new();
    let mut schemas = Map::new();
    let mut failures = Map::new();
    for operation in dialect.operations {
        for resource in shown(operation) {
            let name = schemas::name(dialect, resource);
            schemas.entry(name).or_insert_with(|| schemas::shown(dialect, resource, native));
        }
        answers::failures(dialect, operation, &mut failures);
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        item[operation.method.lower()] = described(dialect, operation, native);
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": dialect.title, "version": env!("CARGO_PKG_VERSION"), "description": dialect.about,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": dialect.mount}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": failures,
            "securitySchemes": keys(dialect),
        },
    });
    match dialect.document {
        Some(make) => make(document),
        None => document,
    }
}

/// What an operation may show.
fn shown(operation: &Operation) -> impl Iterator<Item = &'static Resource> {
    let found: &'static [&'static Resource] = if let Act::Do(own) = &operation.act { own.finds } else { &[] };
    operation.resource().into_iter().chain(found.iter().copied())
}

/// Where a key may be, and what scopes there are.
fn keys(dialect: &Dialect) -> Value {
    let scopes = access::scopes().iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(", ");
    let verbs = access::VERBS.map(|verb| format!("`{verb}`")).join(", ");
    let about = format!(
        "An API key. Each operation says which scopes it takes. There are {scopes}; {verbs} each stand for all scopes \
         that end so, but for that of the audit, and `{}` for all.",
        access::ADMIN
    );
    let mut keys = json!({"key": {"type": "http", "scheme": "bearer", "description": about}});
    match dialect.token {
        Token::Bearer => {}
        Token::Header(name) => keys["elsewhere"] = json!({"type": "apiKey", "in": "header", "name": name}),
        Token::Parameter(name) => keys["elsewhere"] = json!({"type": "apiKey", "in": "query", "name": name}),
    }
    keys
}

/// What an operation is about: the first step of its path that is no version or the like.
fn tag(path: &str) -> &str {
    let about = |step: &&str| !step.is_empty() && !["api", "api.php", "v1"].contains(step);
    path.split('/').find(about).unwrap_or("other")
}

/// A noun in lower case: `TimeEntry` is "time entry".
fn words(noun: &str) -> String {
    let mut words = String::new();
    for letter in noun.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn one(noun: &str) -> String {
    let words = words(noun);
    format!("{} {words}", if words.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" })
}

fn plural(noun: &str) -> String {
    match words(noun) {
        person if person == "person" => "people".to_owned(),
        words => words.strip_suffix('y').map_or_else(|| format!("{words}s"), |stem| format!("{stem}ies")),
    }
}

fn described(dialect: &Dialect, operation: &Operation, native: &Value) -> Value {
    let (rule, scopes) = (operation.rule(), operation.scopes());
    let takes = match rule {
        Some(rule) => {
            let scopes = match scopes.as_slice() {
                [] => "any valid key".to_owned(),
                [one] => format!("the scope `{one}`"),
                all => format!("the scopes `{}`", all.join("`, `")),
            };
            format!("Takes {scopes} and the role {:?} or above.", rule.role)
        }
        None => "Takes no key.".to_owned(),
    };
    let about = match &operation.act {
        Act::List(resource, _) => format!("Lists {}.", plural(resource.noun)),
        Act::Get(resource) => format!("Shows {}.", one(resource.noun)),
        Act::Create(resource) => format!("Creates {}.", one(resource.noun)),
        Act::Update(resource) => format!("Changes what is sent of {}.", one(resource.noun)),
        Act::Delete(resource) => format!("Takes {} away.", one(resource.noun)),
        Act::Do(own) => own.about.to_owned(),
        Act::Refuse(why, _) => format!("For people who are signed in; a key is refused. {why}"),
    };
    let security = match (rule, &dialect.token) {
        (None, _) => json!([]),
        (Some(_), Token::Bearer) => json!([{"key": scopes}]),
        (Some(_), _) => json!([{"key": scopes}, {"elsewhere": scopes}]),
    };
    let mut described = json!({
        "operationId": operation.id,
        "tags": [tag(operation.path)],
        "summary": about,
        "description": takes,
        "security": security,
        "parameters": parameters::of(dialect, operation, native),
        "responses": answers::of(dialect, operation),
    });
    if let Some(body) = schemas::body(dialect, operation, native) {
        // What is taken away may be named in the address as well.
        let required = operation.method != Verb::Delete;
        described["requestBody"] = json!({"required": required, "content": {"application/json": {"schema": body}}});
    }
    described
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_are_spoken_of_as_people_do() {
        assert_eq!(
            (plural("Task"), plural("TimeEntry"), plural("Person")),
            ("tasks".into(), "time entries".into(), "people".into())
        );
        assert_eq!(
            (one("Issue"), one("ApiKey"), one("Task")),
            ("an issue".into(), "an api key".into(), "a task".into())
        );
        assert_eq!((tag("/api/issues/{id}"), tag("/api.php/tasks"), tag("/projects")), ("issues", "tasks", "projects"));
    }
}
