//! JSON bodies: those of any object, as the dialects read them, and those of native operations.

use docket_api::edge::json;
use docket_api::problem::Problem;
use docket_api::routes::tasks::{create::CreateTask, update::UpdateTask};
use docket_api::routes::timelogs::log::LogTime;
use docket_api::routes::{comments, projects, webhooks};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What is accepted is what any reader of JSON makes of it, small and shallow, and reads the same when it is written anew.
pub fn objects(bytes: &[u8]) {
    match json::parse::<Map<String, Value>>(bytes) {
        Ok(object) => {
            assert_eq!(serde_json::from_slice::<Map<String, Value>>(bytes).ok().as_ref(), Some(&object));
            assert!(object.len() <= 256 && depth(&object.clone().into()) <= 17);
            let text = serde_json::to_string(&object).expect("JSON");
            assert!(!text.contains("\\u0000"));
            assert_eq!(json::parse::<Map<String, Value>>(text.as_bytes()).ok(), Some(object));
        }
        Err(problem) => refused(&problem),
    }
}

/// A body that an operation takes, it takes in any spelling; one that it refuses, it refuses for a reason.
pub fn patches(bytes: &[u8]) {
    reads::<CreateTask>(bytes);
    reads::<UpdateTask>(bytes);
    reads::<LogTime>(bytes);
    reads::<projects::update::UpdateProject>(bytes);
    reads::<comments::create::CreateComment>(bytes);
    reads::<webhooks::replay::ReplayWebhook>(bytes);
}

fn reads<T: DeserializeOwned>(bytes: &[u8]) {
    let whole = json::parse::<Map<String, Value>>(bytes);
    match (json::parse::<T>(bytes), whole) {
        (Ok(_), Ok(object)) => {
            let text = serde_json::to_vec_pretty(&object).expect("JSON");
            assert!(json::parse::<T>(&text).is_ok(), "{}", String::from_utf8_lossy(&text));
        }
        (Ok(_), Err(problem)) => panic!("taken, but no object: {problem:?}"),
        (Err(problem), _) => refused(&problem),
    }
}

fn refused(problem: &Problem) {
    assert!([400, 422].contains(&problem.status.as_u16()), "{problem:?}");
    assert!(!problem.code.is_empty());
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(all) => 1 + all.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}
