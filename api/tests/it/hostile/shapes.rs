//! What a failure is in each API: with which status, in which shape.

use serde_json::Value;

use crate::server::Answer;

/// What has to come of a request. Statuses are ours: what other products say instead is known here.
#[derive(Clone, Debug)]
pub enum Expected {
    /// One of these statuses.
    Status(&'static [u16]),
    /// Anything but these statuses.
    Not(&'static [u16]),
    /// This status and, natively, this code.
    Code(u16, &'static str),
    /// This status, and a complaint about this place: a JSON pointer, or a parameter.
    At(u16, String),
}

impl Expected {
    pub fn fits(&self, mount: &str, answer: &Answer) -> bool {
        let (status, problem) = (answer.status.as_u16(), answer.json());
        let native = mount.is_empty();
        match self {
            Self::Status(statuses) => statuses.iter().any(|one| says(mount, *one, false).contains(&status)),
            Self::Not(statuses) => !statuses.contains(&status),
            Self::Code(one, code) => {
                says(mount, *one, false).contains(&status) && (!native || problem["code"] == *code)
            }
            Self::At(one, place) if native => status == *one && is_at(&problem, place),
            Self::At(one, place) => says(mount, *one, true).contains(&status) && names(&answer.text, place),
        }
    }
}

/// What an API says for a status of ours; whether it is known to be about a field.
fn says(mount: &str, status: u16, of_field: bool) -> Vec<u16> {
    let known = [401, 403, 404, 405, 429].contains(&status) || status < 400;
    match mount {
        "/krokanti" if [415, 422].contains(&status) => vec![400],
        "" | "/krokanti" => vec![status],
        _ if known => vec![status],
        "/projekt" => match status {
            400 | 422 if of_field => vec![422],
            400 | 422 => vec![400, 422],
            409 | 412 => vec![409],
            _ => vec![400],
        },
        _ => vec![400],
    }
}

/// Whether a failure is in the shape of its API.
pub fn is_failure_of(mount: &str, answer: &Answer) -> bool {
    let (body, status) = (answer.json(), answer.status.as_u16());
    let kind = if mount.is_empty() { "application/problem+json" } else { "application/json" };
    let shaped = match mount {
        "" => {
            body["status"] == status
                && body["request_id"].as_str() == Some(answer.header("x-request-id"))
                && body["code"].is_string()
        }
        "/ikreo" => {
            body["error"] == true && body["code"] == status && body["message"].is_string() && body["docs"].is_string()
        }
        "/krokanti" | "/projekt" => body["error"].is_string(),
        "/pike" => ["code", "message", "requestId"].iter().all(|name| body["error"][name].is_string()),
        "/generic" => body["success"] == false && body["error"]["code"].is_string(),
        other => panic!("what does {other} answer?"),
    };
    shaped && answer.header("content-type") == kind
}

fn is_at(problem: &Value, place: &str) -> bool {
    let within = |pointer: &Value| {
        let rest = pointer.as_str().and_then(|pointer| pointer.strip_prefix(place));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let errors = problem["errors"].as_array();
    errors.is_some_and(|errors| errors.iter().any(|error| within(&error["pointer"]) || error["parameter"] == place))
}

/// Whether a text speaks of the member, as people write its name.
fn names(text: &str, place: &str) -> bool {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    plain(text).contains(&plain(place.rsplit('/').next().unwrap_or_default()))
}
