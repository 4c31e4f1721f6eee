//! What a reviewer is given: exports of histories, checkpoints, keys.

use docket_domain::audit::{Checkpoint, Keyring, PublicKey, SigningKey, Trust, Verifier};
use uuid::Uuid;

use crate::text;

/// However an export is cut, it is found to be the same; and nothing counts as signed by a key that is not known.
pub fn bundles(bytes: &[u8]) {
    let whole = verified(bytes, bytes.len(), Trust::default());
    assert_eq!(verified(bytes, 7, Trust::default()), whole);
    let stranger = Trust { keys: keyring().public(Uuid::nil()), ..Trust::default() };
    assert!(verified(bytes, bytes.len(), stranger).is_err(), "signed by nobody");
}

fn verified(bytes: &[u8], piece: usize, trust: Trust) -> Result<String, String> {
    let mut verifier = Verifier::new(trust);
    for piece in bytes.chunks(piece.max(1)) {
        verifier.feed(piece).map_err(|failure| failure.to_string())?;
    }
    verifier.finish().map(|verdict| format!("{verdict:?}")).map_err(|failure| failure.to_string())
}

fn keyring() -> Keyring {
    Keyring::of(SigningKey::new("docket", [7; 32]).expect("a key"))
}

/// What a checkpoint says is read back from what it says; what one's own key has not signed is not opened.
pub fn checkpoints(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let keyring = keyring();
    if let Some(said) = Checkpoint::parse(text) {
        let again = Checkpoint::parse(&format!("{}\n{}\n{}\n", said.origin, said.size, said.root)).expect("the same");
        assert_eq!((&again.origin, again.size, again.root), (&said.origin, said.size, said.root));
        let signed = Checkpoint::signed(Uuid::nil(), said.size, said.root, &keyring);
        let keys = keyring.public(Uuid::nil());
        let (opened, _) = Checkpoint::open(&signed, &keys).expect("one's own");
        assert_eq!((opened.size, opened.root), (said.size, said.root));
        // A single character more, anywhere before the signatures, is another note.
        assert!(Checkpoint::open(&format!("x{signed}"), &keys).is_err());
    }
    let _ = Checkpoint::open(text, &keyring.public(Uuid::nil()));
}

/// Keys are read from what they are written as, and from nothing else.
pub fn signers(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Some(key) = PublicKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
    if let Some(ring) = Keyring::parse(text) {
        let secret = ring.to_secret();
        let again = Keyring::parse(&secret).expect("what is written is read");
        assert_eq!(again.to_secret(), secret);
        assert!(!format!("{ring:?}").contains(secret.trim()), "a secret shows itself");
    }
}
