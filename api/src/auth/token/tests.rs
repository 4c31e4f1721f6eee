//! Keys that are read and those that are not.

use super::*;

const SAMPLE: [u8; 32] = [7; 32];

fn is(text: &str, prefix: &str, digits: usize, alphabet: impl Fn(char) -> bool) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.len() == digits && rest.chars().all(alphabet))
}

#[test]
fn each_format_has_its_published_shape() {
    let base62 = |c: char| c.is_ascii_alphanumeric();
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    for round in 0_u8..=255 {
        let minted = |format| Token::mint(format, [round; 32]).expose().to_owned();
        assert!(is(&minted(Format::Native), "dkt_live_", 40, base62));
        assert!(is(&minted(Format::Ikreo), "sk_ikreo_", 40, base62));
        assert!(is(&minted(Format::Krokanti), "kt_", 40, hex));
        assert!(is(&minted(Format::Pike), "pk_", 40, base62));
        assert!(is(&minted(Format::Projekt), "pjk_live_", 32, base62));
        assert!(is(&minted(Format::Generic), "gk_", 40, base62));
    }
}

#[test]
fn ten_thousand_minted_keys_are_read_back_and_differ() {
    let mut kids = std::collections::HashSet::new();
    for round in 0..10_000 {
        let format = Format::ALL[round % Format::ALL.len()];
        let token = Token::mint(format, rand::random());
        let read = Token::parse(token.expose()).expect("a minted key is read");
        assert_eq!(read.format(), format);
        assert_eq!(read.kid(), token.kid());
        assert!(read.matches(&token.sha256()));
        assert!(kids.insert(token.kid()));
    }
}

#[test]
fn a_change_of_any_character_is_refused() {
    for format in Format::ALL {
        let text = Token::mint(format, SAMPLE).expose().to_owned();
        for at in 0..text.len() {
            for other in BASE62.iter().copied().chain(*b"_- \n\0") {
                let mut changed = text.clone().into_bytes();
                if changed[at] == other {
                    continue;
                }
                changed[at] = other;
                let changed = String::from_utf8(changed).expect("ASCII");
                assert!(Token::parse(&changed).is_none(), "{format:?} at {at}: {changed}");
            }
        }
    }
}

#[test]
fn a_key_under_another_formats_prefix_is_refused() {
    for from in Format::ALL {
        let text = Token::mint(from, SAMPLE).expose().to_owned();
        let rest = &text[from.shape().prefix.len()..];
        for to in Format::ALL.into_iter().filter(|to| *to != from) {
            assert!(Token::parse(&format!("{}{rest}", to.shape().prefix)).is_none(), "{from:?} as {to:?}");
        }
    }
    for format in Format::ALL {
        let shares = |other: &Format| other.shape().prefix.starts_with(format.shape().prefix);
        assert_eq!(Format::ALL.iter().filter(|other| shares(other)).count(), 1, "{format:?}'s prefix is its own");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let good = Token::mint(Format::Native, SAMPLE).expose().to_owned();
    let long = "x".repeat(10_000);
    let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.";
    for text in ["", "dkt_live_", "dkt_live_é", &format!("{good} "), &format!(" {good}"), &good[1..], &long, jwt] {
        assert!(Token::parse(text).is_none(), "{text:.60}");
    }
}

#[test]
fn only_one_bearer_header_with_one_key_is_read() {
    let good = Token::mint(Format::Native, SAMPLE).expose().to_owned();
    let refused = |values: &[String]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().expect("a header value"));
        }
        bearer(&headers).err()
    };
    assert_eq!(refused(&[format!("Bearer {good}")]), None);
    assert_eq!(refused(&[format!("bEARER {good}")]), None);
    let all_the_same = Some(Problem::unauthorized());
    for values in [
        vec![],
        vec![String::new()],
        vec!["Bearer".into()],
        vec!["Bearer ".into()],
        vec![good.clone()],
        vec![format!("Basic {good}")],
        vec![format!("Bearer  {good}")],
        vec![format!("Bearer {good} ")],
        vec![format!("Bearer\t{good}")],
        vec![format!("Bearer {good},{good}")],
        vec![format!("Bearer {}", "a".repeat(10_000))],
        vec![format!("Bearer {good}"), format!("Bearer {good}")],
    ] {
        assert_eq!(refused(&values), all_the_same, "{values:?}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let token = Token::mint(Format::Native, SAMPLE);
    let shown = format!("{token:?}");
    assert!(shown.contains(&token.kid()) && shown.len() < token.kid().len() + 12, "{shown}");
}

#[test]
fn names_are_read_back() {
    for format in Format::ALL {
        assert_eq!(Format::named(format.name()), Some(format));
    }
    assert_eq!(Format::named("Native"), None);
}
