//! Tables for people: aligned, cut to the terminal's width, coloured if that is one.

use console::{Alignment, Style, Term, measure_text_width, pad_str, truncate_str};
use serde_json::Value;

use super::out::{self, harmless, note};

/// Rows below their heads. The last column takes what width is left.
#[derive(Debug)]
pub struct Table {
    heads: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// How it looks.
#[derive(Clone, Copy)]
struct Look {
    width: Option<usize>,
    coloured: bool,
}

const GAP: &str = "  ";
/// The last column is never cut shorter than this.
const NARROWEST: usize = 20;

impl Table {
    /// An empty table. The cells below heads that start with `#` are numbers.
    pub fn new(heads: impl Into<Vec<&'static str>>) -> Self {
        Self { heads: heads.into(), rows: Vec::new() }
    }

    /// Adds a row, one cell per head.
    pub fn row(&mut self, cells: impl Into<Vec<String>>) {
        let one_line = |cell: String| harmless(&cell).replace(['\n', '\t'], " ");
        self.rows.push(cells.into().into_iter().map(one_line).collect());
    }

    /// Prints it.
    pub fn print(&self) -> anyhow::Result<()> {
        let width = Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
        out::write(self.render(Look { width, coloured: console::colors_enabled() }).as_bytes())
    }

    /// Prints it, and tells how much of the list it shows.
    pub fn print_page(&self, page: &Value) -> anyhow::Result<()> {
        self.print()?;
        let (shown, total) = (self.rows.len(), page["total"].as_u64().unwrap_or_default());
        if page["has_more"] == true {
            note!("{shown} of {total}; --limit and --cursor show others, --json says the next cursor.");
        }
        Ok(())
    }

    fn render(&self, look: Look) -> String {
        let widths = self.widths(look.width);
        let heads: Vec<String> = self.heads.iter().map(|head| (*head).to_owned()).collect();
        let bold = |_: &str, _: &str| Style::new().bold();
        let mut text = self.line(&heads, &widths, look, bold);
        for row in &self.rows {
            text.push_str(&self.line(row, &widths, look, colour));
        }
        text
    }

    fn widths(&self, limit: Option<usize>) -> Vec<usize> {
        let column = |index: usize| {
            let cells = self.rows.iter().map(|row| measure_text_width(&row[index]));
            cells.max().unwrap_or(0).max(measure_text_width(self.heads[index]))
        };
        let mut widths: Vec<usize> = (0..self.heads.len()).map(column).collect();
        if let (Some(limit), Some((last, others))) = (limit, widths.split_last_mut()) {
            let taken: usize = others.iter().map(|width| width + GAP.len()).sum();
            *last = (*last).min(limit.saturating_sub(taken).max(NARROWEST));
        }
        widths
    }

    fn line(&self, cells: &[String], widths: &[usize], look: Look, style: fn(&str, &str) -> Style) -> String {
        let cell = |((head, cell), width): ((&&str, &String), &usize)| {
            let align = if head.starts_with('#') { Alignment::Right } else { Alignment::Left };
            let cut = truncate_str(cell, *width, "…");
            let padded = pad_str(&cut, *width, align, None);
            style(head, cell).force_styling(look.coloured).apply_to(padded).to_string()
        };
        let cells: Vec<String> = self.heads.iter().zip(cells).zip(widths).map(cell).collect();
        format!("{}\n", cells.join(GAP).trim_end())
    }
}

fn colour(head: &str, cell: &str) -> Style {
    match (head, cell) {
        ("status", "done") => Style::new().green(),
        ("status", "in_progress" | "in_review") => Style::new().yellow(),
        ("status", "cancelled" | "duplicate" | "archived") => Style::new().dim(),
        ("priority", "urgent") => Style::new().red().bold(),
        ("priority", "high") => Style::new().red(),
        ("priority", "none") => Style::new().dim(),
        _ => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["#", "status", "title"]);
        table.row(["7".to_owned(), "done".to_owned(), "Fix the\nlogin page\u{1b}[2J".to_owned()]);
        table.row(["142".to_owned(), "todo".to_owned(), "日本語の題名".to_owned()]);
        table
    }

    #[test]
    fn columns_are_aligned_and_lines_stay_lines() {
        let text = table().render(Look { width: None, coloured: false });
        assert_eq!(text, "  #  status  title\n  7  done    Fix the login page\u{fffd}[2J\n142  todo    日本語の題名\n");
    }

    #[test]
    fn the_last_column_is_cut_to_the_terminal() {
        let mut table = Table::new(["#", "title"]);
        table.row(["1".to_owned(), "word ".repeat(30)]);
        let text = table.render(Look { width: Some(40), coloured: false });
        assert!(text.lines().all(|line| measure_text_width(line) <= 40), "{text}");
        assert!(text.ends_with("…\n"));
    }

    #[test]
    fn colours_are_only_added_where_they_are_wanted() {
        let look = |coloured| table().render(Look { width: None, coloured });
        assert!(!look(false).contains('\u{1b}'));
        assert!(look(true).contains("\u{1b}[32mdone  \u{1b}[0m"), "{:?}", look(true));
    }
}
