//! The files of the page, as they are in the binary.

/// A file.
pub struct File {
    /// Its place below `/explorer/`.
    pub name: &'static str,
    /// What is in it.
    pub bytes: &'static [u8],
}

impl File {
    /// Its media type.
    pub fn kind(&self) -> &'static str {
        match self.name.rsplit_once('.') {
            Some((_, "html")) => "text/html; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            Some((_, "svg")) => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        }
    }
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(File { name: $name, bytes: include_bytes!(concat!("page/", $name)) }),*]
    };
}

/// All of them.
pub static FILES: &[File] = files![
    "advice.js",
    "api.js",
    "base.css",
    "dom.js",
    "frame.css",
    "icon.svg",
    "index.html",
    "kinds.js",
    "main.js",
    "names.js",
    "proof/badge.js",
    "proof/checks.js",
    "proof/findings.js",
    "proof/kept.js",
    "proof/merkle.js",
    "proof/note.js",
    "proof/proof.css",
    "proof/view.js",
    "proof/witness.js",
    "replay/board.js",
    "replay/burndown.js",
    "replay/difference.js",
    "replay/moving.js",
    "replay/player.js",
    "replay/replay.css",
    "replay/view.js",
    "resource/resource.css",
    "resource/state.js",
    "resource/steps.js",
    "resource/view.js",
    "route.js",
    "session.js",
    "signin.js",
    "theme.js",
    "time.js",
    "timeline/activity.js",
    "timeline/cause.js",
    "timeline/choices.js",
    "timeline/detail.js",
    "timeline/export.js",
    "timeline/filters.js",
    "timeline/row.js",
    "timeline/rows.js",
    "timeline/timeline.css",
    "timeline/trail.js",
    "timeline/view.js",
    "timeline/when.js",
    "types.js",
    "value.js",
];
