//! The explorer at `/explorer`: a page that shows the past. It is static, asks the API like any other client, with a key
//! that stays in the browser, and needs nothing from elsewhere. Its own files are in `page/`.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{Redirect, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::edge::conditional;

mod files;

use files::{FILES, File};

/// Nothing but the page's own files, nothing inline, and no way from a text to markup.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
);

/// What every file says of itself. A browser asks each time whether it is still the same, so all are of one version.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// `/explorer` and the files below it.
pub fn pages() -> Router {
    let back = async || Redirect::permanent("../explorer");
    let router = Router::new().route("/explorer/", get(back));
    FILES.iter().fold(router, |router, file| {
        let tag = tag(file.bytes);
        let path = match file.name {
            "index.html" => "/explorer".to_owned(),
            name => format!("/explorer/{name}"),
        };
        router.route(&path, get(async move |asked: HeaderMap| answer(file, tag.clone(), &asked)))
    })
}

fn answer(file: &'static File, tag: HeaderValue, asked: &HeaderMap) -> Response {
    let mut response = conditional::respond(asked, tag, || {
        let mut response = Response::new(Body::from(file.bytes));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind()));
        response
    });
    response.headers_mut().extend(HEADERS);
    response
}

/// The entity tag of a file: another one for every other content.
fn tag(bytes: &[u8]) -> HeaderValue {
    let hash = format!("{:x}", Sha256::digest(bytes));
    HeaderValue::try_from(format!("\"{}\"", &hash[..32])).unwrap_or(HeaderValue::from_static("\"0\""))
}
