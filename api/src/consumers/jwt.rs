//! The tokens that a nats-server asks with and is answered with: JWTs signed with its own kind of Ed25519 keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use serde_json::Value;

const HEADER: &str = r#"{"typ":"JWT","alg":"ed25519-nkey"}"#;

/// These claims, signed.
pub fn signed(key: &KeyPair, claims: &Value) -> anyhow::Result<String> {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = key.sign(text.as_bytes())?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// What a token claims. That it came over the server's own account is what vouches for it.
pub fn claims(token: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(token).ok()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?).ok()
}
