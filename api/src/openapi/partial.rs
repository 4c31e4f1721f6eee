//! What is answered to who asks for some members of a resource only: with `fields`, it is less than its schema demands.

use serde_json::{Map, Value, json};

/// Says of every operation that takes `fields` that its answer may be a part of what it is otherwise.
pub fn add(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let mut parts = Map::new();
    // One by one first: they have names.
    for of_many in [false, true] {
        let items = document["paths"].as_object_mut().into_iter().flatten().map(|(_, item)| item);
        for operation in items.filter_map(|item| item.get_mut("get")).filter(|operation| takes_fields(operation)) {
            let answer = &mut operation["responses"]["200"]["content"]["application/json"]["schema"];
            let page = flat(answer, &schemas);
            let is_page = page["properties"]["data"]["type"] == "array";
            if is_page != of_many {
                continue;
            }
            if is_page {
                *answer = page;
                let item = &mut answer["properties"]["data"]["items"];
                *item = whole_or_part(item, &schemas, &mut parts);
            } else {
                *answer = whole_or_part(answer, &schemas, &mut parts);
            }
        }
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.extend(parts);
    }
    prune(document);
}

/// Leaves out what nothing refers to any more, and then what nothing else referred to.
fn prune(document: &mut Value) {
    loop {
        let text = document.to_string();
        let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
        let before = schemas.len();
        schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
        if schemas.len() == before {
            return;
        }
    }
}

fn takes_fields(operation: &Value) -> bool {
    operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "fields"))
}

/// The schema that a reference leads to.
fn resolved<'s>(schema: &'s Value, schemas: &'s Value) -> &'s Value {
    name(schema).map_or(schema, |name| &schemas[name])
}

/// The schema as one, where it is several.
fn flat(schema: &Value, schemas: &Value) -> Value {
    let mut whole = resolved(schema, schemas).clone();
    let Some(parts) = whole["allOf"].as_array().cloned() else { return whole };
    let required =
        parts.iter().flat_map(|part| flat(part, schemas)["required"].as_array().cloned().unwrap_or_default());
    let (required, mut members) = (required.collect::<Vec<_>>(), Map::new());
    gather(&whole, schemas, &mut members);
    if let Some(schema) = whole.as_object_mut() {
        schema.remove("allOf");
        schema.extend([("type".to_owned(), json!("object")), ("properties".to_owned(), Value::Object(members))]);
        schema.insert("required".to_owned(), Value::Array(required));
    }
    whole
}

fn name(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn whole_or_part(whole: &Value, schemas: &Value, parts: &mut Map<String, Value>) -> Value {
    let whole = &by_name(whole, schemas);
    let part = part(whole, schemas);
    let named = parts.iter().find(|(_, known)| **known == part).map(|(name, _)| name.clone());
    let named = named.or_else(|| name(whole).map(|name| format!("{name}Part")));
    let part = match named {
        Some(name) => {
            let reference = json!({"$ref": format!("#/components/schemas/{name}")});
            parts.insert(name, part);
            reference
        }
        None => part,
    };
    json!({"anyOf": [whole, part]})
}

/// The schema by its name, also where it stands written out.
fn by_name(schema: &Value, schemas: &Value) -> Value {
    let known = schemas.as_object().into_iter().flatten().find(|(_, known)| *known == schema);
    known.map_or_else(|| schema.clone(), |(name, _)| json!({"$ref": format!("#/components/schemas/{name}")}))
}

fn part(whole: &Value, schemas: &Value) -> Value {
    let mut members = Map::new();
    gather(whole, schemas, &mut members);
    json!({"type": "object", "description": "Of it, what `fields` names.", "properties": members})
}

/// All members of a schema, those of its parts among them.
fn gather(schema: &Value, schemas: &Value, members: &mut Map<String, Value>) {
    let schema = resolved(schema, schemas);
    members.extend(schema["properties"].as_object().cloned().unwrap_or_default());
    schema["allOf"].as_array().into_iter().flatten().for_each(|part| gather(part, schemas, members));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_some_fields_only_is_known_to_the_document() {
        let document = crate::openapi::native();
        let answer = |path: &str| {
            document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"].clone()
        };
        let part = json!({"$ref": "#/components/schemas/TaskPart"});
        assert_eq!(answer("/v1/tasks/{id}")["anyOf"][1], part);
        assert_eq!(answer("/v1/tasks")["properties"]["data"]["items"]["anyOf"][1], part, "the same, of each");
        let members = &document["components"]["schemas"]["TaskPart"]["properties"];
        assert!(members["title"].is_object() && members["version"].is_object(), "{members}");
        let event = json!({"$ref": "#/components/schemas/EventOfResourcePart"});
        let history = answer("/v1/{resource}/{id}/history");
        assert_eq!(history["properties"]["data"]["items"]["anyOf"][1], event, "a page with something beside it");
        assert!(history["properties"]["checkpoint"].is_object() && history.get("allOf").is_none(), "{history}");
        assert!(answer("/v1/timelogs/totals").get("anyOf").is_none(), "takes no fields");
    }
}
