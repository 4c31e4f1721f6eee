//! Whether others find a message to be signed: none of this is our own arithmetic.

use std::fs::File;
use std::process::{Command, ExitStatus};

use serde_json::{Value, json};

use super::receiver::Got;
use crate::harness::scratch_file;
use crate::packages::{node, packages};

/// Asks the reference implementation of Standard Webhooks about the shared secret's signature, if it can be had. It is
/// Python's; none knows Ed25519.
pub async fn verifies(secret: &str, got: &Got) -> Option<bool> {
    let package = packages("webhooks").await?;
    let script = "import sys, json, standardwebhooks as s\n\
                  d = json.load(sys.stdin)\n\
                  try: s.Webhook(d['secret']).verify(d['body'], d['headers'])\n\
                  except s.WebhookVerificationError: sys.exit(3)";
    let mut python = Command::new("python3");
    Some(finds(python.args(["-c", script]).env("PYTHONPATH", package), secret, got))
}

/// Asks Node's own cryptography about the signature that anybody can check, if it can be had.
pub async fn public_verifies(key: &str, got: &Got) -> Option<bool> {
    let (program, _) = node().await?;
    let script = "const c = require('crypto'), d = JSON.parse(require('fs').readFileSync(0, 'utf8')), h = d.headers;\n\
                  const x = Buffer.from(d.secret.slice('whpk_'.length), 'base64').toString('base64url');\n\
                  const key = c.createPublicKey({format: 'jwk', key: {kty: 'OKP', crv: 'Ed25519', x}});\n\
                  const text = Buffer.from(`${h['webhook-id']}.${h['webhook-timestamp']}.${d.body}`);\n\
                  const signed = h['webhook-signature'].split(' ').filter((s) => s.startsWith('v1a,'));\n\
                  const fits = signed.some((s) => c.verify(null, text, key, Buffer.from(s.slice(4), 'base64')));\n\
                  process.exit(fits ? 0 : 3);";
    Some(finds(Command::new(program).args(["-e", script]), key, got))
}

fn finds(command: &mut Command, secret: &str, got: &Got) -> bool {
    let input = scratch_file("message.json", &message(secret, got).to_string());
    let status: ExitStatus = command.stdin(File::open(input).expect("a file")).status().expect("a program");
    assert!(matches!(status.code(), Some(0 | 3)), "{status}");
    status.success()
}

fn message(secret: &str, got: &Got) -> Value {
    let headers = json!({"webhook-id": got.id, "webhook-timestamp": got.timestamp, "webhook-signature": got.signature});
    json!({"secret": secret, "body": got.body, "headers": headers})
}
