//! Whether an answer is what a story expects.

use std::collections::HashMap;

use serde_json::Value;

/// What a story knows by name.
pub type Known = HashMap<String, Value>;

/// A text with what is known put into it.
pub fn filled(text: &str, known: &Known) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").ok_or("an open {{")?;
        filled.push_str(before);
        match known.get(name) {
            Some(Value::String(text)) => filled.push_str(text),
            Some(value) => filled.push_str(&value.to_string()),
            None => return Err(format!("{{{{{name}}}}} is not known")),
        }
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Compares what is expected with what is there; remembers what the story wants remembered.
pub fn compare(expected: &Value, found: &Value, at: &str, known: &mut Known) -> Result<(), String> {
    match (expected, found) {
        (Value::String(text), _) if text.contains("{{") => pattern(text, found, at, known),
        (Value::Object(wanted), Value::Object(members)) => {
            let more = wanted.contains_key("...");
            for (name, value) in wanted.iter().filter(|(name, _)| *name != "...") {
                let found = members.get(name).ok_or_else(|| format!("{at}/{name} is missing"))?;
                compare(value, found, &format!("{at}/{name}"), known)?;
            }
            match members.keys().find(|name| !wanted.contains_key(*name)) {
                Some(name) if !more => Err(format!("{at}/{name} is too much")),
                _ => Ok(()),
            }
        }
        (Value::Array(wanted), Value::Array(values)) if wanted.len() == values.len() => wanted
            .iter()
            .zip(values)
            .enumerate()
            .try_for_each(|(index, (wanted, value))| compare(wanted, value, &format!("{at}/{index}"), known)),
        _ if expected == found => Ok(()),
        _ => Err(format!("{at}: expected {expected}, found {found}")),
    }
}

fn pattern(text: &str, found: &Value, at: &str, known: &mut Known) -> Result<(), String> {
    let whole = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).filter(|name| !name.contains("{{"));
    let Some(name) = whole else {
        let wanted = filled(text, known)?;
        return if found == &Value::String(wanted.clone()) {
            Ok(())
        } else {
            Err(format!("{at}: expected {wanted}, found {found}"))
        };
    };
    if let Some(value) = known.get(name) {
        let spelled = value.to_string();
        let same = value == found || found.as_str().is_some_and(|text| spelled == text);
        return if same { Ok(()) } else { Err(format!("{at}: expected {value}, found {found}")) };
    }
    let (remembered, kind) = name.split_once('=').map_or((None, name), |(name, kind)| (Some(name), kind));
    if !is(kind, found) {
        return Err(format!("{at}: {found} is not {kind}"));
    }
    if let Some(name) = remembered {
        known.insert(name.to_owned(), found.clone());
    }
    Ok(())
}

fn is(kind: &str, found: &Value) -> bool {
    let shaped = |shape: &str| {
        found.as_str().is_some_and(|text| {
            text.len() == shape.len()
                && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
                    b'0' => byte.is_ascii_digit(),
                    b'x' => byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase(),
                    other => byte == other,
                })
        })
    };
    match kind {
        "any" => true,
        "int" => found.is_i64(),
        "positive" => found.as_i64().or_else(|| found.as_str()?.parse().ok()).is_some_and(|number| number > 0),
        "text" => found.is_string(),
        "bool" => found.is_boolean(),
        "uuid" => shaped("xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx"),
        "seconds" => shaped("0000-00-00T00:00:00Z"),
        "millis" => shaped("0000-00-00T00:00:00.000Z"),
        "date" => shaped("0000-00-00"),
        "yearly" => shaped("0000-0000"),
        // `50 items`: a list of so many, whatever they are.
        _ if kind.ends_with(" items") => found.as_array().is_some_and(|found| format!("{} items", found.len()) == kind),
        _ => match kind.split_once('…') {
            // `task_…`: a text that begins so and goes on.
            Some((start, "")) => found.as_str().is_some_and(|text| text.starts_with(start) && text.len() > start.len()),
            // `…-0001`: a text that ends so and has something before.
            Some(("", end)) => found.as_str().is_some_and(|text| text.ends_with(end) && text.len() > end.len()),
            _ => panic!("there is no kind {kind}"),
        },
    }
}
