//! Dates, times, ids and keys: each has one spelling.

use docket_api::auth::token::{Format, Token};
use docket_api::edge::position;
use docket_api::edge::scalars::{Date, Id, Instant, TimeZone};

use crate::text;

/// What is read as a date is spelt as dates are; an instant is printed as one that is the same.
pub fn dates(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(date) = text.parse::<Date>() {
        assert_eq!(date.to_string(), text);
    }
    if let Ok(instant) = text.parse::<Instant>() {
        let printed = instant.to_string();
        let again: Instant = printed.parse().expect("what is printed is read");
        assert_eq!((again.0, again.to_string()), (instant.0, printed));
    }
    let _ = text.parse::<TimeZone>();
}

/// Ids and positions have one spelling.
pub fn ids(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(id) = text.parse::<Id>() {
        assert_eq!(id.to_string(), text);
    }
    if let Some(read) = position::parse(text, 3) {
        let told = position::format(3, read);
        assert!(told == text || read.to_string() == text, "{text}");
        assert_eq!(position::parse(told.to_str().expect("text"), 3), Some(read));
    }
}

/// A token is what it was read from, and no text is a token in two forms. What is minted is read.
pub fn keys(bytes: &[u8]) {
    if let Some(token) = text(bytes).and_then(Token::parse) {
        assert_eq!(token.expose().as_bytes(), bytes);
        assert!(!format!("{token:?}").contains(token.expose()), "a token shows itself");
    }
    let mut random = [0; 32];
    let count = bytes.len().min(32);
    random[..count].copy_from_slice(&bytes[..count]);
    for format in Format::ALL {
        let token = Token::mint(format, random);
        let read = Token::parse(token.expose()).expect("what is minted is read");
        assert_eq!((read.format(), read.kid(), read.sha256()), (format, token.kid(), token.sha256()));
    }
}
