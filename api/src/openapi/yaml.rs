//! JSON as YAML 1.2: blocks for objects and lists, and every scalar as JSON writes it, which YAML reads alike.

use serde_json::Value;

/// A document.
pub fn of(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

/// Writes a value behind `key:` or `-`, and the end of its line.
fn write(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                text.push_str(&indent);
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                below(member, depth, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                text.push_str(&indent);
                text.push('-');
                below(item, depth, text);
            }
        }
        scalar => {
            text.push_str(&indent);
            text.push_str(&scalar.to_string());
            text.push('\n');
        }
    }
}

fn below(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            text.push('\n');
            write(value, depth + 1, text);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            write(value, depth + 1, text);
        }
        scalar => {
            text.push(' ');
            text.push_str(&scalar.to_string());
            text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_scalars_as_json_writes_them() {
        let value = serde_json::json!({"a": [1, {"b": "yes: \n#"}, [], {}], "c": {"/x/{id}": null, "d": true}});
        let text = "\"a\":\n  - 1\n  -\n    \"b\": \"yes: \\n#\"\n  - []\n  - {}\n\"c\":\n  \"/x/{id}\": null\n  \"d\": true\n";
        assert_eq!(of(&value), text);
    }
}
