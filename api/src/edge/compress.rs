//! Answers long enough to be worth it are compressed for those who take them so. Quick rather than small: most are sent
//! once. What is sent as it comes is not held back until it is worth it.

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::map_response;
use axum::response::Response;
use http_body_util::BodyExt as _;
use tokio::sync::Semaphore;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

/// From how many bytes on it is worth it.
const WORTH_IT: u64 = 1_024;

/// How many are compressed at a time: each takes some 300 KB, for as long as its reader leaves it. The others are sent
/// as they are.
const AT_ONCE: usize = 128;

/// Compresses what a router answers.
pub fn compress(router: Router) -> Router {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let has_room = {
        let room = room.clone();
        move |_: StatusCode, _: Version, _: &HeaderMap, _: &Extensions| room.available_permits() > 0
    };
    let when = SizeAbove::new(WORTH_IT).and(NotForContentType::SSE).and(has_room);
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(when);
    router.layer(compression).layer(map_response(move |response: Response| ready(hold(response, &room))))
}

/// Keeps the room of a compressed answer until hyper lets go of its body.
fn hold(response: Response, room: &Arc<Semaphore>) -> Response {
    if !response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let held = room.clone().try_acquire_owned();
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _held = &held;
            frame
        }))
    })
}
