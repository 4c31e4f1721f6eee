//! Why a command was refused, in a form every API can render.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The kind of a refusal: what the caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The thing does not exist (for this caller).
    NotFound,
    /// A value is wrong; `pointer` says which.
    Invalid,
    /// The request is right but the present state does not allow it.
    Conflict,
    /// The caller may not do this.
    Forbidden,
}

/// A refused command: nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What kind of refusal.
    pub kind: Kind,
    /// A stable, machine-readable code in `kebab-case`.
    pub code: Cow<'static, str>,
    /// A sentence for a person.
    pub detail: Cow<'static, str>,
    /// JSON pointer (RFC 6901) of the member at fault, when there is one.
    pub pointer: Option<Cow<'static, str>>,
}

impl Refusal {
    /// A refusal of this kind.
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, code: code.into(), detail: detail.into(), pointer: None }
    }

    /// The same refusal, blaming one member of the request.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<Cow<'static, str>>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// What a foreign or unknown id answers; the two must not differ.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not-found", "There is no such resource in this workspace.")
    }

    /// A reference in the request names nothing alive in this workspace.
    pub fn unknown_reference(pointer: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Invalid, "unknown-reference", "This id names nothing in this workspace.").at(pointer)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Refusal {}
