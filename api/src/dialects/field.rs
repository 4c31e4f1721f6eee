//! One member of a product's resource, and how it is ours.

use super::ids::Kind;
use super::words::Words;

/// A member of a resource, or a filter of a list.
pub struct Field {
    /// What they call it.
    pub theirs: &'static str,
    /// What we call it. `a/b` is the member `b` of the member `a`.
    pub ours: &'static str,
    /// How its values are ours.
    pub codec: Codec,
    /// When it is understood.
    pub written: Written,
    /// Whether it is shown.
    pub shown: bool,
    /// Whether who creates one must say it.
    pub required: bool,
    /// What is shown if we have nothing, as JSON.
    pub absent: &'static str,
    /// What it is for us if who creates one says nothing of it.
    pub usual: Option<&'static str>,
}

/// How values of theirs are values of ours.
pub enum Codec {
    /// They are the same.
    Same,
    /// A word for a word.
    Words(&'static Words),
    /// The id of another resource, or of this one.
    Id(&'static Kind),
    /// Ids of other resources.
    Ids(&'static Kind),
    /// An instant to the second: `2026-01-14T09:32:00Z`.
    Seconds,
    /// An instant to the millisecond.
    Millis,
    /// Markdown, which they show as sanitised HTML.
    Html,
    /// Two of ours for yes and no.
    Flag(&'static str, &'static str),
    /// Something that only they have, made of the whole document; the text says of which type, in JSON Schema.
    Made(fn(&super::outbound::Doc<'_>) -> String, &'static str),
}

/// When a member is understood.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Never: it is passed over.
    Never,
    /// When one is created; passed over afterwards.
    Once,
    /// Once it is there; passed over when it is created.
    Later,
    /// Always.
    Always,
}

impl Written {
    /// Whether that is now: when one is created, or when it is changed.
    pub fn is_now(self, creating: bool) -> bool {
        match self {
            Self::Never => false,
            Self::Once => creating,
            Self::Later => !creating,
            Self::Always => true,
        }
    }
}

impl Field {
    const fn of(theirs: &'static str, ours: &'static str, codec: Codec) -> Self {
        let (written, shown, required, absent, usual) = (Written::Always, true, false, "null", None);
        Self { theirs, ours, codec, written, shown, required, absent, usual }
    }

    /// A member that is the same, under whatever name.
    pub const fn same(theirs: &'static str, ours: &'static str) -> Self {
        Self::of(theirs, ours, Codec::Same)
    }

    /// A word.
    pub const fn word(theirs: &'static str, ours: &'static str, words: &'static Words) -> Self {
        Self::of(theirs, ours, Codec::Words(words))
    }

    /// An id.
    pub const fn id(theirs: &'static str, ours: &'static str, kind: &'static Kind) -> Self {
        Self::of(theirs, ours, Codec::Id(kind))
    }

    /// Ids.
    pub const fn ids(theirs: &'static str, ours: &'static str, kind: &'static Kind) -> Self {
        Self { absent: "[]", ..Self::of(theirs, ours, Codec::Ids(kind)) }
    }

    /// An instant to the second, which nobody sets.
    pub const fn seconds(theirs: &'static str, ours: &'static str) -> Self {
        Self { written: Written::Never, ..Self::of(theirs, ours, Codec::Seconds) }
    }

    /// An instant to the millisecond, which nobody sets.
    pub const fn millis(theirs: &'static str, ours: &'static str) -> Self {
        Self { written: Written::Never, ..Self::of(theirs, ours, Codec::Millis) }
    }

    /// Markdown shown as HTML.
    pub const fn html(theirs: &'static str, ours: &'static str) -> Self {
        Self { written: Written::Never, ..Self::of(theirs, ours, Codec::Html) }
    }

    /// Yes and no.
    pub const fn flag(theirs: &'static str, ours: &'static str, yes: &'static str, no: &'static str) -> Self {
        Self::of(theirs, ours, Codec::Flag(yes, no))
    }

    /// Made of the whole document.
    pub const fn made(
        theirs: &'static str,
        make: fn(&super::outbound::Doc<'_>) -> String,
        schema: &'static str,
    ) -> Self {
        Self { written: Written::Never, ..Self::of(theirs, "", Codec::Made(make, schema)) }
    }

    /// Understood always: an instant that somebody sets.
    #[must_use]
    pub const fn writable(self) -> Self {
        Self { written: Written::Always, ..self }
    }

    /// What it is for us if who creates one says nothing of it.
    #[must_use]
    pub const fn usually(self, ours: &'static str) -> Self {
        Self { usual: Some(ours), ..self }
    }

    /// Shown only.
    #[must_use]
    pub const fn read_only(self) -> Self {
        Self { written: Written::Never, ..self }
    }

    /// Understood when one is created, and not later.
    #[must_use]
    pub const fn once(self) -> Self {
        Self { written: Written::Once, ..self }
    }

    /// Understood once it is there, and not when it is created.
    #[must_use]
    pub const fn later(self) -> Self {
        Self { written: Written::Later, ..self }
    }

    /// Never shown.
    #[must_use]
    pub const fn hidden(self) -> Self {
        Self { shown: false, ..self }
    }

    /// To be said by who creates one.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// What is shown if we have nothing, as JSON.
    #[must_use]
    pub const fn or(self, absent: &'static str) -> Self {
        Self { absent, ..self }
    }

    /// Whether one of their values stands for several of ours.
    pub fn is_lossy(&self) -> bool {
        match &self.codec {
            Codec::Words(words) => {
                words.0.iter().any(|(_, theirs)| words.0.iter().filter(|(_, other)| other == theirs).count() > 1)
            }
            Codec::Seconds | Codec::Millis => self.written != Written::Never,
            _ => false,
        }
    }
}
