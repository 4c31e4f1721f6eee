//! The first of two readings of a JSON body: everything that serde would let pass, found without building a value.
//!
//! Depth, number of keys, duplicate keys and NUL, each with its JSON pointer. Types and fields are the second reading.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer as _,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

use crate::problem::{FieldError, Problem};

/// Levels of objects and arrays, the outermost included.
const MAX_DEPTH: usize = 16;
/// Keys of one object.
const MAX_KEYS: usize = 256;

/// Reads the whole text once. Fails with 400 for what is not acceptable JSON and 422 for NUL.
pub fn scan(text: &str) -> Result<(), Problem> {
    let mut notes = Notes { keys: Vec::with_capacity(16), fault: None, path: Vec::new() };
    let mut json = serde_json::Deserializer::from_str(text);
    let read = json.deserialize_any(Scan { notes: &mut notes, depth: 0 });
    match (notes.fault, read.and_then(|()| json.end())) {
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(Problem::bad_request("invalid-json", format!("The body is not JSON: {error}."))),
        (Some(fault), _) => Err(fault.problem(pointer(notes.path.iter().rev().map(AsRef::as_ref)))),
    }
}

/// A JSON pointer (RFC 6901) out of its unescaped steps.
pub fn pointer<'s>(steps: impl Iterator<Item = &'s str>) -> String {
    steps.fold(String::new(), |path, step| path + "/" + &step.replace('~', "~0").replace('/', "~1"))
}

#[derive(Clone, Copy)]
enum Fault {
    Depth,
    Keys,
    Duplicate,
    Nul,
}

impl Fault {
    fn problem(self, at: String) -> Problem {
        let (code, detail) = match self {
            Self::Depth => ("invalid-json", format!("nested more than {MAX_DEPTH} levels deep")),
            Self::Keys => ("invalid-json", format!("more than {MAX_KEYS} keys in one object")),
            Self::Duplicate => ("duplicate-key", "the same key twice in one object".to_owned()),
            Self::Nul => {
                return Problem::field(at, "nul-not-allowed", "the character U+0000 is not allowed in any text");
            }
        };
        let errors = vec![FieldError::new(at.clone(), code, detail.clone())];
        Problem { errors, ..Problem::bad_request(code, format!("{at}: {detail}.")) }
    }
}

/// What the reading remembers: the keys of the objects it is inside of, and after a fault the way back up from it.
struct Notes<'de> {
    keys: Vec<Cow<'de, str>>,
    fault: Option<Fault>,
    path: Vec<Cow<'de, str>>,
}

struct Scan<'n, 'de> {
    notes: &'n mut Notes<'de>,
    depth: usize,
}

impl<'de> Scan<'_, 'de> {
    fn fail<E: serde::de::Error>(&mut self, fault: Fault) -> E {
        self.notes.fault = Some(fault);
        E::custom("")
    }

    fn deeper<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.fail(Fault::Depth)) } else { Ok(()) }
    }

    fn inner(&mut self) -> Scan<'_, 'de> {
        Scan { notes: self.notes, depth: self.depth }
    }

    /// On the way up from a fault: one step of the pointer to it.
    fn came_through(&mut self, step: impl FnOnce() -> Cow<'de, str>) {
        // Pointers into absurd depths would be as long as the body.
        if self.notes.fault.is_some() && self.notes.path.len() < MAX_DEPTH {
            self.notes.path.push(step());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Scan<'_, 'de> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(mut self, text: &str) -> Result<(), E> {
        if text.as_bytes().contains(&0) { Err(self.fail(Fault::Nul)) } else { Ok(()) }
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.deeper()?;
        let mut index = 0_usize;
        loop {
            match items.next_element_seed(self.inner()) {
                Ok(Some(())) => index += 1,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.came_through(|| index.to_string().into());
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        self.deeper()?;
        let first = self.notes.keys.len();
        while let Some(key) = entries.next_key_seed(Key)? {
            let mine = self.notes.keys.len();
            let nul = key.as_bytes().contains(&0);
            self.notes.keys.push(key);
            let read = if nul {
                Err(self.fail(Fault::Nul))
            } else if mine - first == MAX_KEYS {
                Err(self.fail(Fault::Keys))
            } else {
                entries.next_value_seed(self.inner())
            };
            if let Err(error) = read {
                let key = self.notes.keys[mine].clone();
                self.came_through(|| key);
                return Err(error);
            }
        }
        let keys = &mut self.notes.keys[first..];
        keys.sort_unstable();
        if let Some(twice) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            let twice = twice[0].clone();
            let error = self.fail(Fault::Duplicate);
            self.came_through(|| twice);
            return Err(error);
        }
        self.notes.keys.truncate(first);
        Ok(())
    }
}

struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}
