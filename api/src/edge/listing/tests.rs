use docket_projections::{LABELS, PROJECTS, TASKS, TRAIL};

use super::*;

const ID: &str = "7d444840-9dc0-41d1-b245-5ffdce74fad2";

fn refused(list: &'static List, query: &str) -> (u16, String) {
    let problem = read(list, query, 0).expect_err(query);
    (problem.status.as_u16(), problem.code.into_owned())
}

#[test]
fn everything_at_once() {
    let query = format!(
        "status=todo,in_progress&priority[not]=none&project_id={ID}&due_date[gte]=2026-01-01&due_date[lt]=2026-02-01\
         &assignee_id[exists]=false&updated_since=2026-01-01T00:00:00Z&sort=-priority,due_date&q=login&limit=10\
         &offset=20&fields=id,title&expand=project,labels"
    );
    let read = read(&TASKS, &query, 0).expect("read");
    let filters: Vec<_> = read.filters.iter().map(|filter| (filter.field.name, filter.op)).collect();
    let expected = [
        ("project_id", Op::Is),
        ("status", Op::Is),
        ("priority", Op::Not),
        ("assignee_id", Op::Exists),
        ("due_date", Op::Gte),
        ("due_date", Op::Lt),
        ("updated_at", Op::Gte),
    ];
    assert_eq!(filters, expected);
    assert_eq!(read.filters[1].values, [Value::Word(1), Value::Word(2)]);
    let sort: Vec<_> = read.sort.iter().map(|key| (key.field.name, key.descending)).collect();
    assert_eq!(sort, [("priority", true), ("due_date", false)]);
    assert_eq!(read.page, PageQuery { limit: 10, start: Start::Offset(20) });
    assert_eq!(read.view.fields.as_deref(), Some(&["id", "title"][..]));
    assert_eq!(read.view.expand.len(), 2);
}

#[test]
fn equal_queries_are_equal() {
    let names = |query: &str| format!("{:?}", read(&TASKS, query, 0).expect("read").filters);
    assert_eq!(names("status=todo&priority=low"), names("priority=low&status=todo"));
}

#[test]
fn what_is_not_declared_is_refused() {
    for query in [
        "colour=red",
        "description=x",
        "status[gt]=todo",
        "status[]=todo",
        "status[",
        "[lte]=1",
        "due_date[eq]=2026-01-01",
        "workspace=x",
        "d.number=1",
        "number[exists]=true",
        "limit[]=1",
    ] {
        assert_eq!(refused(&TASKS, query), (400, "unknown-parameter".to_owned()), "{query}");
    }
    assert_eq!(refused(&TRAIL, "expand=actor"), (400, "unknown-parameter".to_owned()), "it shows nothing within");
    assert_eq!(refused(&LABELS, "expand=tasks"), (400, "unknown-value".to_owned()));
    let problem = read(&TASKS, "colour=red", 0).expect_err("refused");
    for named in ["`project_id`", "`due_date[lte]`", "`updated_since`", "`expand`", "`cursor`"] {
        assert!(problem.detail.contains(named), "{}", problem.detail);
    }
}

#[test]
fn bad_values_name_their_parameter() {
    for (query, code) in [
        ("status=open", "unknown-value"),
        ("status=", "unknown-value"),
        ("status=todo,", "unknown-value"),
        ("status=Todo", "unknown-value"),
        ("project_id=1", "invalid-parameter"),
        ("project_id=", "invalid-parameter"),
        ("due_date=2026-02-30", "invalid-parameter"),
        ("due_date[lte]=now", "invalid-parameter"),
        ("due_date[lte]=2026-01-01,2026-01-02", "invalid-parameter"),
        ("created_at[gt]=2026-01-01", "invalid-parameter"),
        ("number=01", "invalid-parameter"),
        ("number=1.5", "invalid-parameter"),
        ("due_date[exists]=yes", "invalid-parameter"),
        ("sort=secret", "unknown-value"),
        ("sort=priority,priority", "unknown-value"),
        ("sort=priority,-priority", "unknown-value"),
        ("sort=", "unknown-value"),
        ("sort=relevance", "unknown-value"),
        ("sort=--number", "unknown-value"),
        ("sort=number,created_at,updated_at,due_date,priority", "unknown-value"),
        ("fields=sha256", "unknown-value"),
        ("fields=", "unknown-value"),
        ("expand=workspace.api_keys", "unknown-value"),
        ("limit=0", "out-of-range"),
        ("limit=201", "out-of-range"),
        ("limit=-1", "out-of-range"),
        ("limit=1e9", "invalid-parameter"),
        ("limit=", "invalid-parameter"),
        ("offset=100001", "out-of-range"),
        ("offset=1&cursor=x", "two-places"),
        ("limit=1&limit=1", "duplicate-parameter"),
    ] {
        assert_eq!(refused(&TASKS, query), (400, code.to_owned()), "{query}");
    }
    assert_eq!(refused(&PROJECTS, "archived=1"), (400, "invalid-parameter".to_owned()));
    let many = vec![ID; 101].join(",");
    assert_eq!(refused(&TASKS, &format!("project_id={many}")), (400, "out-of-range".to_owned()));
    assert_eq!(refused(&TASKS, &format!("q={}", "a".repeat(501))), (400, "too-long".to_owned()));
}

#[test]
fn a_text_may_have_commas() {
    let read = read(&LABELS, "name=a,b&color[exists]=false", 0).expect("read");
    assert_eq!(read.filters[0].values, [Value::Text("a,b".to_owned())]);
}

#[test]
fn one_resource_takes_a_view_only() {
    assert!(read_view(&TASKS, "fields=id&expand=project", 0).is_ok());
    for query in ["limit=1", "status=todo", "q=x"] {
        assert_eq!(read_view(&TASKS, query, 0).expect_err(query).code, "unknown-parameter");
    }
}
