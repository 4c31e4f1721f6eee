//! Cursors: opaque, signed, and good for the list that gave them only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use docket_domain::ids::WorkspaceId;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::Error;

/// Makes and checks cursors for one list: what a cursor is good for is part of what is signed.
#[derive(Clone, Copy)]
pub struct Cursors<'a> {
    /// The secret of this installation.
    pub secret: &'a [u8],
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The list with its filters and its order, as text.
    pub query: &'a str,
}

const TAG: usize = 16;

impl Cursors<'_> {
    /// The cursor for this place.
    pub fn seal(&self, place: &str) -> String {
        let mut bytes = self.tag(place.as_bytes())[..TAG].to_vec();
        bytes.extend_from_slice(place.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place a cursor was made for.
    pub fn open(&self, cursor: &str) -> Result<String, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Error::BadCursor)?;
        let (tag, place) = bytes.split_at_checked(TAG).ok_or(Error::BadCursor)?;
        self.mac(place).verify_truncated_left(tag).map_err(|_| Error::BadCursor)?;
        String::from_utf8(place.to_vec()).map_err(|_| Error::BadCursor)
    }

    fn mac(&self, place: &[u8]) -> Hmac<Sha256> {
        // HMAC takes keys of any length, so this can't fail.
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret).unwrap_or_else(|_| Hmac::new(&[0; 64].into()));
        mac.update(b"docket cursor 1");
        mac.update(self.workspace.0.as_bytes());
        mac.update(&(self.query.len() as u64).to_be_bytes());
        mac.update(self.query.as_bytes());
        mac.update(place);
        mac
    }

    fn tag(&self, place: &[u8]) -> [u8; 32] {
        self.mac(place).finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn cursors(query: &str, workspace: u128) -> Cursors<'_> {
        Cursors { secret: b"secret", workspace: WorkspaceId(Uuid::from_u128(workspace)), query }
    }

    #[test]
    fn a_cursor_is_good_for_its_own_query_only() {
        let cursor = cursors("tasks -number", 1).seal("17");
        assert_eq!(cursors("tasks -number", 1).open(&cursor).unwrap(), "17");
        assert!(cursors("tasks number", 1).open(&cursor).is_err());
        assert!(cursors("tasks -number", 2).open(&cursor).is_err());
    }

    #[test]
    fn no_byte_of_it_can_be_changed() {
        let whole = cursors("q", 1);
        let cursor = URL_SAFE_NO_PAD.decode(whole.seal("17")).unwrap();
        for at in 0..cursor.len() {
            let mut other = cursor.clone();
            other[at] ^= 1;
            assert!(whole.open(&URL_SAFE_NO_PAD.encode(other)).is_err(), "byte {at}");
        }
        assert!(whole.open("").is_err());
        assert!(whole.open("\u{e9}!").is_err());
    }
}
