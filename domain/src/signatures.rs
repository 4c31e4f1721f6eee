//! Signatures of webhooks, after Standard Webhooks 1.0.0: an HMAC-SHA256 under a shared secret (`v1`) and an Ed25519
//! signature that anybody can check (`v1a`), of `id.timestamp.body`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// What one generation of a webhook's messages is signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// The secret of a webhook, which follows from the installation's: it is kept nowhere.
    pub fn derived(installation: &[u8], webhook: Uuid, generation: i64) -> Self {
        Self(hmac(installation, &[b"docket webhook", webhook.as_bytes(), &generation.to_be_bytes()]))
    }

    /// As receivers are told it: `whsec_…`.
    pub fn shared(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// The public key of the Ed25519 signatures: `whpk_…`.
    pub fn public(&self) -> String {
        format!("whpk_{}", STANDARD.encode(self.signing().verifying_key().as_bytes()))
    }

    fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(&hmac(&self.0, &[b"ed25519"]))
    }
}

/// The value of `webhook-signature`: each secret signs in both ways.
pub fn sign(id: &str, timestamp: i64, body: &str, secrets: &[Secret]) -> String {
    let signed = format!("{id}.{timestamp}.{body}");
    let each = secrets.iter().map(|secret| {
        let shared = STANDARD.encode(hmac(&secret.0, &[signed.as_bytes()]));
        let public = STANDARD.encode(secret.signing().sign(signed.as_bytes()).to_bytes());
        format!("v1,{shared} v1a,{public}")
    });
    each.collect::<Vec<_>>().join(" ")
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length, so this can't fail.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&[0; 64].into()));
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signature, Verifier, VerifyingKey};

    /// What a receiver does that was told the public key.
    fn is_signed(secret: &Secret, signature: &str, text: &str) -> bool {
        let decoded = |text: &str| STANDARD.decode(text).expect("Base64");
        let key: [u8; 32] =
            decoded(secret.public().strip_prefix("whpk_").expect("a key")).try_into().expect("32 bytes");
        let bytes: [u8; 64] =
            decoded(signature.strip_prefix("v1a,").expect("a signature")).try_into().expect("64 bytes");
        VerifyingKey::from_bytes(&key).expect("a key").verify(text.as_bytes(), &Signature::from_bytes(&bytes)).is_ok()
    }

    #[test]
    fn each_secret_signs_in_both_ways() {
        let secrets = [1, 2].map(|generation| Secret::derived(b"installation", Uuid::nil(), generation));
        assert_ne!(secrets[0], secrets[1]);
        assert_ne!(secrets[0], Secret::derived(b"another", Uuid::nil(), 1));
        let signature = sign("3-1", 1_700_000_000, "{}", &secrets);
        let parts: Vec<&str> = signature.split(' ').collect();
        assert!(
            matches!(parts[..], [a, b, c, d] if a.starts_with("v1,") && b.starts_with("v1a,") && c.starts_with("v1,") && d.starts_with("v1a,"))
        );
        assert!(is_signed(&secrets[1], parts[3], "3-1.1700000000.{}"));
        assert!(
            !is_signed(&secrets[1], parts[1], "3-1.1700000000.{}")
                && !is_signed(&secrets[1], parts[3], "3-1.1700000000.{ }")
        );
        assert_eq!(format!("{:?}", secrets[0]), "Secret(…)");
    }
}
