//! Keys in Docket's own form that open nothing, though their checksums are right: as `docs/api.md` describes them.

use anyhow::{Context, Result};
use rand::Rng;
use rand::rngs::StdRng;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "dkt_live_";
/// How many digits the public id, the secret and the checksum have.
const PUBLIC: usize = 10;
const SECRET: usize = 24;
const CHECK: u32 = 6;

/// The public part of a key: all but its secret and its checksum.
pub fn public(key: &str) -> Result<&str> {
    let is_own = key.starts_with(PREFIX) && key.len() == PREFIX.len() + PUBLIC + SECRET + CHECK as usize;
    key.get(..PREFIX.len() + PUBLIC).filter(|_| is_own).context("the key is not in Docket's own form")
}

/// A public part that nobody's key has.
pub fn nobodys(rng: &mut StdRng) -> String {
    let mut public = PREFIX.to_owned();
    push_some(&mut public, PUBLIC, rng);
    public
}

/// A key with this public part, and some secret.
pub fn with_some_secret(public: &str, rng: &mut StdRng) -> String {
    let mut key = public.to_owned();
    push_some(&mut key, SECRET, rng);
    checked(key)
}

/// The key, with a checksum that was made here.
pub fn again(key: &str) -> Result<String> {
    public(key)?;
    Ok(checked(key[..key.len() - CHECK as usize].to_owned()))
}

fn push_some(text: &mut String, count: usize, rng: &mut StdRng) {
    text.extend((0..count).map(|_| char::from(DIGITS[rng.random_range(0..DIGITS.len())])));
}

fn checked(mut key: String) -> String {
    let check = crc32fast::hash(key.as_bytes());
    let digit = |place| char::from(DIGITS[(check / 62_u32.pow(place) % 62) as usize]);
    key.extend((0..CHECK).rev().map(digit));
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_secret_of_the_same_public_id_is_checked_like_a_key() {
        let mut rng = crate::data::rng();
        let nobodys = nobodys(&mut rng);
        let [one, other] = [(); 2].map(|()| with_some_secret(&nobodys, &mut rng));
        assert_ne!(one, other);
        for key in [one, other] {
            assert_eq!(public(&key).ok(), Some(nobodys.as_str()));
            assert_eq!(again(&key).ok(), Some(key));
        }
        assert!(public("pk_0").is_err());
    }
}
