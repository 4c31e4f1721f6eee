//! Tables that are imported.

use docket_api::cli::import::csv::{dates, sheet};

use crate::text;

/// Every row is read, or told by the line it begins on; the lines go up. A day is a day whatever stands behind it.
pub fn sheets(bytes: &[u8]) {
    if let Ok(sheet) = sheet::read(bytes) {
        assert!(!sheet.heads.is_empty());
        assert!(sheet.rows.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (line, row) in &sheet.rows {
            assert!(*line >= 1 && row.len() <= bytes.len());
        }
    }
    let Some(text) = text(bytes) else { return };
    if let Ok(day) = dates::day(text, None) {
        assert_eq!(dates::day(&day.to_string(), None), Ok(day));
    }
    if let Ok(instant) = dates::instant(text, None) {
        assert_eq!(dates::instant(&instant.to_rfc3339(), None), Ok(instant));
    }
}
