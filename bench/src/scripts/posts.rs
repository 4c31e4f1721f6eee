//! The same POST, over and over.

use std::sync::Arc;

use uuid::Uuid;

use crate::load::{Request, Script};

/// POSTs of one body, each under an idempotency key of its own.
pub struct Posts {
    path: Arc<str>,
    body: Arc<str>,
}

impl Posts {
    /// One connection's worth.
    pub fn new(path: &Arc<str>, body: &Arc<str>) -> Self {
        Self { path: path.clone(), body: body.clone() }
    }
}

impl Script for Posts {
    fn write_next(&mut self, request: &mut Request) {
        request.post(format_args!("{}", self.path), Some(Uuid::new_v4()), format_args!("{}", self.body));
    }
}
