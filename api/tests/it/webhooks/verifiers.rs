//! Whether others find a message to be signed: none of this is our own arithmetic.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use super::receiver::Got;
use crate::harness::scratch_file;
use crate::packages::{node, packages};

/// Exits with 3 if the message is not signed with the secret, as the reference implementation of Standard Webhooks finds. It
/// is Python's; none knows Ed25519.
const SHARED: &str = "import sys, json, standardwebhooks as s\n\
                      d = json.load(sys.stdin)\n\
                      try: s.Webhook(d['secret']).verify(d['body'], d['headers'])\n\
                      except s.WebhookVerificationError: sys.exit(3)";
/// The same of the signature that anybody can check, as Node's own cryptography finds.
const PUBLIC: &str = "const c = require('crypto'), d = JSON.parse(require('fs').readFileSync(0, 'utf8')), h = d.headers;\n\
                      const x = Buffer.from(d.secret.slice('whpk_'.length), 'base64').toString('base64url');\n\
                      const key = c.createPublicKey({format: 'jwk', key: {kty: 'OKP', crv: 'Ed25519', x}});\n\
                      const text = Buffer.from(`${h['webhook-id']}.${h['webhook-timestamp']}.${d.body}`);\n\
                      const signed = h['webhook-signature'].split(' ').filter((s) => s.startsWith('v1a,'));\n\
                      const fits = signed.some((s) => c.verify(null, text, key, Buffer.from(s.slice(4), 'base64')));\n\
                      process.exit(fits ? 0 : 3);";

/// Those who check.
pub struct Verifiers {
    standard: PathBuf,
    node: PathBuf,
}

impl Verifiers {
    /// All of them, if they can be had: who has not, has not tested anything.
    pub async fn find() -> Option<Self> {
        Some(Self { standard: packages("webhooks").await?, node: node().await?.0 })
    }

    /// Whether a message is signed with a secret.
    pub fn shared(&self, secret: &str, got: &Got) -> bool {
        let mut python = Command::new("python3");
        finds(python.args(["-c", SHARED]).env("PYTHONPATH", &self.standard), secret, got)
    }

    /// Whether a message is signed with the secret that a public key belongs to.
    pub fn public(&self, key: &str, got: &Got) -> bool {
        finds(Command::new(&self.node).args(["-e", PUBLIC]), key, got)
    }
}

fn finds(command: &mut Command, secret: &str, got: &Got) -> bool {
    let headers = json!({"webhook-id": got.id, "webhook-timestamp": got.timestamp, "webhook-signature": got.signature});
    let message = json!({"secret": secret, "body": got.body, "headers": headers});
    let input = scratch_file("message.json", &message.to_string());
    let status = command.stdin(File::open(input).expect("a file")).status().expect("a program");
    assert!(matches!(status.code(), Some(0 | 3)), "{status}");
    status.success()
}
