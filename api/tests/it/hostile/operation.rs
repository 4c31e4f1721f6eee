//! The operations, as the OpenAPI document has them.

use reqwest::Method;
use serde_json::{Map, Value, json};

/// An API, as its document says.
pub struct Api {
    /// The first part of its addresses.
    pub mount: &'static str,
    document: Value,
    pub operations: Vec<Operation>,
}

/// One operation.
#[derive(Clone)]
pub struct Operation {
    pub method: Method,
    pub path: String,
    pub value: Value,
}

impl Api {
    /// Everything there is under `/v1`.
    pub fn read() -> Self {
        let text = docket_api::router::document().to_json().expect("a document");
        let mut api = Self::of("", serde_json::from_str(&text).expect("JSON"));
        api.operations.retain(|operation| operation.path.starts_with("/v1/"));
        assert!(api.operations.len() > 20);
        api
    }

    /// This one and those of all other products.
    pub fn all() -> Vec<Self> {
        let others = docket_api::dialects::documents().into_iter().map(|(mount, document)| Self::of(mount, document));
        std::iter::once(Self::read()).chain(others).collect()
    }

    fn of(mount: &'static str, document: Value) -> Self {
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let value = &item[method.as_str().to_lowercase()];
                if value.is_object() {
                    operations.push(Operation { method, path: path.clone(), value: value.clone() });
                }
            }
        }
        Self { mount, document, operations }
    }

    /// The paths, each once.
    pub fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<_> = self.operations.iter().map(|operation| operation.path.as_str()).collect();
        paths.dedup();
        paths
    }

    /// A schema with its references followed and its parts put together.
    pub fn schema(&self, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            return self.schema(self.document.pointer(name.trim_start_matches('#')).expect(name));
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let (mut properties, mut required) = (Map::new(), Vec::new());
            for part in parts.iter().map(|part| self.schema(part)) {
                properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
                required.extend(part["required"].as_array().cloned().unwrap_or_default());
            }
            return json!({"type": "object", "properties": properties, "required": required});
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(parts) = schema[choice].as_array()
                && let Some(part) = parts.iter().find(|part| part["type"] != "null")
            {
                return self.schema(part);
            }
        }
        schema.clone()
    }

    /// The schema of an operation's body.
    pub fn body(&self, operation: &Operation) -> Option<Value> {
        let content = operation.value["requestBody"]["content"].as_object()?;
        Some(self.schema(&content.values().next()?["schema"]))
    }

    /// Whether its body cannot do without some members: they are asked for before anything else.
    pub fn needs_members(&self, operation: &Operation) -> bool {
        let required = self.body(operation).map(|body| body["required"].clone());
        required.is_some_and(|required| required.as_array().is_some_and(|names| !names.is_empty()))
    }

    /// Whether an operation's body can't do without this member.
    pub fn requires(&self, operation: &Operation, name: &str) -> bool {
        let body = self.body(operation).unwrap_or_default();
        body["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name))
    }

    /// Whether it changes what is sent and nothing else, and passes over what it does not know.
    pub fn is_update(&self, operation: &Operation) -> bool {
        !self.mount.is_empty() && [Method::PUT, Method::PATCH].contains(&operation.method)
    }

    /// Whether saying nothing is a mistake.
    pub fn needs_body(&self, operation: &Operation) -> bool {
        self.needs_members(operation) || [Method::PUT, Method::PATCH].contains(&operation.method)
    }

    /// The members of an operation's body with their schemas.
    pub fn members(&self, operation: &Operation) -> Vec<(String, Value)> {
        let Some(body) = self.body(operation) else { return Vec::new() };
        let members = body["properties"].as_object().cloned().unwrap_or_default();
        members.into_iter().map(|(name, schema)| (name, self.schema(&schema))).collect()
    }
}

impl Operation {
    /// Where it is, with this id; a word of the path is the first of those it may be.
    pub fn target(&self, id: &str) -> String {
        let parameters = self.value["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let word = |name: &str| parameters.iter().find(|one| one["name"] == name)?["schema"]["enum"][0].as_str();
        let step = |step: &'_ str| match step.strip_prefix('{') {
            Some(name) => word(name.trim_end_matches('}')).unwrap_or(id).to_owned(),
            None => step.to_owned(),
        };
        self.path.split('/').map(step).collect::<Vec<_>>().join("/")
    }

    pub fn takes_body(&self) -> bool {
        self.value["requestBody"].is_object()
    }

    pub fn writes(&self) -> bool {
        self.method != Method::GET
    }

    /// Whether no key may do it, whatever is sent.
    pub fn is_refused(&self) -> bool {
        !self.value["responses"].as_object().is_some_and(|all| all.keys().any(|status| status.starts_with('2')))
    }

    pub fn takes_key(&self) -> bool {
        self.value["security"].as_array().is_some_and(|all| !all.is_empty())
    }

    /// Whether its answer goes on for as long as one listens.
    pub fn is_endless(&self) -> bool {
        self.value["responses"]["200"]["content"]["text/event-stream"].is_object()
    }

    pub fn is_batch(&self) -> bool {
        self.path.ends_with("/batch")
    }

    /// The parameters of its path.
    pub fn steps(&self) -> Vec<&Value> {
        let all = self.value["parameters"].as_array();
        all.into_iter().flatten().filter(|parameter| parameter["in"] == "path").collect()
    }

    /// Its query parameters.
    pub fn query(&self) -> Vec<&Value> {
        let all = self.value["parameters"].as_array();
        all.into_iter().flatten().filter(|parameter| parameter["in"] == "query").collect()
    }

    /// The scope it takes.
    pub fn scope(&self) -> Option<&str> {
        self.value["security"][0]["key"][0].as_str()
    }
}

/// Which types a schema lets in.
pub fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}
