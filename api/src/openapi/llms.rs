//! OpenAPI documents as text for those who read better than they click: `/llms.txt`, an index (llmstxt.org), and
//! `/llms-full.txt`, everything.

use std::fmt::Write as _;

use serde_json::Value;

/// The index of some documents, each with the path it is served below.
pub fn index(documents: &[(&str, &Value)]) -> String {
    let mut text =
        "# Docket\n\n> A project-management backend whose history is its database: one native API, and other \
                    products' APIs over the same history.\n\n## APIs\n\n"
            .to_owned();
    for (base, document) in documents {
        let title = document["info"]["title"].as_str().unwrap_or_default();
        let count = operations(document).count();
        let _ = writeln!(text, "- [{title}]({base}/openapi.json): {count} operations");
    }
    text.push_str("\n## Reference\n\n- [Everything in one file](/llms-full.txt)\n- [Reference page](/docs)\n");
    text
}

/// All operations of some documents.
pub fn full(documents: &[(&str, &Value)]) -> String {
    let mut text = String::new();
    for (base, document) in documents {
        let info = &document["info"];
        let (title, about) = (info["title"].as_str(), info["description"].as_str());
        let _ = writeln!(text, "# {}\n\n{}\n", title.unwrap_or_default(), about.unwrap_or_default());
        for (path, method, operation) in operations(document) {
            let _ = writeln!(text, "## {} {base}{path}\n", method.to_uppercase());
            for about in ["summary", "description"].iter().filter_map(|name| operation[name].as_str()) {
                let _ = writeln!(text, "{about}\n");
            }
            describe(&mut text, operation, document);
        }
    }
    text
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten().filter(|(_, operation)| operation.is_object());
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn describe(text: &mut String, operation: &Value, document: &Value) {
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let place = parameter["in"].as_str().unwrap_or_default();
        let _ = writeln!(text, "- `{name}` ({place}): {}", kind(&parameter["schema"], document));
    }
    let body = operation["requestBody"]["content"].as_object().and_then(|content| content.values().next());
    if let Some(schema) = body.map(|content| resolved(&content["schema"], document)) {
        text.push_str("\nBody:\n\n");
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let required = schema["required"].as_array().is_some_and(|names| names.contains(&name.as_str().into()));
            let _ =
                writeln!(text, "- `{name}`{}: {}", if required { ", required" } else { "" }, kind(member, document));
        }
    }
    text.push('\n');
}

fn resolved<'d>(schema: &'d Value, document: &'d Value) -> &'d Value {
    let target = schema["$ref"].as_str().and_then(|path| document.pointer(path.trim_start_matches('#')));
    target.unwrap_or(schema)
}

/// A schema in a few words.
fn kind(schema: &Value, document: &Value) -> String {
    let schema = resolved(schema, document);
    if let Some(words) = schema["enum"].as_array() {
        return words
            .iter()
            .map(|word| format!("`{}`", word.as_str().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(", ");
    }
    let any = ["anyOf", "oneOf", "allOf"].iter().find_map(|of| schema[of].as_array());
    if let Some(kinds) = any {
        return kinds.iter().map(|schema| kind(schema, document)).collect::<Vec<_>>().join(" or ");
    }
    let of = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        other => other.as_str().unwrap_or("any").to_owned(),
    };
    let about = schema["description"].as_str().or(schema["format"].as_str());
    about.map_or_else(|| of.clone(), |about| format!("{of}, {about}"))
}
