//! The rows: what the five products promise, one by one, and what holds for all of them. `rows.txt` names them all; a
//! row is told by a story, or stands there with the tests that keep it (`test <their names>`), with the rows that say
//! together what it says (`see <rows>`), or with the reason why it is not there (`not <why>`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::story::{self, Story};

const DIALECTS: [&str; 5] = ["ikreo", "krokanti", "pike", "projekt", "generic"];

/// All rows, and what is said of them besides the stories.
struct Rows {
    all: BTreeSet<String>,
    elsewhere: BTreeMap<String, Vec<String>>,
}

impl Rows {
    fn read() -> Self {
        let file = folder("tests/fixtures/dialects/rows.txt");
        let text = std::fs::read_to_string(file).expect("the rows");
        let (mut all, mut elsewhere) = (BTreeSet::new(), BTreeMap::<_, Vec<_>>::new());
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (rows, said) = line.split_once(' ').unwrap_or((line, ""));
            for row in range(rows) {
                if said.is_empty() {
                    all.insert(row);
                } else {
                    elsewhere.entry(row).or_default().push(said.to_owned());
                }
            }
        }
        Self { all, elsewhere }
    }
}

/// `I-001…I-003` is three rows.
fn range(rows: &str) -> Vec<String> {
    let (first, last) = rows.split_once('…').unwrap_or((rows, rows));
    let (letter, width) = (first.split('-').next().expect("a letter"), first.len() - 2);
    let number = |row: &str| row.split('-').nth(1).and_then(|digits| digits.parse::<u32>().ok()).expect(rows);
    (number(first)..=number(last)).map(|number| format!("{letter}-{number:0width$}")).collect()
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All of the tests' code, and of the code that has tests within.
fn code(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            code(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs") {
            all.push_str(&std::fs::read_to_string(&path).expect("code"));
        }
    }
}

#[test]
fn every_row_is_told_or_kept_elsewhere() {
    let rows = Rows::read();
    let told: BTreeSet<_> =
        DIALECTS.iter().flat_map(|dialect| story::read(dialect)).flat_map(|one| Story::rows(&one)).collect();
    let unknown: Vec<_> = told.iter().chain(rows.elsewhere.keys()).filter(|row| !rows.all.contains(*row)).collect();
    assert!(unknown.is_empty(), "rows.txt does not name {unknown:?}");
    let nowhere: Vec<_> =
        rows.all.iter().filter(|row| !told.contains(*row) && !rows.elsewhere.contains_key(*row)).collect();
    assert!(nowhere.is_empty(), "no story tells, and rows.txt says nothing of, {nowhere:?}");
    let mut tests = String::new();
    for path in ["tests/it", "src"] {
        code(&folder(path), &mut tests);
    }
    let is_not =
        |row: &String| rows.elsewhere.get(row).is_some_and(|said| said.iter().any(|one| one.starts_with("not ")));
    for (row, said) in rows.elsewhere.iter().flat_map(|(row, all)| all.iter().map(move |said| (row, said))) {
        let (kind, what) = said.split_once(' ').unwrap_or((said, ""));
        match kind {
            "test" => {
                for test in what.split(' ') {
                    assert!(tests.contains(&format!("fn {test}()")), "{row}: there is no test {test}");
                }
            }
            "see" => {
                for other in what.split(' ').flat_map(range) {
                    assert!(rows.all.contains(&other) && !is_not(&other), "{row}: {other} is not there");
                }
            }
            "not" => assert!(!told.contains(row), "{row} is told by a story, and yet not there: {what}"),
            _ => panic!("{row}: {said}"),
        }
    }
    let only_elsewhere = rows.elsewhere.keys().filter(|row| !told.contains(*row)).count();
    println!("{} rows: {} told by stories, {only_elsewhere} kept elsewhere or not there", rows.all.len(), told.len());
}
