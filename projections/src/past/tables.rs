//! The read models as they were after a position. What a statement calls `tasks` is then not the table, but what of it
//! and of `past_tasks` was true: so one text says what a list is, now and at any moment.

use crate::tasks::Gathered;
use crate::{catalog, keys, members, notifications, projects, sprints, tasks, timelogs, trail};

/// A model's tables of documents.
fn tables(model: &str) -> &'static [&'static str] {
    match model {
        tasks::NAME => &["tasks", "task_comments"],
        projects::NAME => &["projects"],
        sprints::NAME => &["sprints"],
        members::NAME => &["members"],
        catalog::NAME => &["entries"],
        keys::NAME => &["keys"],
        timelogs::NAME => &["timelogs"],
        notifications::NAME => &["notifications"],
        _ => &[],
    }
}

/// A statement over these models, as they were after the position `at`, a parameter; or as they are.
pub(crate) fn at(at: Option<&str>, models: &[&str], statement: String) -> String {
    gathering(Gathered::Nothing, at, models, statement)
}

/// The same, where what few tasks there are of a part is gathered first, so that no walk passes over all others of it.
pub(crate) fn gathering(gathered: Gathered, at: Option<&str>, models: &[&str], statement: String) -> String {
    let Some(at) = at else { return statement };
    let mut with = Vec::new();
    if gathered != Gathered::Nothing {
        with.extend(tasks::parts_at(gathered, at));
    }
    for model in models {
        // What comes later in a with-clause is not known yet: here, names still mean the tables themselves.
        match *model {
            tasks::NAME => {
                with.push(format!("changed_tasks as materialized ({})", tasks::changed_at(at)));
                with.push(format!("task_counts as not materialized ({})", tasks::counted_at(at)));
                for (table, column) in [("task_assignees", "member_id"), ("task_labels", "label_id")] {
                    with.push(format!("every_{table} as not materialized ({})", tasks::every_related(table, column)));
                    with.push(format!("{table} as not materialized ({})", then(table, at)));
                }
            }
            trail::NAME => {
                with.push(format!("trail as not materialized (select * from trail v where v.position <= {at})"));
            }
            _ => {}
        }
        for table in tables(model) {
            with.push(format!("every_{table} as not materialized ({})", every(table)));
            let was = match (*table, gathered) {
                ("tasks", Gathered::Ended | Gathered::Present) => tasks::PARTS.to_owned(),
                _ => then(table, at),
            };
            with.push(format!("{table} as not materialized ({was})"));
        }
        // Long, and rarely asked for.
        if *model == tasks::NAME && statement.contains("flow_counts") {
            with.push(format!("flow_counts as not materialized ({})", tasks::flowed_at(at)));
        }
    }
    format!("with {} {statement}", with.join(", "))
}

/// What of all that ever was in a table was true.
fn then(table: &str, at: &str) -> String {
    format!("select * from every_{table} v where {}", true_at("v", at))
}

/// Whether this row of any version was true after the position `at`.
pub(crate) fn true_at(row: &str, at: &str) -> String {
    format!("{row}.since <= {at} and {row}.until > {at}")
}

/// All that is in a table, and in its past. (Parts without conditions of their own: only such does PostgreSQL merge by
/// their order.)
fn every(table: &str) -> String {
    // Of keys, the past has only what clients are shown.
    let all = match table {
        "keys" => "workspace, id, since, until, number, version, kid, words, shown, shown as doc",
        _ => "*",
    };
    format!("select {all} from {table} union all select {all} from past_{table}")
}
