//! A CSV file as rows: whatever separates its cells, however its lines end.

use anyhow::{Context, bail, ensure};
use csv::{ByteRecord, Error, ErrorKind, ReaderBuilder, StringRecord};

use crate::cli::import::Fault;

/// The rows of a file below its heads.
#[derive(Debug)]
pub struct Sheet {
    /// What the columns are called.
    pub heads: Vec<String>,
    /// The rows with the numbers of their lines.
    pub rows: Vec<(u64, StringRecord)>,
    /// The rows that can't be read.
    pub faults: Vec<Fault>,
}

/// Reads a file; an error if it has no heads that can be read.
pub fn read(bytes: &[u8]) -> anyhow::Result<Sheet> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        bail!("this is UTF-16: save it as CSV UTF-8");
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().delimiter(separator(bytes)).from_reader(bytes);
    let heads = reader.headers().context("the first line can't be read: save the file as CSV UTF-8")?;
    let heads: Vec<String> = heads.iter().map(|head| head.trim().to_owned()).collect();
    ensure!(heads.iter().any(|head| !head.is_empty()), "the file is empty: its first line must name the columns");
    let (mut rows, mut faults, mut lines) = (Vec::new(), Vec::new(), Lines { bytes, passed: 0, line: 1 });
    for record in reader.byte_records() {
        let position = record.as_ref().map_or_else(Error::position, ByteRecord::position);
        let line = lines.of(position.map_or(0, csv::Position::byte));
        match record.map_err(|error| fault(line, &error)).and_then(|record| utf8(line, record)) {
            Ok((_, record)) if record.iter().all(|cell| cell.trim().is_empty()) => {}
            Ok(row) => rows.push(row),
            Err(fault) => faults.push(fault),
        }
    }
    Ok(Sheet { heads, rows, faults })
}

/// What separates the cells of the first line: spreadsheets of many countries use semicolons.
fn separator(bytes: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in bytes {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if !quoted => counts.iter_mut().filter(|(separator, _)| separator == byte).for_each(|(_, n)| *n += 1),
            _ => {}
        }
    }
    // Of equals the first: a file with one column has no separator at all.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| separator)
}

/// Which line a byte is on. The reader counts line feeds only, but takes a bare carriage return for the end of a row too.
struct Lines<'a> {
    bytes: &'a [u8],
    passed: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first row at a byte or after it; bytes are asked for in their order.
    fn of(&mut self, byte: u64) -> u64 {
        let asked = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(passed) = self.bytes.get(self.passed)
            && (self.passed < asked || matches!(passed, b'\r' | b'\n'))
        {
            self.passed += 1;
            let ends = *passed == b'\n' || (*passed == b'\r' && self.bytes.get(self.passed) != Some(&b'\n'));
            self.line += u64::from(ends);
        }
        self.line
    }
}

fn utf8(line: u64, record: ByteRecord) -> Result<(u64, StringRecord), Fault> {
    let read = StringRecord::from_byte_record(record);
    read.map(|record| (line, record))
        .map_err(|_| Fault { line, why: "not UTF-8: save the file as CSV UTF-8".to_owned() })
}

fn fault(line: u64, error: &Error) -> Fault {
    let why = match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} cells below {expected_len} heads: is there a quote too many or too few?")
        }
        _ => error.to_string(),
    };
    Fault { line, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let sheet = read(text.as_bytes()).expect("a sheet");
        assert_eq!(sheet.faults, []);
        sheet.rows.iter().map(|(_, row)| row.iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn cells_are_read_whatever_separates_them() {
        let expected = [["a", "b,c"], ["d;e", "f\ng"]];
        assert_eq!(cells("x,y\na,\"b,c\"\nd;e,\"f\ng\"\n"), expected);
        assert_eq!(cells("x;y\r\na;b,c\r\n\"d;e\";\"f\ng\"\r\n"), expected);
        assert_eq!(cells("x\ty\na\tb,c\n\"d;e\"\t\"f\ng\""), expected);
        assert_eq!(cells("\u{feff}\"x,;;;z\",y\na,\"b,c\"\n"), [["a", "b,c"]]);
        assert_eq!(cells("only\na\n\n  \nb\n"), [["a"], ["b"]]);
    }

    #[test]
    fn bad_rows_are_told_by_the_lines_they_begin_on() {
        let sheet = read(b"x,y\n1,\"two\nlines\"\nlonely\n3,\xff\n4,fine\n").expect("a sheet");
        assert_eq!(sheet.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 6]);
        assert_eq!(sheet.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn lines_are_counted_however_they_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["x,y", "", "1,a", "2,\"b", "b\"", " , ", "lonely", "3,c", ""].join(end);
            let sheet = read(text.as_bytes()).expect("a sheet");
            assert_eq!(sheet.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4, 8], "{end:?}");
            assert_eq!(sheet.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [7], "{end:?}");
        }
    }

    #[test]
    fn what_has_no_heads_is_no_sheet() {
        for bytes in [&b""[..], b"\n\n", b" , \n", b"\xff\xfex\0", b"\xff,\xfe\n"] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
    }
}
