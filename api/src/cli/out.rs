//! What is printed. A reader that has seen enough may close standard output at any time: that ends a command, quietly.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

use anyhow::Context;

/// Whoever read standard output has closed it.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("standard output was closed")]
pub struct Closed;

/// Prints a line on standard output.
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::out::line(format_args!($($text)*)) };
}
pub(crate) use say;

/// Tells the person, whatever becomes of standard output.
macro_rules! note {
    ($($text:tt)*) => { $crate::cli::out::aside(format_args!($($text)*)) };
}
pub(crate) use note;

/// Prints these bytes on standard output.
pub fn write(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Closed.into()),
        done => done.context("can't write to standard output"),
    }
}

/// Prints a line on standard output.
pub fn line(text: Arguments<'_>) -> anyhow::Result<()> {
    write(format!("{text}\n").as_bytes())
}

/// Prints a line on standard error. If nobody reads that, there is nobody to tell.
pub fn aside(text: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// `1 task`, `2 tasks`.
pub fn count(number: impl std::fmt::Display, what: &str) -> String {
    let number = number.to_string();
    let end = if number == "1" { "" } else { "s" };
    format!("{number} {what}{end}")
}

/// The text as a terminal may be shown it: without what would steer it or turn the reading direction round.
pub fn harmless(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
