//! Conditional requests (RFC 9110 §13): a resource's version as a strong entity tag.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::problem::Problem;

/// The strong entity tag of a version: `"7"`.
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The strong entity tag of a resource that shows more than its own history: `"7-2f1c09aa"` also changes with its text.
pub fn etag_of_view(version: i64, checksum: u32) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}-{checksum:08x}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// What a request says in `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// No such header: any version, or none.
    None,
    /// `*`: any version of what exists.
    Any,
    /// One of these. Weak tags and tags that no version has are left out, for they never match.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// Reads the header; 400 if it is malformed.
    pub fn parse(headers: &HeaderMap) -> Result<Self, Problem> {
        Ok(match tags(headers, &header::IF_MATCH)? {
            Tags::Absent => Self::None,
            Tags::Any => Self::Any,
            Tags::Listed(tags) => {
                let strong = tags.iter().filter(|tag| !tag.weak);
                Self::Versions(strong.filter_map(|tag| version(tag.opaque)).collect())
            }
        })
    }

    /// The versions that may be changed, if the client says which.
    pub fn versions(self) -> Option<Vec<i64>> {
        match self {
            Self::None | Self::Any => None,
            Self::Versions(versions) => Some(versions),
        }
    }
}

/// The answer to a GET with its tag: 304 without a body, if `If-None-Match` names it already.
pub fn respond(headers: &HeaderMap, etag: HeaderValue, full: impl FnOnce() -> Response) -> Response {
    let known = names(headers, &etag);
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { full() };
    response.headers_mut().insert(header::ETAG, etag);
    response
}

/// Whether `If-None-Match` names a tag. A malformed one names nothing: the answer is then the full one.
fn names(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let current = etag.to_str().unwrap_or_default();
    // The comparison is the weak one: `W/"7"` names what `"7"` does.
    let current = current.strip_prefix("W/").unwrap_or(current).trim_matches('"');
    match tags(headers, &header::IF_NONE_MATCH) {
        Ok(Tags::Absent) | Err(_) => false,
        Ok(Tags::Any) => true,
        Ok(Tags::Listed(tags)) => tags.iter().any(|tag| tag.opaque == current),
    }
}

struct Tag<'h> {
    weak: bool,
    opaque: &'h str,
}

enum Tags<'h> {
    Absent,
    Any,
    Listed(Vec<Tag<'h>>),
}

fn tags<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Tags<'h>, Problem> {
    let malformed = || {
        let detail = format!("{name} must be * or a list of entity tags such as \"7\".");
        Problem::bad_request("invalid-precondition", detail)
    };
    let mut listed = Vec::new();
    let lines: Vec<&str> =
        headers.get_all(name).iter().map(|line| line.to_str().map_err(|_| malformed())).collect::<Result<_, _>>()?;
    match lines.as_slice() {
        [] => return Ok(Tags::Absent),
        [only] if only.trim() == "*" => return Ok(Tags::Any),
        _ => {}
    }
    for line in lines {
        let mut rest = line.trim();
        loop {
            let weak = rest.starts_with("W/");
            let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"').ok_or_else(malformed)?;
            let (opaque, after) = quoted.split_once('"').ok_or_else(malformed)?;
            if !opaque.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(malformed());
            }
            listed.push(Tag { weak, opaque });
            rest = after.trim_start();
            if rest.is_empty() {
                break;
            }
            rest = rest.strip_prefix(',').ok_or_else(malformed)?.trim_start();
        }
    }
    Ok(Tags::Listed(listed))
}

/// The version a tag stands for, in its one spelling; what a view shows beside it is nothing to insist on.
fn version(opaque: &str) -> Option<i64> {
    let opaque = opaque.split_once('-').map_or(opaque, |(version, _)| version);
    let version: i64 = opaque.parse().ok()?;
    (version.to_string() == opaque).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (name.clone(), line.parse().expect("a value"))).collect()
    }

    #[test]
    fn if_match_is_read() {
        let read = |lines: &[&str]| IfMatch::parse(&headers(&header::IF_MATCH, lines)).expect("read");
        assert_eq!(read(&[]), IfMatch::None);
        assert_eq!(read(&["*"]), IfMatch::Any);
        assert_eq!(read(&["\"7\""]), IfMatch::Versions(vec![7]));
        assert_eq!(read(&["\"7\", \"8\",\"9\""]), IfMatch::Versions(vec![7, 8, 9]));
        assert_eq!(read(&["\"7\"", "\"8\""]), IfMatch::Versions(vec![7, 8]));
        for never in ["W/\"7\"", "\"abc\"", "\"07\"", "\"+7\"", "\"\"", "\"7,8\"", "\"99999999999999999999\"", "\"*\""]
        {
            assert_eq!(read(&[never]), IfMatch::Versions(vec![]), "{never}");
        }
    }

    #[test]
    fn a_malformed_if_match_is_400() {
        for lines in [
            &["7"][..],
            &[""],
            &["\"7"],
            &["7\""],
            &["\"7\" \"8\""],
            &["\"7\",,\"8\""],
            &["\"7\","],
            &["w/\"7\""],
            &["*, \"7\""],
            &["*", "*"],
            &["*", "\"7\""],
            &["\"a b\""],
            &["'7'"],
            &["null"],
            &["W/7"],
            &["\"é\""],
        ] {
            let problem = IfMatch::parse(&headers(&header::IF_MATCH, lines)).expect_err("refused");
            assert_eq!((problem.status.as_u16(), &*problem.code), (400, "invalid-precondition"), "{lines:?}");
        }
    }

    #[test]
    fn only_named_versions_are_expected() {
        assert_eq!(IfMatch::None.versions(), None);
        assert_eq!(IfMatch::Any.versions(), None);
        assert_eq!(IfMatch::Versions(vec![]).versions(), Some(vec![]));
        assert_eq!(IfMatch::Versions(vec![6, 7]).versions(), Some(vec![6, 7]));
    }

    #[test]
    fn if_none_match_answers_304() {
        let status = |lines: &[&str]| {
            let response = respond(&headers(&header::IF_NONE_MATCH, lines), etag(7), || "full".into_response());
            assert_eq!(response.headers()[header::ETAG], "\"7\"");
            response.status().as_u16()
        };
        for same in ["\"7\"", "W/\"7\"", "*", "\"6\", \"7\""] {
            assert_eq!(status(&[same]), 304, "{same}");
        }
        for other in [&[][..], &["\"6\""], &["\"\""], &["\"07\""], &["7"], &[""], &["\"7"]] {
            assert_eq!(status(other), 200, "{other:?}");
        }
    }
}
