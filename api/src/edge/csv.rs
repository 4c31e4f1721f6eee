//! CSV (RFC 4180), for those who ask for it. What a spreadsheet would take for a formula is made harmless.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

const CSV: HeaderValue = HeaderValue::from_static("text/csv; charset=utf-8");

/// Whether `Accept` would rather have CSV than JSON.
pub fn is_wanted(headers: &HeaderMap) -> bool {
    super::accept::prefers(headers, "text/csv")
}

/// A table, row by row.
pub struct Table(String);

impl Table {
    /// With these columns.
    pub fn new(columns: &[&str]) -> Self {
        let mut table = Self(String::new());
        table.push(columns.iter().map(|name| (*name).to_owned()));
        table
    }

    /// Adds a row. Texts that clients have sent are to be [`text`]s.
    pub fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        for (place, cell) in cells.into_iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            if cell.contains([',', '"', '\r', '\n']) {
                self.0.push('"');
                self.0.push_str(&cell.replace('"', "\"\""));
                self.0.push('"');
            } else {
                self.0.push_str(&cell);
            }
        }
        self.0.push_str("\r\n");
    }
}

impl IntoResponse for Table {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, CSV);
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
        response
    }
}

/// A text as a cell: what begins like a formula begins with an apostrophe instead.
pub fn text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

/// A value as a cell; an absent one is empty.
pub fn cell(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_made_harmless_and_separators_quoted() {
        let mut table = Table::new(&["name", "n"]);
        for name in ["=cmd()", "+1", "-1", "@a", "\tx", "a,b", "say \"hi\"", "two\nlines", "plain"] {
            table.push([text(name), cell(Some(1))]);
        }
        table.push([text(""), cell(None::<i64>)]);
        let expected = "name,n\r\n'=cmd(),1\r\n'+1,1\r\n'-1,1\r\n'@a,1\r\n'\tx,1\r\n\"a,b\",1\r\n\
                        \"say \"\"hi\"\"\",1\r\n\"two\nlines\",1\r\nplain,1\r\n,\r\n";
        assert_eq!(table.0, expected);
    }

    #[test]
    fn csv_is_for_those_who_ask_for_it() {
        for (accept, wanted) in [
            ("text/csv", true),
            ("TEXT/CSV;q=0.5", true),
            ("text/csv, */*;q=0.1", true),
            ("application/json;q=0.5, text/csv", true),
            ("application/json, text/csv;q=0.9", false),
            ("text/csv;q=0", false),
            ("text/*", false),
            ("*/*", false),
            ("application/json", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(is_wanted(&headers), wanted, "{accept}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }
}
