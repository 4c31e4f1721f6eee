//! Request rate limits.

use axum::response::Response;
use docket_domain::ids::KeyId;

/// Limits.
pub struct Limits;
/// A decision.
pub struct Decision {
    /// Whether it may pass.
    pub allowed: bool,
    /// When to come back.
    pub reset_secs: u64,
}
impl Limits {
    /// None.
    pub fn none() -> Self {
        Self
    }
    /// Some.
    pub fn per_minute(_: u32) -> Self {
        Self
    }
    /// Checks.
    pub fn check_key(&self, _: KeyId) -> Decision {
        Decision { allowed: true, reset_secs: 0 }
    }
}
impl Decision {
    /// Stamps.
    pub fn stamp(&self, response: Response) -> Response {
        response
    }
}
