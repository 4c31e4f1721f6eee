//! What events say of who a person is. It is kept beside their stored bytes, where it can be erased: the bytes, and all
//! that is proved of them, have only its digest.
//!
//! Which members of which payloads that are, each aggregate says ([`crate::Aggregate::personal`]). With them goes a salt
//! that nobody can guess, so that nothing can be learnt from the digest once they are gone.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The member of a payload that has the digest of what is kept beside it.
pub const DIGEST: &str = "personal";
/// The member of what is kept beside a payload that is in it for nothing but not to be guessed.
const SALT: &str = "salt";
/// Whoever is not known any more.
pub const NOBODY: &str = "Former member";

/// Whether events of this type erase what was personal of their aggregate until then.
pub fn erases(event_type: &str) -> bool {
    event_type.ends_with(".erased")
}

/// A payload, and what is kept beside it.
pub type Parted = (Box<RawValue>, Option<Box<RawValue>>);

/// Takes these members out of a payload.
pub fn part(payload: Map<String, Value>, members: &[&str], salt: String) -> serde_json::Result<Parted> {
    let (mut aside, mut payload): (Map<_, _>, Map<_, _>) =
        payload.into_iter().partition(|(name, _)| members.contains(&name.as_str()));
    aside.insert(SALT.to_owned(), salt.into());
    let aside = to_raw_value(&aside)?;
    payload.insert(DIGEST.to_owned(), digest(&aside).into());
    Ok((to_raw_value(&payload)?, Some(aside)))
}

/// A payload with what is kept beside it in its place again.
pub fn join<'a>(payload: &'a RawValue, aside: Option<&RawValue>) -> Cow<'a, RawValue> {
    let whole = || -> serde_json::Result<Box<RawValue>> {
        let mut whole: Map<String, Value> = serde_json::from_str(payload.get())?;
        let mut aside: Map<String, Value> = serde_json::from_str(aside.map_or("{}", RawValue::get))?;
        aside.remove(SALT);
        whole.remove(DIGEST);
        whole.append(&mut aside);
        to_raw_value(&whole)
    };
    match aside {
        None => Cow::Borrowed(payload),
        Some(_) => whole().map_or(Cow::Borrowed(payload), Cow::Owned),
    }
}

/// The digest of what is kept beside a payload: hexadecimal SHA-256 of its bytes.
pub fn digest(aside: &RawValue) -> String {
    format!("{:x}", Sha256::digest(aside.get()))
}

/// The digest that a payload names, if anything of it is kept beside it.
pub fn named(payload: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        personal: Option<String>,
    }
    // Nearly no payload does: most need not be parsed to find that out.
    let may = payload.get().contains(r#""personal":"#);
    may.then(|| serde_json::from_str::<Named>(payload.get()).ok()?.personal).flatten()
}

/// The salt of one event, of what was drawn for its command: it tells nothing of any other's.
pub fn salt(drawn: Uuid, stream: Uuid, version: i64) -> String {
    let whole = Sha256::new().chain_update(drawn).chain_update(stream).chain_update(version.to_be_bytes()).finalize();
    Uuid::from_slice(&whole[..16]).unwrap_or(drawn).simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parted(drawn: u128) -> Parted {
        let payload = json!({"type": "member.renamed", "name": "Ada", "at": 7});
        let Value::Object(payload) = payload else { unreachable!() };
        part(payload, &["name", "email"], salt(Uuid::from_u128(drawn), Uuid::nil(), 3)).expect("JSON")
    }

    #[test]
    fn what_is_taken_out_can_be_put_back_and_is_vouched_for() {
        let (payload, aside) = parted(1);
        let aside = aside.expect("a name");
        assert!(!payload.get().contains("Ada") && aside.get().contains("Ada"));
        assert_eq!(named(&payload), Some(digest(&aside)));
        let whole: Value = serde_json::from_str(join(&payload, Some(&aside)).get()).expect("JSON");
        assert_eq!(whole, json!({"type": "member.renamed", "name": "Ada", "at": 7}));
        assert_eq!(join(&payload, None).get(), payload.get());
    }

    #[test]
    fn the_same_name_has_another_digest_each_time() {
        assert_ne!(named(&parted(1).0), named(&parted(2).0));
        assert_ne!(salt(Uuid::nil(), Uuid::nil(), 1), salt(Uuid::nil(), Uuid::nil(), 2));
    }

    #[test]
    fn text_that_looks_like_a_digest_is_none() {
        for payload in [json!({"title": "\"personal\":\"x\""}), json!({"fields": {"personal": "x"}}), json!({"a": 1})] {
            assert_eq!(named(&to_raw_value(&payload).expect("JSON")), None, "{payload}");
        }
    }
}
