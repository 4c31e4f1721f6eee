//! `docket export`

use anyhow::ensure;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::account::Account;
use super::client::Client;
use super::names::Names;
use super::out;
use super::pages::Pages;
use super::{tasks, upload};

/// Write tasks, or anything else that there is a list of, to standard output, oldest first.
///
/// They are read and written page by page: any number of them takes no more memory than a few.
#[derive(clap::Args)]
pub struct Args {
    /// What.
    #[arg(value_enum, default_value_t = What::Tasks)]
    what: What,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    filter: tasks::Filter,
    /// How they are written.
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
}

/// The lists.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Tasks; the filters are for these.
    Tasks,
    /// Projects.
    Projects,
    /// Sprints.
    Sprints,
    /// Entries of time.
    Timelogs,
    /// Members.
    Members,
    /// Customers.
    Customers,
    /// Labels.
    Labels,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One JSON object per line, exactly what the API answers.
    Ndjson,
    /// A table for spreadsheets; that of tasks has names instead of ids.
    Csv,
}

/// The columns of the table.
const COLUMNS: [&str; 14] = [
    "number",
    "title",
    "status",
    "priority",
    "project",
    "assignees",
    "labels",
    "start_date",
    "due_date",
    "description",
    "external_id",
    "created_at",
    "updated_at",
    "id",
];

impl What {
    fn path(self) -> String {
        let name = clap::ValueEnum::to_possible_value(&self).map(|value| value.get_name().to_owned());
        format!("/v1/{}", name.unwrap_or_default())
    }
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let client = Client::new(args.account.server()?)?;
    let mut query = args.filter.query(&client).await?;
    ensure!(query.is_empty() || args.what == What::Tasks, "filters are for tasks");
    query.push(("sort", "number".to_owned()));
    let path = args.what.path();
    let mut pages = Pages::new(&client, &path, query);
    let mut sheet = Sheet { names: (args.what == What::Tasks).then(Names::default), columns: Vec::new() };
    let bar = upload::bar(0, "exported");
    if args.format == Format::Csv && args.what == What::Tasks {
        sheet.columns = COLUMNS.map(str::to_owned).to_vec();
        out::write(&lines([sheet.columns.clone()])?)?;
    }
    while let Some(page) = pages.next::<Box<RawValue>>().await? {
        bar.set_length(page.total.unwrap_or_default());
        let written = match args.format {
            Format::Ndjson => page.data.iter().flat_map(|one| [one.get(), "\n"]).collect::<String>().into_bytes(),
            Format::Csv => sheet.page(&client, &page.data).await?,
        };
        out::write(&written)?;
        bar.inc(page.data.len() as u64);
    }
    bar.finish_and_clear();
    Ok(())
}

/// A table, as it is written.
struct Sheet {
    /// What is called how, if ids are replaced.
    names: Option<Names>,
    /// The members that are its columns: those of the first resource, unless they are said.
    columns: Vec<String>,
}

impl Sheet {
    async fn page(&mut self, client: &Client, page: &[Box<RawValue>]) -> anyhow::Result<Vec<u8>> {
        let page: Vec<Map<String, Value>> =
            page.iter().map(|one| serde_json::from_str(one.get())).collect::<Result<_, _>>()?;
        let mut rows = Vec::with_capacity(page.len() + 1);
        if self.columns.is_empty() {
            self.columns = page.first().map(|one| one.keys().cloned().collect()).unwrap_or_default();
            rows.push(self.columns.clone());
        }
        let page: Vec<Value> = page.into_iter().map(Value::Object).collect();
        if let Some(names) = &mut self.names {
            names.learn(client, &page).await?;
        }
        rows.extend(page.iter().map(|one| self.row(one)));
        if rows.first().is_none_or(Vec::is_empty) { Ok(Vec::new()) } else { lines(rows) }
    }

    fn row(&self, one: &Value) -> Vec<String> {
        self.columns.iter().map(|column| defused(self.cell(one, column))).collect()
    }

    fn cell(&self, one: &Value, column: &str) -> String {
        match (&self.names, column, &one[column]) {
            (Some(names), "project", _) => names.project(one),
            (Some(names), "assignees", _) => names.assignees(one),
            (Some(names), "labels", _) => names.labels(one),
            (_, _, Value::Null) => String::new(),
            (_, _, Value::String(text)) => text.clone(),
            (_, _, other) => other.to_string(),
        }
    }
}

fn lines(rows: impl IntoIterator<Item = Vec<String>>) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(writer.into_inner()?)
}

/// A cell that no spreadsheet takes for a formula: an apostrophe goes before what begins like one.
fn defused(cell: String) -> String {
    let begins_one = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if cell.starts_with(begins_one) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(defused(formula.to_owned()), format!("'{formula}"));
        }
        for text in ["", "Fix it", "1-2", "2026-12-01", "'quoted"] {
            assert_eq!(defused(text.to_owned()), text);
        }
    }

    #[test]
    fn cells_with_commas_quotes_and_lines_stay_one_cell() {
        let written = lines([vec!["a,b".to_owned(), "say \"hi\"\nthere".to_owned()]]).expect("written");
        assert_eq!(String::from_utf8(written).as_deref(), Ok("\"a,b\",\"say \"\"hi\"\"\nthere\"\n"));
    }
}
