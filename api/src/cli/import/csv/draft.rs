//! A row, read: what its task will be, before anything is looked up.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use csv::StringRecord;
use docket_domain::task::{Priority, Status};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::dates;
use super::format::Field;
use super::mapping::Mapping;
use super::words::Words;
use crate::cli::import::Fault;
use crate::edge::scalars::{Line, Text};

/// A task to be.
#[derive(Debug)]
pub struct Draft {
    /// The line it begins on.
    pub line: u64,
    /// What it is called where it comes from.
    pub external_id: String,
    /// The name of its project, if the file says one.
    pub project: Option<String>,
    /// Its title.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
    /// Where it stands.
    pub status: Option<Status>,
    /// How much it matters.
    pub priority: Option<Priority>,
    /// The cells that say who does it.
    pub assignees: Vec<String>,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// The day work starts.
    pub start: Option<NaiveDate>,
    /// The day it has to be done.
    pub due: Option<NaiveDate>,
    /// When it came into being.
    pub created: Option<DateTime<Utc>>,
    /// When it came to its status, if that is an end.
    pub completed: Option<DateTime<Utc>>,
    /// What the task that it is a part of is called where it comes from.
    pub parent: Option<String>,
    /// What else it is called there.
    pub alias: Option<String>,
    /// How much work it is, in points.
    pub points: Option<i64>,
    /// How much work it is, in minutes.
    pub minutes: Option<i64>,
    /// Whether it was put away.
    pub archived: bool,
}

impl Draft {
    /// Whether it has come to an end, and when: then it is brought in as it was before, and ended at that time.
    pub fn ended(&self) -> Option<(Status, DateTime<Utc>)> {
        let status = self.status.filter(|status| !status.is_open())?;
        let completed = self.completed?;
        Some((status, self.created.map_or(completed, |created| created.max(completed))))
    }
}

/// How rows are read.
pub struct Reading<'a> {
    /// Which column is what.
    pub mapping: &'a Mapping,
    /// What words mean.
    pub words: &'a Words,
    /// How days are written, if that has to be said.
    pub date_format: Option<&'a str>,
    /// What goes before the ids, so that those of different products don't meet.
    pub source: &'a str,
}

impl Reading<'_> {
    /// Reads every row.
    pub fn drafts(&self, rows: &[(u64, StringRecord)]) -> (Vec<Draft>, Vec<Fault>) {
        let (mut drafts, mut faults) = (Vec::new(), Vec::new());
        let mut known: HashMap<String, u64> = HashMap::new();
        let mut equals: HashMap<String, u32> = HashMap::new();
        for (line, row) in rows {
            let external_id = self.external_id(row, &mut equals);
            let read = match known.insert(external_id.clone(), *line) {
                Some(other) => Err(format!("line {other} has the same id")),
                None => self.draft(*line, row, external_id),
            };
            match read {
                Ok(draft) => drafts.push(draft),
                Err(why) => faults.push(Fault { line: *line, why }),
            }
        }
        (drafts, faults)
    }

    fn draft(&self, line: u64, row: &StringRecord, external_id: String) -> Result<Draft, String> {
        let one = |field| self.mapping.one(field, row);
        let title = one(Field::Title).ok_or("the title is empty")?;
        let description = one(Field::Description).map(|text| text.replace("\r\n", "\n"));
        let project = one(Field::Project).map(str::to_owned);
        let labels = self.labels(row);
        fits::<Line<1, 500>>("title", title)?;
        fits::<Line<1, 200>>("id", &external_id)?;
        description.as_deref().map_or(Ok(()), |text| fits::<Text<0, 20_000>>("description", text))?;
        project.as_deref().map_or(Ok(()), |text| fits::<Line<1, 200>>("project", text))?;
        labels.iter().try_for_each(|label| fits::<Line<1, 100>>("label", label))?;
        let day = |field| one(field).map(|text| dates::day(text, self.date_format)).transpose();
        let instant = |field| one(field).map(|text| dates::instant(text, self.date_format)).transpose();
        Ok(Draft {
            line,
            external_id,
            project,
            title: title.to_owned(),
            description,
            status: self.status(row)?,
            priority: one(Field::Priority).map(|word| self.words.priority(word)).transpose()?,
            assignees: self.mapping.several(Field::Assignees, row).map(str::to_owned).collect(),
            labels,
            start: day(Field::Start)?,
            due: day(Field::Due)?,
            created: instant(Field::Created)?,
            completed: instant(Field::Completed)?,
            parent: self.mapping.one(Field::Parent, row).map(|id| self.named(id)),
            alias: one(Field::Alias).map(|id| self.named(id)),
            points: one(Field::Points).map(|text| whole("points", text)).transpose()?,
            minutes: self.minutes(row)?,
            archived: one(Field::Archived).is_some_and(is_yes),
        })
    }

    fn status(&self, row: &StringRecord) -> Result<Option<Status>, String> {
        if self.mapping.one(Field::Complete, row).is_some_and(is_yes) {
            return Ok(Some(Status::Done));
        }
        self.mapping.one(Field::Status, row).map(|word| self.words.status(word)).transpose()
    }

    fn minutes(&self, row: &StringRecord) -> Result<Option<i64>, String> {
        if let Some(text) = self.mapping.one(Field::Minutes, row) {
            return whole("minutes", text).map(Some);
        }
        let seconds = self.mapping.one(Field::Seconds, row).map(|text| whole("seconds", text)).transpose()?;
        Ok(seconds.map(|seconds| seconds / 60))
    }

    /// An id, as it is known here.
    fn named(&self, id: &str) -> String {
        format!("{}:{id}", self.source)
    }

    /// The id the file gives; a row without one is known by what is in it, and equal rows by their order.
    fn external_id(&self, row: &StringRecord, equals: &mut HashMap<String, u32>) -> String {
        if let Some(id) = self.mapping.one(Field::Id, row) {
            return self.named(id);
        }
        let cells: Vec<&str> = row.iter().collect();
        let hash = hex::encode(&Sha256::digest(json!(cells).to_string())[..16]);
        let nth = equals.entry(hash.clone()).or_default();
        *nth += 1;
        format!("{}:{hash}:{nth}", self.source)
    }

    fn labels(&self, row: &StringRecord) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for label in self.mapping.several(Field::Labels, row).flat_map(split) {
            let label = uncoloured(label);
            if !labels.iter().any(|known| known.to_lowercase() == label.to_lowercase()) {
                labels.push(label.to_owned());
            }
        }
        labels
    }
}

