//! A file → what it says of itself, if it is whole and unaltered.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::{Digests, End, FORMAT, Header, Moved, Said};
use crate::Error;

/// A file that is as it was written.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its first line.
    pub header: Header,
    pub(super) said: Said,
}

/// Where a file's events begin and end.
pub(super) fn is_end(line: &[u8]) -> bool {
    line.starts_with(b"{\"end\":")
}

pub(super) fn is_rows(line: &[u8]) -> bool {
    line.starts_with(b"{\"rows\":")
}

pub(super) fn is_personal(line: &[u8]) -> bool {
    line.starts_with(b"{\"personal\":")
}

impl Checked {
    /// Reads a file to its end.
    pub async fn read(mut file: impl AsyncBufRead + Unpin, progress: &(dyn Fn(Moved) + Sync)) -> Result<Self, Error> {
        let (mut sha256, mut line) = (Sha256::new(), Vec::new());
        if !next(&mut file, &mut line).await? {
            return Err(bad("it is empty"));
        }
        let header: Header = serde_json::from_slice(&line).map_err(|_| bad("its first line is not a header"))?;
        if header.backup != FORMAT {
            return Err(bad("it is of another form than this program knows"));
        }
        let mut moved = Moved { events: 0, of: header.events };
        while !is_end(&line) {
            sha256.update(&line);
            if !next(&mut file, &mut line).await? {
                return Err(bad("it breaks off before its end"));
            }
            moved.events += u64::from(!is_rows(&line) && !is_personal(&line) && !is_end(&line));
            if moved.events.is_multiple_of(10_000) {
                progress(moved);
            }
        }
        let End { end } = serde_json::from_slice(&line).map_err(|_| bad("its last line can't be read"))?;
        if end.sha256 != format!("{:x}", sha256.finalize()) || moved.events != header.events {
            return Err(bad("it was altered since it was written"));
        }
        if next(&mut file, &mut line).await? {
            return Err(bad("there is something after its end"));
        }
        Ok(Self { header, said: end })
    }
}

impl Checked {
    /// The tables of the read models that say something else than they did.
    pub fn otherwise(&self, now: &Digests) -> Vec<String> {
        let (then, now): (BTreeSet<_>, BTreeSet<_>) = (self.said.models.iter().collect(), now.iter().collect());
        let others: BTreeSet<_> = then.symmetric_difference(&now).map(|(table, _)| (*table).clone()).collect();
        others.into_iter().collect()
    }
}

/// The next line, with its end; false if there is none.
pub(super) async fn next(file: &mut (impl AsyncBufRead + Unpin), line: &mut Vec<u8>) -> Result<bool, Error> {
    line.clear();
    let read = file.read_until(b'\n', line).await;
    read.map_err(|error| Error::Unavailable(format!("the backup can't be read: {error}")))?;
    if !line.is_empty() && !line.ends_with(b"\n") {
        return Err(bad("it breaks off in the middle of a line"));
    }
    Ok(!line.is_empty())
}

pub(super) fn bad(why: &str) -> Error {
    Error::Unavailable(format!("this backup can't be restored: {why}"))
}
