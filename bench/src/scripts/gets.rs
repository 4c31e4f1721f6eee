//! Reading, over and over.

use std::sync::Arc;

use crate::load::{Request, Script};

/// GETs of several paths in turn.
pub struct Gets {
    paths: Arc<[String]>,
    next: usize,
    /// The length of the last body.
    pub length: usize,
}

impl Gets {
    /// The same path again and again.
    pub fn same(path: &str) -> Self {
        Self { paths: Arc::new([path.to_owned()]), next: 0, length: 0 }
    }

    /// Several paths in turn, each connection starting elsewhere.
    pub fn many(paths: &Arc<[String]>, nth: usize) -> Self {
        Self { paths: paths.clone(), next: nth * 7_919, length: 0 }
    }
}

impl Script for Gets {
    fn write_next(&mut self, request: &mut Request) {
        request.get(format_args!("{}", self.paths[self.next % self.paths.len()]));
        self.next += 1;
    }

    fn see(&mut self, _status: u16, body: &[u8]) {
        self.length = body.len();
    }
}
