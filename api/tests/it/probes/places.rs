//! Where in a request a name can stand: found in the documents, so that an operation that is added is probed by being
//! there.

use reqwest::Method;
use serde_json::{Value, json};

use super::bodies::{self, Step};
use crate::hostile::operation::{Api, Operation, types};
use crate::hostile::things::{Form, Things, kind_of, prefixed};

/// A place in a request.
pub struct Place<'a> {
    pub api: &'a Api,
    pub operation: Operation,
    pub spot: Spot,
    /// What it is called.
    pub name: String,
}

/// Which part of the request it is.
#[derive(Clone, Debug)]
pub enum Spot {
    Path,
    Query,
    /// The member of a body that one gets to so; in a batch, of a command with this `op`.
    Body(Option<&'static str>, Vec<Step>),
}

/// A request, ready to be sent.
pub struct Asked {
    pub target: String,
    pub body: Option<Value>,
}

impl Asked {
    /// The same with more in its query string.
    pub fn with(mut self, query: &str) -> Self {
        self.target.push(if self.target.contains('?') { '&' } else { '?' });
        self.target.push_str(query);
        self
    }
}

/// Every place of these APIs.
pub fn places(apis: &[Api]) -> Vec<Place<'_>> {
    let mut places = Vec::new();
    for api in apis {
        for operation in api.operations.iter().filter(|operation| !operation.is_endless()) {
            for operation in spelled_out(operation) {
                of_operation(api, &operation, &mut places);
            }
        }
    }
    places
}

impl<'a> Place<'a> {
    /// No place in particular: as it is asked, it is a request as it should be.
    pub fn nowhere(api: &'a Api, operation: Operation) -> Self {
        Place { api, operation, spot: Spot::Path, name: String::new() }
    }
}

/// The operation once for each word that a step of its path may be.
pub fn spelled_out(operation: &Operation) -> Vec<Operation> {
    let steps = operation.steps();
    let Some(step) = steps.iter().find(|step| step["schema"]["enum"].is_array()) else {
        return vec![operation.clone()];
    };
    let hole = format!("{{{}}}", step["name"].as_str().expect("a name"));
    let words = step["schema"]["enum"].as_array().expect("words").iter().filter_map(Value::as_str);
    words.map(|word| Operation { path: operation.path.replace(&hole, word), ..operation.clone() }).collect()
}

fn of_operation<'a>(api: &'a Api, operation: &Operation, places: &mut Vec<Place<'a>>) {
    let mut add = |spot, name: &str| {
        places.push(Place { api, operation: operation.clone(), spot, name: name.to_owned() });
    };
    for step in operation.steps() {
        let name = step["name"].as_str().expect("a name");
        if operation.path.contains(&format!("{{{name}}}")) {
            add(Spot::Path, name);
        }
    }
    for parameter in operation.query() {
        let schema = api.schema(&parameter["schema"]);
        let schema = if schema["type"] == "array" { api.schema(&schema["items"]) } else { schema };
        let name = parameter["name"].as_str().expect("a name");
        let counts = ["limit", "offset", "page", "wait"].contains(&name);
        let names = types(&schema).is_empty() || types(&schema).contains(&"string") || types(&schema) == ["integer"];
        let is_a_word = schema["enum"].is_array() || schema["format"].as_str().is_some_and(|one| one.contains("date"));
        if names && !counts && !is_a_word {
            add(Spot::Query, name);
        }
    }
    if operation.method != Method::DELETE
        && let Some(body) = api.body(operation)
    {
        for (op, route) in bodies::routes(api, operation, &body) {
            let name = route.iter().rev().find_map(Step::name).expect("a member").to_owned();
            add(Spot::Body(op, route), &name);
        }
    }
}

impl Place<'_> {
    /// Whether a name of this form may stand here at all.
    pub fn takes(&self, form: Form) -> bool {
        match form {
            Form::Cursor => self.name == "cursor",
            Form::Position => self.name == "position" && matches!(self.spot, Spot::Path),
            Form::Number => !self.api.mount.is_empty() || self.name.starts_with("number"),
            Form::Id => self.name != "cursor",
            Form::Prefixed => self.api.mount == "/generic",
        }
    }

    /// What names usually look like here.
    pub fn form(&self) -> Form {
        match (self.api.mount, self.name.as_str()) {
            (_, "cursor") => Form::Cursor,
            (_, "position") if matches!(self.spot, Spot::Path) => Form::Position,
            (_, "number") | ("/ikreo", _) => Form::Number,
            ("/generic", _) => Form::Prefixed,
            _ => Form::Id,
        }
    }

    /// The kind of what is named here.
    pub fn kind(&self) -> Option<&'static str> {
        kind_of(&self.name, &self.operation.path)
    }

    /// The request with this name in this place, and of one's own wherever else something is named.
    pub fn asked(&self, own: &Things, name: &str) -> Asked {
        let Operation { path, value, .. } = &self.operation;
        let mut target = format!("{}{path}", self.api.mount);
        for step in self.operation.steps() {
            let step = step["name"].as_str().expect("a name");
            let here = step == self.name && matches!(self.spot, Spot::Path);
            let own = self.own(own, step).unwrap_or_else(|| "1".to_owned());
            target = target.replace(&format!("{{{step}}}"), if here { name } else { &own });
        }
        let mut query = Vec::new();
        for one in self.operation.query() {
            let (schema, parameter) = (self.api.schema(&one["schema"]), one["name"].as_str().expect("a name"));
            if parameter == self.name && matches!(self.spot, Spot::Query) {
                query.push(format!("{parameter}={name}"));
            } else if one["required"] == true {
                let own = self.own(own, parameter);
                let example = one["example"].as_str().or(schema["enum"][0].as_str()).map(str::to_owned);
                query.push(format!("{parameter}={}", own.or(example).unwrap_or_else(|| "1".to_owned())));
            }
        }
        if !query.is_empty() {
            target = format!("{target}{}{}", if target.contains('?') { '&' } else { '?' }, query.join("&"));
        }
        let body = value["requestBody"].is_object().then(|| match &self.spot {
            Spot::Body(op, route) => bodies::with(self, own, *op, route, name),
            _ => bodies::usual(self, own),
        });
        Asked { target, body }
    }

    /// What of one's own such a parameter or member names, as this API writes it.
    pub fn own(&self, own: &Things, name: &str) -> Option<String> {
        let (id, number) = own.named(name, &self.operation.path)?;
        match self.api.mount {
            "/ikreo" => Some(number.clone()),
            "/generic" => prefixed(kind_of(name, &self.operation.path)?, id),
            _ => Some(id.clone()),
        }
    }

    /// The same as a JSON value.
    pub fn json(&self, name: &str) -> Value {
        match name.parse::<i64>() {
            Ok(number) if self.api.mount == "/ikreo" => json!(number),
            _ => json!(name),
        }
    }
}
