//! What every resource has, as the document says it: one that is added has it too, or it is said here why not.

use serde_json::Value;

/// The document of the native API.
fn paths() -> serde_json::Map<String, Value> {
    let document = docket_api::router::document().to_json().expect("a document");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    document["paths"].as_object().expect("paths").clone()
}

/// Where resources are listed, and made one by one.
fn collections(paths: &serde_json::Map<String, Value>) -> Vec<&str> {
    let makes = |item: &Value| item["get"].is_object() && item["post"]["responses"]["201"].is_object();
    paths.iter().filter(|(_, item)| makes(item)).map(|(path, _)| path.as_str()).collect()
}

/// Whether an operation takes this parameter.
fn takes(operation: &Value, name: &str) -> bool {
    operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == name))
}

#[test]
fn what_can_be_made_can_be_made_in_batches() {
    let paths = paths();
    let all = collections(&paths);
    assert!(all.len() > 12, "{all:?}");
    // The token of a key is shown once, in an answer of its own.
    let singly = |path: &&str| !paths.contains_key(&format!("{path}/batch"));
    assert_eq!(all.into_iter().filter(singly).collect::<Vec<_>>(), ["/v1/keys"]);
}

#[test]
fn what_can_be_restored_can_be_found() {
    let paths = paths();
    let list = |path: &str| Some(path.strip_suffix("/restore")?.rsplit_once('/')?.0.to_owned());
    let restored: Vec<_> = paths.keys().filter_map(|path| list(path)).collect();
    assert!(restored.len() > 10, "{restored:?}");
    for path in &restored {
        assert!(takes(&paths[path]["get"], "deleted"), "{path}");
    }
    for path in collections(&paths).into_iter().filter(|path| takes(&paths[*path]["get"], "deleted")) {
        assert!(restored.iter().any(|known| known == path), "{path}");
    }
}

#[test]
fn what_there_is_one_of_has_its_activity() {
    let paths = paths();
    for path in collections(&paths) {
        // A phase's is its project's; a comment's does not name the task, for that is what it is about.
        let resource = path.rsplit('/').next().expect("a name");
        let activity = format!("/v1/{resource}/{{id}}/activity");
        assert!(paths.contains_key(&activity) || resource == "phases", "{path}");
    }
}

#[test]
fn all_lists_have_pages_and_parts() {
    let paths = paths();
    for path in collections(&paths) {
        for name in ["limit", "cursor", "offset", "fields"] {
            assert!(takes(&paths[path]["get"], name), "{path}: {name}");
        }
    }
}
