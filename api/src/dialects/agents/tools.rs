//! What agents may do: each operation of a dialect as a tool, as its document describes it.

use std::sync::OnceLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Uri, header};
use reqwest::Url;
use serde_json::{Map, Value, json};

use super::message::{Call, Refusal};
use crate::auth::Caller;
use crate::auth::access::Verb;
use crate::dialects::dialect::{Act, Dialect, Operation};
use crate::dialects::inbound::Object;
use crate::dialects::openapi;
use crate::edge::json;

/// The tools of a dialect.
pub struct Tools {
    dialect: &'static Dialect,
    all: OnceLock<Vec<Tool>>,
}

/// An operation as a tool.
struct Tool {
    operation: &'static Operation,
    /// What belongs into its query string.
    asks: Vec<String>,
    /// Whether it takes a body.
    takes: bool,
    /// What is said of it.
    about: Value,
}

/// The request that a call stands for, still without the headers of its message.
pub struct Meant {
    method: Method,
    uri: Url,
    body: Option<Object>,
}

impl Tools {
    /// Those of a dialect.
    pub fn of(dialect: &'static Dialect) -> Self {
        Self { dialect, all: OnceLock::new() }
    }

    /// Who answers, in this version of the protocol.
    pub fn introduction(&self, version: &str) -> Value {
        json!({
            "protocolVersion": version,
            "capabilities": {"tools": {}},
            "serverInfo": {"name": self.dialect.name, "title": self.dialect.title, "version": env!("CARGO_PKG_VERSION")},
        })
    }

    /// What this caller may do.
    pub fn of_caller(&self, caller: &Caller) -> Vec<&Value> {
        let all = self.all().iter();
        let may = all.filter(|tool| tool.operation.admit(&tool.operation.scopes(), caller).is_ok());
        may.map(|tool| &tool.about).collect()
    }

    /// The request behind a call.
    pub fn request(&self, call: &Call<'_>) -> Result<Meant, Refusal> {
        let tool = self.all().iter().find(|tool| tool.operation.id == call.tool);
        tool.ok_or_else(|| Refusal::unknown("tool"))?.request(call.arguments.clone())
    }

    fn all(&self) -> &[Tool] {
        self.all.get_or_init(|| {
            let document = openapi::document(self.dialect);
            let usable = self.dialect.operations.iter().filter(|operation| !matches!(operation.act, Act::Refuse(..)));
            usable.map(|it| Tool::of(it, &document["paths"][it.path][it.method.lower()])).collect()
        })
    }
}

impl Tool {
    fn of(operation: &'static Operation, described: &Value) -> Self {
        let parameters = || described["parameters"].as_array().into_iter().flatten();
        let name = |parameter: &Value| parameter["name"].as_str().unwrap_or_default().to_owned();
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for parameter in parameters().filter(|parameter| parameter["in"] != "header") {
            let mut schema = parameter["schema"].clone();
            if let Some(about) = parameter.get("description") {
                schema["description"] = about.clone();
            }
            properties.insert(name(parameter), schema);
            if parameter["required"] == true {
                required.push(parameter["name"].clone());
            }
        }
        let body = &described["requestBody"]["content"][json::JSON]["schema"];
        properties.extend(body["properties"].as_object().cloned().unwrap_or_default());
        required.extend(body["required"].as_array().cloned().unwrap_or_default());
        let said = |name: &str| described[name].as_str().unwrap_or_default();
        let about = json!({
            "name": operation.id,
            "description": format!("{} {}", said("summary"), said("description")),
            "inputSchema": {"type": "object", "properties": properties, "required": required},
            "annotations": {
                "readOnlyHint": operation.method == Verb::Get,
                "destructiveHint": operation.method == Verb::Delete,
                "idempotentHint": !matches!(operation.method, Verb::Post),
                "openWorldHint": false,
            },
        });
        let asks = parameters().filter(|parameter| parameter["in"] == "query").map(name).collect();
        Self { operation, asks, takes: body.is_object(), about }
    }

    fn request(&self, mut arguments: Object) -> Result<Meant, Refusal> {
        let mut path = String::new();
        for step in self.operation.path.split('/').skip(1) {
            let name = step.strip_prefix('{').and_then(|step| step.strip_suffix('}'));
            let value = name.map(|name| id(name, arguments.remove(name).as_ref())).transpose()?;
            path = [path.as_str(), "/", value.as_deref().unwrap_or(step)].concat();
        }
        let (asked, told): (Object, Object) =
            arguments.into_iter().partition(|(name, _)| !self.takes || self.asks.contains(name));
        let mut uri = Url::parse("http://mount").map_err(|_| Refusal::unknown("tool"))?;
        uri.set_path(&path);
        for (name, value) in &asked {
            if let Some(value) = in_query(name, value)? {
                uri.query_pairs_mut().append_pair(name, &value);
            }
        }
        let method = self.operation.method.lower().to_uppercase();
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| Refusal::unknown("tool"))?;
        Ok(Meant { method, uri, body: self.takes.then_some(told) })
    }
}

/// An id in a path. It can be nothing that has a meaning there.
fn id(name: &str, value: Option<&Value>) -> Result<String, Refusal> {
    let id = value.and_then(Value::as_str).filter(|id| !id.is_empty());
    let is_one = |id: &&str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    id.filter(is_one).map(str::to_owned).ok_or_else(|| Refusal::argument(name, "must be an id"))
}

/// A value in a query string: several are joined by commas, and null is none.
fn in_query(name: &str, value: &Value) -> Result<Option<String>, Refusal> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(|value| in_query(name, value)).collect::<Result<_, _>>()?;
            values.into_iter().flatten().collect::<Vec<_>>().join(",")
        }
        Value::Object(_) => return Err(Refusal::argument(name, "must be a text, a number or a list of them")),
    }))
}

impl Meant {
    /// The request as whoever sent the message would have sent it: what their address asks of any request holds too.
    pub fn sent_with(mut self, mut parts: Parts) -> Request {
        if let Some(query) = parts.uri.query() {
            let asked = self.uri.query().map_or_else(|| query.to_owned(), |own| [query, "&", own].concat());
            self.uri.set_query(Some(&asked));
        }
        let query = self.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        parts.uri = Uri::try_from([self.uri.path(), &query].concat()).unwrap_or_default();
        parts.method = self.method;
        match self.body {
            Some(body) => {
                parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(json::JSON));
                Request::from_parts(parts, Body::from(Value::Object(body).to_string()))
            }
            None => Request::from_parts(parts, Body::empty()),
        }
    }
}
