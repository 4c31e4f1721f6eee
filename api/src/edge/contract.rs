//! What the OpenAPI document says of each operation, held for all of them: it takes no other parameters, and answers
//! only in a type that the caller takes.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

use super::query::pairs;
use crate::problem::Problem;

/// The operations of a document.
pub struct Contract(HashMap<(Method, String), Terms>);

/// What one operation says of itself.
#[derive(Default)]
struct Terms {
    /// Its query parameters.
    parameters: Vec<String>,
    /// The types it answers in; none, if it answers without a body.
    types: Vec<String>,
}

impl Contract {
    /// What a document says.
    pub fn of(document: &OpenApi) -> Arc<Self> {
        let mut all = HashMap::new();
        for (path, item) in &document.paths.paths {
            let operations = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            for (method, operation) in operations {
                if let Some(operation) = operation {
                    all.insert((method, path.clone()), Terms::of(operation));
                }
            }
        }
        Arc::new(Self(all))
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let Some(terms) = self.0.get(&(method.clone(), path.to_owned())) else { return Ok(()) };
        terms.check_parameters(request.uri().query().unwrap_or_default())?;
        terms.check_accept(request.headers())
    }
}

impl Terms {
    fn of(operation: &Operation) -> Self {
        let mut terms = Self::default();
        for parameter in operation.parameters.iter().flatten() {
            if let RefOr::T(parameter) = parameter
                && matches!(parameter.parameter_in, ParameterIn::Query)
            {
                terms.parameters.push(parameter.name.clone());
            }
        }
        for (status, response) in &operation.responses.responses {
            if let RefOr::T(response) = response
                && status.starts_with('2')
            {
                terms.types.extend(response.content.keys().cloned());
            }
        }
        terms
    }

    fn check_parameters(&self, query: &str) -> Result<(), Problem> {
        if query.is_empty() {
            return Ok(());
        }
        let sent = pairs(query)?;
        let Some((name, _)) = sent.into_iter().find(|(name, _)| !self.parameters.iter().any(|known| known == name))
        else {
            return Ok(());
        };
        let known: Vec<_> = self.parameters.iter().map(|name| format!("`{name}`")).collect();
        let detail = if known.is_empty() {
            format!("unknown parameter `{name}`: this operation takes none")
        } else {
            format!("unknown parameter `{name}`, expected one of {}", known.join(", "))
        };
        Err(Problem::parameter(name.into_owned(), "unknown-parameter", detail))
    }

    fn check_accept(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if self.types.is_empty() || self.types.iter().any(|kind| takes(headers, kind)) {
            return Ok(());
        }
        let detail = format!("This operation answers {}.", self.types.join(" or "));
        Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", detail))
    }
}

/// Whether `Accept` lets a type pass: the range that fits it best decides (RFC 9110 §12.5.1).
pub fn takes(headers: &HeaderMap, kind: &str) -> bool {
    let mut sent = headers.get_all(header::ACCEPT).iter().peekable();
    if sent.peek().is_none() {
        return true;
    }
    let family = kind.split('/').next().unwrap_or_default();
    let mut best = (0, false);
    for range in sent.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let fit = match name.split_once('/') {
            _ if name.eq_ignore_ascii_case(kind) => 3,
            Some((own, "*")) if own.eq_ignore_ascii_case(family) => 2,
            Some(("*", "*")) => 1,
            _ => 0,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        if fit > best.0 {
            best = (fit, weight.is_ok_and(|weight| weight > 0.0));
        }
    }
    best.1
}

/// The layer: goes inside the guard, so that nobody without a key learns anything.
pub async fn hold(State(contract): State<Arc<Contract>>, request: Request, next: Next) -> Response {
    match contract.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_fitting_range_decides() {
        let takes = |accept: &str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().expect("a header"))]);
            takes(&headers, "application/json")
        };
        for good in [
            "application/json",
            "*/*",
            "application/*",
            "text/html, */*;q=0.1",
            "APPLICATION/JSON",
            "text/csv;q=1,application/json;q=0.5",
        ] {
            assert!(takes(good), "{good}");
        }
        for bad in [
            "text/html",
            "application/xml",
            "application/json;q=0",
            "application/json;q=0, */*",
            "text/*",
            "",
            "json",
            "*/*;q=0",
        ] {
            assert!(!takes(bad), "{bad}");
        }
        assert!(super::takes(&HeaderMap::new(), "application/json"));
    }
}
