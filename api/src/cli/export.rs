//! `docket export`

use serde_json::Value;
use serde_json::value::RawValue;

use super::account::Account;
use super::client::Client;
use super::names::Names;
use super::out;
use super::pages::Pages;
use super::session::text;
use super::{tasks, upload};

/// Write tasks to standard output, oldest first.
///
/// They are read and written page by page: any number of them takes no more memory than a few.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    filter: tasks::Filter,
    /// How they are written.
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One JSON object per line, exactly what the API answers.
    Ndjson,
    /// A table for spreadsheets, with names instead of ids.
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

pub async fn run(args: Args) -> anyhow::Result<()> {
    let client = Client::new(args.account.server()?)?;
    let mut query = args.filter.query(&client).await?;
    query.push(("sort", "number".to_owned()));
    let mut pages = Pages::new(&client, "/v1/tasks", query);
    let mut names = Names::default();
    let bar = upload::bar(0, "tasks");
    if args.format == Format::Csv {
        out::write(&lines([COLUMNS.map(str::to_owned)])?)?;
    }
    while let Some(page) = pages.next::<Box<RawValue>>().await? {
        bar.set_length(page.total.unwrap_or_default());
        let written = match args.format {
            Format::Ndjson => page.data.iter().flat_map(|task| [task.get(), "\n"]).collect::<String>().into_bytes(),
            Format::Csv => {
                let tasks: Vec<Value> =
                    page.data.iter().map(|task| serde_json::from_str(task.get())).collect::<Result<_, _>>()?;
                names.learn(&client, &tasks).await?;
                lines(tasks.iter().map(|task| cells(task, &names)))?
            }
        };
        out::write(&written)?;
        bar.inc(page.data.len() as u64);
    }
    bar.finish_and_clear();
    Ok(())
}

fn cells(task: &Value, names: &Names) -> [String; COLUMNS.len()] {
    COLUMNS.map(|column| match column {
        "number" => task["number"].to_string(),
        "project" => defused(names.project(task)),
        "assignees" => defused(names.assignees(task)),
        "labels" => defused(names.labels(task)),
        _ => defused(text(task, column).to_owned()),
    })
}

fn lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> anyhow::Result<Vec<u8>> {
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
        let written = lines([["a,b".to_owned(), "say \"hi\"\nthere".to_owned()]]).expect("written");
        assert_eq!(String::from_utf8(written).as_deref(), Ok("\"a,b\",\"say \"\"hi\"\"\nthere\"\n"));
    }
}
