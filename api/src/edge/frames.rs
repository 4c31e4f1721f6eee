//! Where heads begin and end in the frames of an HTTP/2 connection (RFC 9113 §4.1), read beside hyper: it waits for the
//! end of a head for as long as the connection lives.

use super::preface::PREFACE;

/// What a frame begins with: its length, its kind, its flags, its stream.
const HEAD: usize = 9;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// The place in a connection's frames.
pub struct Frames {
    /// What has come of the next frame's head.
    next: Vec<u8>,
    /// How many bytes of the present frame are to come.
    left: usize,
    /// Whether a head ends with the present frame.
    ends: bool,
    open: bool,
    heads: u64,
}

impl Frames {
    /// The beginning of a connection.
    pub fn new() -> Self {
        Self { next: Vec::with_capacity(HEAD), left: PREFACE.len(), ends: false, open: false, heads: 0 }
    }

    /// Whether a head has begun and not ended.
    pub fn is_in_head(&self) -> bool {
        self.open
    }

    /// Takes note of bytes that came; answers whether another head begins in them.
    pub fn feed(&mut self, mut bytes: &[u8]) -> bool {
        let heads = self.heads;
        loop {
            let some = self.left.min(bytes.len());
            self.left -= some;
            bytes = &bytes[some..];
            if self.left == 0 && self.ends {
                (self.open, self.ends) = (false, false);
            }
            if bytes.is_empty() {
                return self.heads != heads;
            }
            let some = (HEAD - self.next.len()).min(bytes.len());
            self.next.extend_from_slice(&bytes[..some]);
            bytes = &bytes[some..];
            self.begin();
        }
    }

    /// Begins a frame, if its head is there.
    fn begin(&mut self) {
        let &[one, two, three, kind, flags, _, _, _, _] = self.next.as_slice() else { return };
        self.left = u32::from_be_bytes([0, one, two, three]) as usize;
        self.next.clear();
        if kind == HEADERS {
            self.open = true;
            self.heads += 1;
        }
        self.ends = matches!(kind, HEADERS | CONTINUATION) && flags & END_HEADERS != 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: u8 = 4;

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = (payload.len() as u32).to_be_bytes();
        [&length[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
    }

    /// Whether a head is under way after these bytes, and how many have begun, however they are cut.
    fn after(frames: &[Vec<u8>]) -> (bool, u64) {
        let bytes = [PREFACE, &frames.concat()].concat();
        let all = [1, 2, 5, 9, 1_000].map(|piece| {
            let mut frames = Frames::new();
            let begun = bytes.chunks(piece).filter(|bytes| frames.feed(bytes)).count();
            assert!(begun as u64 <= frames.heads);
            (frames.is_in_head(), frames.heads)
        });
        assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
        all[0]
    }

    #[test]
    fn heads_are_told_apart_however_they_are_cut() {
        let settings = frame(SETTINGS, END_HEADERS, b"123456");
        let whole = frame(HEADERS, END_HEADERS, b"a head");
        let (begun, more) = (frame(HEADERS, 0, b"a "), frame(CONTINUATION, 0, b"he"));
        let (last, nothing) = (frame(CONTINUATION, END_HEADERS, b"ad"), frame(CONTINUATION, END_HEADERS, b""));
        let cut = whole[..whole.len() - 1].to_vec();
        for (frames, expected) in [
            (vec![], (false, 0)),
            (vec![settings.clone(), whole.clone(), whole.clone()], (false, 2)),
            (vec![begun.clone()], (true, 1)),
            (vec![begun.clone(), more.clone()], (true, 1)),
            (vec![begun.clone(), more.clone(), last.clone(), settings], (false, 1)),
            (vec![begun.clone(), nothing], (false, 1)),
            (vec![whole, begun], (true, 2)),
            (vec![cut], (true, 1)),
        ] {
            assert_eq!(after(&frames), expected, "{frames:?}");
        }
    }
}
