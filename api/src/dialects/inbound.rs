//! The way in: a product's body as the body of the native operation.

use serde_json::{Map, Value};

use super::dialect::Resource;
use super::field::{Codec, Field};
use super::ids::{IdForm, Ids, Kind, Known};
use crate::problem::{At, FieldError, Problem};

/// A product's JSON object.
pub type Object = Map<String, Value>;

/// A native body, and what could not be translated into it. Errors have our names until all is read.
#[derive(Clone)]
pub struct Body {
    /// What could be.
    pub native: Object,
    errors: Vec<FieldError>,
}

/// The native body behind theirs. What they may say and we don't know is passed over, as they do it.
pub async fn native(
    resource: &'static Resource,
    sent: &Object,
    creating: bool,
    ids: &mut Ids<'_>,
) -> Result<Body, Problem> {
    if ids.known.form == IdForm::Number {
        for (field, value) in understood(resource, sent, creating) {
            if let Codec::Id(kind) | Codec::Ids(kind) = &field.codec {
                ids.learn_numbers(kind, numbers(value)).await?;
            }
        }
    }
    Ok(translated(resource, sent, creating, &ids.known))
}

impl Body {
    /// Reads the body natively, and says all at once that is wrong with it. One reading finds one mistake: what it was
    /// about is left out, and the rest is read again. What is missed only then may be missed for that reason.
    pub fn read<T>(self, read: impl Fn(&[u8]) -> Result<T, Problem>) -> Result<T, Problem> {
        let Self { mut native, mut errors } = self;
        let mut is_whole = true;
        loop {
            let problem = match read(&serde_json::to_vec(&native).unwrap_or_default()) {
                Ok(done) if errors.is_empty() => return Ok(done),
                Ok(_) => return Err(Problem::fields(errors)),
                Err(problem) => problem,
            };
            let known = |name: &str| errors.iter().any(|error| member(&error.at) == name);
            match problem.errors.first().map(|error| member(&error.at).to_owned()) {
                None if errors.is_empty() => return Err(problem),
                None => return Err(Problem::fields(errors)),
                Some(_) if !is_whole && problem.code == "required" => return Err(Problem::fields(errors)),
                Some(name) => {
                    let (was_known, was_there) = (known(&name), native.remove(&name).is_some());
                    is_whole &= !was_there;
                    if !was_known {
                        errors.extend(problem.errors);
                    } else if !was_there {
                        return Err(Problem::fields(errors));
                    }
                }
            }
        }
    }
}

/// The member of a body that something is about.
fn member(at: &At) -> &str {
    let (At::Pointer(name) | At::Parameter(name)) = at;
    name.trim_start_matches('/').split('/').next().unwrap_or_default()
}

fn understood<'s>(
    resource: &'static Resource,
    sent: &'s Object,
    creating: bool,
) -> impl Iterator<Item = (&'static Field, &'s Value)> {
    let fields = resource.fields.iter().filter(move |field| field.written.is_now(creating));
    fields.filter_map(|field| sent.get(field.theirs).map(|value| (field, value)))
}

fn numbers(value: &Value) -> Vec<i64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => value.as_i64().into_iter().collect(),
    }
}

/// The same, once all numbers are known that can be.
pub fn translated(resource: &'static Resource, sent: &Object, creating: bool, ids: &Known) -> Body {
    let mut native = Object::new();
    let mut errors = Vec::new();
    let wrong = |field: &Field, code, detail| FieldError::new(format!("/{}", field.ours), code, detail);
    if creating {
        let usual = resource.fields.iter().filter_map(|field| Some((field.ours.to_owned(), field.usual?.into())));
        native.extend(usual);
    }
    let is_said = |field: &Field| sent.get(field.theirs).is_some_and(|value| !value.is_null() && value != "");
    for field in resource.fields.iter().filter(|field| creating && field.required && !is_said(field)) {
        errors.push(wrong(field, "required", "is required".to_owned()));
    }
    for (field, value) in understood(resource, sent, creating) {
        if errors.iter().any(|error| member(&error.at) == field.ours) {
            continue;
        }
        match ours(field, value, ids) {
            Ok(value) => drop(native.insert(field.ours.to_owned(), value)),
            Err((code, detail)) => errors.push(wrong(field, code, detail)),
        }
    }
    Body { native, errors }
}

type Wrong = (&'static str, String);

fn ours(field: &Field, value: &Value, ids: &Known) -> Result<Value, Wrong> {
    match &field.codec {
        Codec::Words(words) => match value {
            Value::Null => Ok(words.nothing().map_or(Value::Null, Value::from)),
            Value::String(word) => words.ours(word).map(Value::from).ok_or_else(|| one_of(&words.listed())),
            _ => Err(one_of(&words.listed())),
        },
        Codec::Flag(yes, no) => match value {
            Value::String(word) if word == yes => Ok(true.into()),
            Value::String(word) if word == no => Ok(false.into()),
            Value::Null => Ok(Value::Null),
            _ => Err(one_of(&[yes, no])),
        },
        Codec::Id(_) if value.is_null() => Ok(Value::Null),
        Codec::Id(kind) => id(kind, value, ids),
        Codec::Ids(kind) => {
            let values = value.as_array().ok_or_else(|| ("wrong-type", "must be a list of ids".to_owned()))?;
            values.iter().map(|value| id(kind, value, ids)).collect()
        }
        _ => Ok(value.clone()),
    }
}

fn id(kind: &Kind, value: &Value, ids: &Known) -> Result<Value, Wrong> {
    if ids.form == IdForm::Number && value.as_i64().is_none() {
        return Err(("wrong-type", "must be a whole number".to_owned()));
    }
    let found = ids.read_json(kind, value).ok_or_else(|| ("not-found", "does not exist".to_owned()))?;
    Ok(found.to_string().into())
}

fn one_of(words: &[&str]) -> Wrong {
    ("one-of", format!("must be one of: {}", words.join(", ")))
}

/// A problem with our names in it, in theirs.
pub fn in_their_words(problem: Problem, resource: &Resource) -> Problem {
    let named = |ours: &str, among: &[Field]| {
        among.iter().find(|field| field.ours == ours).map_or_else(|| ours.to_owned(), |field| field.theirs.to_owned())
    };
    let errors = problem.errors.into_iter().map(|error| {
        let at = match &error.at {
            At::Pointer(pointer) => {
                let mut steps = pointer.trim_start_matches('/').splitn(2, '/');
                let theirs = named(steps.next().unwrap_or_default(), resource.fields);
                At::Pointer(
                    steps.next().map_or_else(|| format!("/{theirs}"), |rest| format!("/{theirs}/{rest}")).into(),
                )
            }
            At::Parameter(name) => At::Parameter(named(name, resource.filters).into()),
        };
        FieldError { at, ..error }
    });
    Problem { errors: errors.collect(), ..problem }
}
