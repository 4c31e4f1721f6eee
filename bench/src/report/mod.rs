//! The figures of one run, as a table and as JSON.

mod figure;
mod table;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
pub use figure::Figure;
use serde::Serialize;

use crate::machine::Machine;

/// All that a run found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Where it ran.
    pub machine: Machine,
    /// How long it took, seconds.
    pub seconds: f64,
    /// What it found, in the order it was measured.
    pub figures: Vec<Figure>,
    #[serde(skip)]
    start: Instant,
}

impl Report {
    /// An empty one; the clock runs from now on.
    pub fn new(machine: Machine) -> Self {
        Self { machine, seconds: 0.0, figures: Vec::new(), start: Instant::now() }
    }

    /// Stops the clock.
    pub fn end(&mut self) {
        self.seconds = self.start.elapsed().as_secs_f64();
    }

    /// Adds a figure and shows it at once, for whoever is waiting.
    pub fn add(&mut self, figure: Figure) {
        eprintln!("{:>4.0} s  {}", self.start.elapsed().as_secs_f64(), table::line(&figure));
        self.figures.push(figure);
    }

    /// How many figures fall short of their target.
    pub fn short(&self) -> usize {
        self.figures.iter().filter(|figure| figure.met() == Some(false)).count()
    }

    /// The table.
    pub fn table(&self) -> String {
        table::render(self)
    }

    /// Writes the same as JSON.
    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let json = serde_json::to_vec_pretty(self)?;
        std::fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))
    }
}
