//! API keys as text: how they are minted, read and shown, in each format that clients of a dialect expect.
//!
//! A key is `prefix ‖ public id ‖ secret ‖ CRC-32`. The prefix and public id (`kid`) may be shown and are what people know a
//! key by; the hash of all of it is what it is looked up by; the secret never leaves this type but through
//! [`Token::expose`]; the CRC covers everything before it, so that a mistyped key is refused without a look-up. Whether a
//! key is valid is not known here.

use std::fmt;

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::problem::Problem;

/// Whose clients a key is shaped for. Any key works on any mount: the shape is not a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// `dkt_live_` and base62: Docket's own.
    Native,
    /// `sk_ikreo_` and base62.
    Ikreo,
    /// `kt_` and 40 lower-case hexadecimal digits.
    Krokanti,
    /// `pk_` and base62.
    Pike,
    /// `pjk_live_` and 32 base62 digits.
    Projekt,
    /// `gk_` and base62.
    Generic,
}

/// How a format is laid out: its digits, and how many of them are public id, secret and checksum.
struct Shape {
    prefix: &'static str,
    digits: &'static [u8],
    kid: usize,
    secret: usize,
    check: usize,
}

impl Shape {
    fn is_digit(&self, digit: u8) -> bool {
        match self.digits {
            HEX => matches!(digit, b'0'..=b'9' | b'a'..=b'f'),
            _ => digit.is_ascii_alphanumeric(),
        }
    }
}

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &[u8] = b"0123456789abcdef";

/// Longer than any key.
const MAX_LEN: usize = 64;

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] = [Self::Native, Self::Ikreo, Self::Krokanti, Self::Pike, Self::Projekt, Self::Generic];

    /// The format's name, as stored and as shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Ikreo => "ikreo",
            Self::Krokanti => "krokanti",
            Self::Pike => "pike",
            Self::Projekt => "projekt",
            Self::Generic => "generic",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Whether a key in this form may mint, change and revoke keys, as far as its scopes go. Projekt's own may not:
    /// whoever finds one in a script gains nothing that outlives it.
    pub const fn manages_keys(self) -> bool {
        !matches!(self, Self::Projekt)
    }

    /// Bits of the public id: 59 (base62), 47 (projekt) or 40 (krokanti); of the secret: 142, 107 or 88.
    fn shape(self) -> Shape {
        let base62 = |prefix| Shape { prefix, digits: BASE62, kid: 10, secret: 24, check: 6 };
        match self {
            Self::Native => base62("dkt_live_"),
            Self::Ikreo => base62("sk_ikreo_"),
            Self::Krokanti => Shape { prefix: "kt_", digits: HEX, kid: 10, secret: 22, check: 8 },
            Self::Pike => base62("pk_"),
            Self::Projekt => Shape { prefix: "pjk_live_", digits: BASE62, kid: 8, secret: 18, check: 6 },
            Self::Generic => base62("gk_"),
        }
    }
}

/// A key whose checksum is right. Its `Debug` shows the public id only.
#[derive(Clone)]
pub struct Token {
    format: Format,
    text: String,
    sha256: [u8; 32],
}

impl Token {
    /// A new key out of 32 random bytes.
    pub fn mint(format: Format, random: [u8; 32]) -> Self {
        let shape = format.shape();
        let mut text = String::with_capacity(MAX_LEN);
        text.push_str(shape.prefix);
        push_digits(&mut text, &random[..12], shape.digits, shape.kid);
        push_digits(&mut text, &random[12..], shape.digits, shape.secret);
        let check = crc32fast::hash(text.as_bytes()).to_be_bytes();
        push_digits(&mut text, &check, shape.digits, shape.check);
        Self::of(format, text)
    }

    fn of(format: Format, text: String) -> Self {
        let sha256 = Sha256::digest(text.as_bytes()).into();
        Self { format, text, sha256 }
    }

    /// Reads a key of any format; `None` unless its shape and its checksum are right.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LEN {
            return None;
        }
        let format = Format::ALL.into_iter().find(|format| text.starts_with(format.shape().prefix))?;
        let shape = format.shape();
        let digits = &text.as_bytes()[shape.prefix.len()..];
        if digits.len() != shape.kid + shape.secret + shape.check || !digits.iter().all(|d| shape.is_digit(*d)) {
            return None;
        }
        let (body, check) = text.split_at(text.len() - shape.check);
        let mut expected = String::with_capacity(shape.check);
        push_digits(&mut expected, &crc32fast::hash(body.as_bytes()).to_be_bytes(), shape.digits, shape.check);
        (expected == check).then(|| Self::of(format, text.to_owned()))
    }

    /// The format it is in.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The public part: prefix and public id, such as `dkt_live_4fT0aZ81Qq`. Safe to show and log.
    pub fn kid(&self) -> String {
        let shape = self.format.shape();
        self.text[..shape.prefix.len() + shape.kid].to_owned()
    }

    /// SHA-256 of the whole key: what is stored instead of it, and what it is looked up by.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Whether this is the key whose hash was stored, in time that does not depend on how nearly it is.
    pub fn matches(&self, stored: &[u8]) -> bool {
        self.sha256.ct_eq(stored).into()
    }

    /// The whole key, secret and all: to be shown once, to who minted it.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}…)", self.kid())
    }
}

/// Appends the last `count` digits of a big-endian number, leading zeros included.
fn push_digits(text: &mut String, number: &[u8], digits: &[u8], count: usize) {
    let base = digits.len() as u32;
    let mut number = number.to_vec();
    let mut out = vec![digits[0]; count];
    for digit in out.iter_mut().rev() {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = (rest << 8) | u32::from(*byte);
            *byte = (value / base) as u8;
            rest = value % base;
        }
        *digit = digits[rest as usize];
    }
    text.extend(out.into_iter().map(char::from));
}

/// The key of a request: exactly one `Authorization` header, scheme `Bearer`, one space, a key. Else the one 401.
pub fn bearer(headers: &HeaderMap) -> Result<Token, Problem> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else {
        return Err(Problem::unauthorized());
    };
    value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, key)| Token::parse(key))
        .ok_or_else(Problem::unauthorized)
}

#[cfg(test)]
mod tests;
