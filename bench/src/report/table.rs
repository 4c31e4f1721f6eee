//! The table for people.

use std::fmt::Write as _;

use super::{Figure, Report};

const HEADINGS: [&str; 6] = ["figure", "value", "limit", "ratio", "target", "verdict"];

/// One figure in one line.
pub fn line(figure: &Figure) -> String {
    let mut line = cells(figure).into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("  ");
    if !figure.note.is_empty() {
        let _ = write!(line, "  ({})", figure.note);
    }
    line
}

/// The machine, the figures and the notes of those that fall short.
pub fn render(report: &Report) -> String {
    let rows: Vec<[String; 6]> = report.figures.iter().map(cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADINGS[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let machine = &report.machine;
    let mut text = format!(
        "{}: {} cores of {}, {:.0} GiB; {}; fsync {}; fdatasync {:.0} µs\n\n",
        machine.date,
        machine.cores,
        machine.cpu,
        machine.memory_gib,
        machine.postgres,
        machine.fsync,
        machine.fdatasync_us
    );
    row(&mut text, &widths, &HEADINGS.map(str::to_owned));
    row(&mut text, &widths, &widths.map(|width| "─".repeat(width)));
    for cells in &rows {
        row(&mut text, &widths, cells);
    }
    for figure in report.figures.iter().filter(|figure| figure.met() == Some(false) && !figure.note.is_empty()) {
        let _ = write!(text, "\nshort: {}: {}", figure.name, figure.note);
    }
    let _ = write!(
        text,
        "\n{} figures, {} short of their target, in {:.0} s\n",
        rows.len(),
        report.short(),
        report.seconds
    );
    text
}

fn row(text: &mut String, widths: &[usize; 6], cells: &[String; 6]) {
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let _ = match column {
            0 | 2 | 5 => write!(text, "{cell:<width$}  "),
            _ => write!(text, "{cell:>width$}  "),
        };
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
}

fn cells(figure: &Figure) -> [String; 6] {
    [
        figure.name.clone(),
        amount(figure.value, figure.unit),
        figure
            .limit
            .as_ref()
            .map(|(name, limit)| format!("{name} {}", amount(*limit, figure.unit)))
            .unwrap_or_default(),
        figure.ratio().map(|ratio| format!("{ratio:.2} ×")).unwrap_or_default(),
        figure.target(),
        figure.verdict().to_owned(),
    ]
}

/// Thousands apart, and as many decimals as mean something.
fn amount(value: f64, unit: &str) -> String {
    let space = if unit.starts_with('/') || unit.is_empty() { "" } else { " " };
    if value.abs() < 100.0 && value.fract() != 0.0 {
        return format!("{value:.2}{space}{unit}");
    }
    let digits = format!("{value:.0}");
    let mut grouped = String::with_capacity(digits.len() + 4);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}{space}{unit}")
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_are_read_at_a_glance() {
        assert_eq!(amount(1_234_567.4, "/s"), "1,234,567/s");
        assert_eq!(amount(0.234, "ms"), "0.23 ms");
        assert_eq!(amount(299.6, "MB"), "300 MB");
        assert_eq!(amount(0.0, ""), "0");
    }
}
