//! Whether there is a key can be told by nothing but the whole of its token: another secret is looked for and refused like a
//! key that nobody has.

use std::time::{Duration, Instant};

use docket_api::auth::Keys;
use docket_api::auth::token::{Format, Token};
use docket_api::limits::Limits;
use docket_projections::{Error, Reads};
use reqwest::StatusCode;

use crate::commands::outages::proxy::Proxy;
use crate::server::Server;

const DIGITS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The same public part with another secret, and the checksum that belongs to it.
fn with_another_secret(token: &Token) -> Token {
    let kid = token.kid();
    let (_, public) = kid.rsplit_once('_').expect("a prefix");
    let value = |digit: char| DIGITS.find(digit).expect("a digit") as u128;
    let number = public.chars().fold(0, |number, digit| number * 62 + value(digit));
    let mut random: [u8; 32] = rand::random();
    random[..12].copy_from_slice(&number.to_be_bytes()[4..]);
    let other = Token::mint(Format::Native, random);
    assert_eq!(other.kid(), kid);
    assert_ne!(other.expose(), token.expose());
    other
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_takes_as_many_questions_as_a_key_that_nobody_has() {
    let server = Server::start().await;
    let (workspace, own) = (server.workspace.workspace_id, Token::parse(server.key()).expect("a key"));
    let proxy = Proxy::start(&server.db.url).await;
    let reads = Reads::connect(proxy.url(), 1).await.expect("the read side");
    // Nothing is written any more that would have to be waited for.
    let head = reads.head(workspace).await.expect("a head");
    let begun = Instant::now();
    while let Err(error) = reads.await_position(workspace, head).await {
        assert!(matches!(error, Error::NotFresh) && begun.elapsed() < Duration::from_mins(1), "{error}");
    }
    let (keys, limits) = (Keys::new(reads), Limits::none());
    assert!(keys.admit(&own, None, &limits).await.is_ok());

    let mut asked = Vec::new();
    for _ in 0..3 {
        for token in [Token::mint(Format::Native, rand::random()), with_another_secret(&own)] {
            let before = proxy.asked();
            let Err(refused) = keys.admit(&token, None, &limits).await else { panic!("it is let in") };
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
            asked.push(proxy.asked() - before);
        }
    }
    assert!(asked[0] > 0 && asked.iter().all(|count| *count == asked[0]), "{asked:?}");
}
