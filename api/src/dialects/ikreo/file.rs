//! One file for everything: which operation a request to it means.

use axum::http::{HeaderValue, Method, Uri};

use super::OPERATIONS;
use crate::auth::access::Verb;
use crate::dialects::dialect::Operation;
use crate::dialects::ids;
use crate::edge::query;
use crate::problem::Problem;

/// Where it is.
pub const FILE: &str = "/api.php";

/// Its endpoint, and whether it is about one thing.
pub fn place(path: &str) -> Option<(&str, bool)> {
    let place = path.strip_prefix(FILE)?.strip_prefix('/')?;
    Some(place.strip_suffix("/{id}").map_or((place, false), |endpoint| (endpoint, true)))
}

/// The operation behind a request to the file, as a path that nobody can send.
pub fn behind(method: &Method, uri: &Uri) -> Result<Option<Uri>, Problem> {
    if uri.path() != FILE {
        let inside = uri.path().starts_with(FILE);
        return if inside { Err(Problem::not_found()) } else { Ok(None) };
    }
    let query = uri.query().unwrap_or_default();
    let sent = query::pairs(query)?;
    let find = |wanted: &str| sent.iter().find(|(name, value)| name == wanted && !value.is_empty());
    let missing = |name: &'static str| Problem::parameter(name, "required", "is required");
    let (_, endpoint) = find("endpoint").ok_or_else(|| missing("endpoint"))?;
    let there: Vec<&Operation> =
        OPERATIONS.iter().filter(|operation| place(operation.path).is_some_and(|(name, _)| name == endpoint)).collect();
    if there.is_empty() {
        return Err(Problem::not_found());
    }
    let takes = |one: bool| {
        let fits = |operation: &&&Operation| place(operation.path).is_some_and(|(_, of_one)| of_one == one);
        there.iter().filter(fits).any(|operation| Some(operation.method) == Verb::of(method))
    };
    let path = match (find("id"), takes(true), takes(false)) {
        (Some((_, id)), true, _) => format!("{FILE}/{endpoint}/{}", ids::number(id).unwrap_or(0)),
        (_, _, true) => format!("{FILE}/{endpoint}"),
        (None, true, _) => return Err(missing("id")),
        _ => return Err(Problem::method_not_allowed(allow(&there))),
    };
    format!("{path}?{query}").parse().map(Some).map_err(|_| Problem::not_found())
}

/// All methods of an endpoint.
fn allow(operations: &[&Operation]) -> HeaderValue {
    let is_there = |verb: &Verb| operations.iter().any(|operation| operation.method == *verb);
    let all = [Verb::Get, Verb::Post, Verb::Put, Verb::Delete].into_iter().filter(is_there);
    let names = all.map(|verb| if verb == Verb::Get { "GET,HEAD".to_owned() } else { verb.lower().to_uppercase() });
    HeaderValue::try_from(names.collect::<Vec<_>>().join(",")).unwrap_or(HeaderValue::from_static("GET,HEAD"))
}
