//! Events → rows of `projects`.

use docket_domain::project::Project;
use tokio_postgres::types::Type;

use crate::documents::{Documents, Facets, Shape};
use crate::fold::Version;
use crate::rows::{Table, Value};
use crate::words::Words;

const NOW: Table = Table {
    name: "projects",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("since", Type::INT8),
        ("until", Type::INT8),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("status", Type::TEXT),
        ("team_id", Type::UUID),
        ("customer_id", Type::UUID),
        ("archived", Type::BOOL),
        ("deleted", Type::BOOL),
        ("name", Type::TEXT),
        ("words", Type::TS_VECTOR),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static TABLE: Table = NOW;
static PAST: Table = NOW.past("past_projects");

static COUNTS: Table = Table {
    name: "project_counts",
    columns: &[("workspace", Type::UUID), ("facet", Type::INT2), ("n", Type::INT8)],
    key: 2,
    aside: false,
};

static SHAPE: Shape<Project> = Shape {
    name: super::NAME,
    table: &TABLE,
    past: &PAST,
    load_sql: "select d.workspace, d.id, d.since, d.doc from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
               join projects d on d.workspace = w.workspace and d.id = w.id",
    row,
};

/// The model, knowing nothing yet.
pub(crate) fn model() -> Documents<Project> {
    Documents::new(&SHAPE)
        .counting(Facets::new(&COUNTS, |project: &Project| (!project.deleted).then_some(i16::from(project.archived))))
}

fn row(version: &Version<Project>) -> Vec<Value> {
    let project = version.is;
    let rest = [
        Value::Big(project.number),
        Value::Big(project.version),
        Value::Text(project.state.status.clone()),
        Value::maybe(project.state.team_id.map(|id| id.0), Value::Uuid),
        Value::maybe(project.state.customer_id.map(|id| id.0), Value::Uuid),
        Value::Bool(project.state.archived),
        Value::Bool(project.state.deleted),
        Value::Text(project.state.name.to_lowercase()),
        Value::Words(Words::of(&[
            &project.state.name,
            project.state.code.as_deref().unwrap_or_default(),
            project.state.description.as_deref().unwrap_or_default(),
        ])),
        Value::Text(project.to_json()),
    ];
    version.key().into_iter().chain(rest).collect()
}