/// The names in a cell.
pub fn split(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([',', ';']).map(str::trim).filter(|name| !name.is_empty())
}

/// Trello writes a label's colour behind its name: `bug (red)`.
fn uncoloured(label: &str) -> &str {
    const COLOURS: [&str; 10] = ["green", "yellow", "orange", "red", "purple", "blue", "sky", "lime", "pink", "black"];
    let split = label.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    match split {
        Some((name, colour)) if COLOURS.contains(&colour.split('_').next().unwrap_or_default()) => name,
        _ => label,
    }
}

/// A whole number, as spreadsheets write them: `3`, `3.0`.
fn whole(what: &str, text: &str) -> Result<i64, String> {
    let plain = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|digit| digit == b'0'));
    let number = plain.map_or(text, |(whole, _)| whole).parse::<i64>().ok().filter(|number| *number >= 0);
    number.ok_or_else(|| format!("{what}: “{text}” is no whole number; --map {what}= leaves them out"))
}

fn is_yes(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "true" | "yes" | "1")
}

/// Whether the server takes this text.
fn fits<T: FromStr<Err: Display>>(what: &str, text: &str) -> Result<(), String> {
    let fault = |error: T::Err| {
        let said = error.to_string();
        format!("{what}: {}", said.split(" [").next().unwrap_or_default())
    };
    text.parse::<T>().map(drop).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::super::format::detect;
    use super::super::sheet;
    use super::*;

    fn read(text: &str) -> (Vec<Draft>, Vec<Fault>) {
        let sheet = sheet::read(text.as_bytes()).expect("a sheet");
        let format = detect(&sheet.heads);
        let mapping = Mapping::new(format, &[], &sheet.heads).expect("a mapping");
        let words = Words::default();
        Reading { mapping: &mapping, words: &words, date_format: None, source: format.name }.drafts(&sheet.rows)
    }

    #[test]
    fn a_row_of_trello_is_read() {
        let (drafts, faults) = read(
            "Card ID,Card Name,Card Description,Labels,Members,Due Date,List Name,Board Name\n\
             5f1,Paint it,\"two\r\nlines\",\"bug (red), feature (green_dark), odd (sad)\",\"Ada, Bob\",\
             2026-03-12T23:00:00.000Z,Doing,House\n",
        );
        assert_eq!(faults, []);
        let draft = &drafts[0];
        assert_eq!((draft.external_id.as_str(), draft.title.as_str()), ("trello:5f1", "Paint it"));
        assert_eq!(draft.description.as_deref(), Some("two\nlines"));
        assert_eq!(draft.labels, ["bug", "feature", "odd (sad)"]);
        assert_eq!(draft.status, Some(Status::InProgress));
        assert_eq!(draft.due.map(|day| day.to_string()).as_deref(), Some("2026-03-12"));
        assert_eq!((draft.project.as_deref(), draft.assignees.len()), (Some("House"), 1));
    }

    #[test]
    fn every_bad_row_is_told_by_its_line() {
        let long = "x".repeat(501);
        let (drafts, faults) = read(&format!(
            "title,status,due\nfine,,\n,todo,\nx,limbo,\nx,,03/04/26\n\"a\nb\",,\n{long},,\nfine too,,\n"
        ));
        assert_eq!(drafts.iter().map(|draft| draft.line).collect::<Vec<_>>(), [2, 9]);
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3, 4, 5, 6, 8]);
        assert_eq!(faults[0].why, "the title is empty");
        assert!(faults[3].why.starts_with("title: control character"), "{}", faults[3].why);
    }

    #[test]
    fn rows_keep_their_names() {
        let text = "title,id\nsame,\nsame,\nother,7\nother,7\n";
        let names = |drafts: &[Draft]| drafts.iter().map(|draft| draft.external_id.clone()).collect::<Vec<_>>();
        let (drafts, faults) = read(text);
        assert_ne!(drafts[0].external_id, drafts[1].external_id);
        assert_eq!(drafts[2].external_id, "csv:7");
        assert_eq!(faults, [Fault { line: 5, why: "line 4 has the same id".to_owned() }]);
        assert_eq!(names(&read(text).0), names(&drafts));
    }
}
