//! The fields of a merge patch (RFC 7396): absent is "leave it", null is "clear it".
//!
//! In a schema both say what they hold: `#[schema(value_type = Option<T>)]` for `Patch<T>`, `#[schema(value_type = T,
//! required = false)]` for `Change<T>`.

use serde::{Deserialize, Deserializer};

/// A field that may be cleared. Declared with `#[serde(default)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not in the patch: stays as it is.
    #[default]
    Absent,
    /// Null in the patch: is cleared.
    Null,
    /// Becomes this.
    Value(T),
}

impl<T> Patch<T> {
    /// `None` if absent, else what the field becomes.
    pub fn change(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// The same with another value.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(with(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(json)?.map_or(Self::Null, Self::Value))
    }
}

/// A field that may be changed but not cleared: null is an error. Declared with `#[serde(default)]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<T>(pub Option<T>);

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        T::deserialize(json).map(|value| Self(Some(value)))
    }
}
