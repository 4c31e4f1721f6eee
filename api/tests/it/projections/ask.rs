//! Questions in the words of the tests.

use std::future::Future;

use docket_domain::ids::{LabelId, MemberId, ProjectId, TaskId};
use docket_domain::task::Status;
use docket_projections::{
    Doc, Error, KEYS, LABELS, List, ListQuery, MEMBERS, Op, PROJECTS, Page, PageQuery, ReadAs, Reads, SortBy, TASKS,
    Value, View,
};

/// What a list of tasks is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    Number,
    CreatedAt,
    UpdatedAt,
    DueDate,
    Priority,
}

impl SortKey {
    pub const ALL: [Self; 5] = [Self::Number, Self::CreatedAt, Self::UpdatedAt, Self::DueDate, Self::Priority];

    pub fn as_str(self) -> &'static str {
        ["number", "created_at", "updated_at", "due_date", "priority"][self as usize]
    }
}

/// An order with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub by: SortKey,
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { by: SortKey::Number, descending: true }
    }
}

impl Sort {
    pub fn parse(word: &str) -> Option<Self> {
        let (descending, word) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
        let by = SortKey::ALL.into_iter().find(|key| key.as_str() == word)?;
        Some(Self { by, descending })
    }
}

/// Which tasks, in which order.
#[derive(Clone, Debug, Default)]
pub struct TaskQuery {
    pub project_id: Option<ProjectId>,
    pub status: Vec<Status>,
    pub assignee_id: Option<MemberId>,
    pub label_id: Option<LabelId>,
    pub q: Option<String>,
    pub sort: Sort,
    pub page: PageQuery,
}

impl TaskQuery {
    pub fn asked(&self) -> ListQuery {
        let field = TASKS.sort(self.sort.by.as_str()).expect("an order");
        let sort = vec![SortBy { field, descending: self.sort.descending }];
        let mut asked = ListQuery { q: self.q.clone(), sort, page: self.page.clone(), ..ListQuery::default() };
        let ids = [
            ("project_id", self.project_id.map(|id| id.0)),
            ("assignee_id", self.assignee_id.map(|id| id.0)),
            ("label_id", self.label_id.map(|id| id.0)),
        ];
        for (name, id) in ids {
            if let Some(id) = id {
                asked = asked.with(&TASKS, name, Op::Is, vec![Value::Id(id)]);
            }
        }
        if !self.status.is_empty() {
            let words = self.status.iter().map(|status| Value::Word(*status as i16)).collect();
            asked = asked.with(&TASKS, "status", Op::Is, words);
        }
        asked
    }
}

/// Which projects.
#[derive(Clone, Debug, Default)]
pub struct ProjectQuery {
    pub archived: Option<bool>,
    pub page: PageQuery,
}

type Answer<T> = Result<T, Error>;

/// The questions most tests ask.
pub trait Ask {
    fn page(&self, reader: &ReadAs, list: &'static List, page: &PageQuery)
    -> impl Future<Output = Answer<Page>> + Send;
    fn tasks(&self, reader: &ReadAs, query: &TaskQuery) -> impl Future<Output = Answer<Page>> + Send;
    fn projects(&self, reader: &ReadAs, query: &ProjectQuery) -> impl Future<Output = Answer<Page>> + Send;
    fn task(&self, reader: &ReadAs, id: TaskId) -> impl Future<Output = Answer<Option<Doc>>> + Send;
    fn project(&self, reader: &ReadAs, id: ProjectId) -> impl Future<Output = Answer<Option<Doc>>> + Send;
    fn labels(&self, reader: &ReadAs, page: &PageQuery) -> impl Future<Output = Answer<Page>> + Send;
    fn members(&self, reader: &ReadAs, page: &PageQuery) -> impl Future<Output = Answer<Page>> + Send;
    fn keys(&self, reader: &ReadAs, page: &PageQuery) -> impl Future<Output = Answer<Page>> + Send;
}

impl Ask for Reads {
    async fn page(&self, reader: &ReadAs, list: &'static List, page: &PageQuery) -> Answer<Page> {
        self.list(reader, list, &ListQuery { page: page.clone(), ..ListQuery::default() }).await
    }

    async fn tasks(&self, reader: &ReadAs, query: &TaskQuery) -> Answer<Page> {
        self.list(reader, &TASKS, &query.asked()).await
    }

    async fn projects(&self, reader: &ReadAs, query: &ProjectQuery) -> Answer<Page> {
        let mut asked = ListQuery { page: query.page.clone(), ..ListQuery::default() };
        if let Some(archived) = query.archived {
            asked = asked.with(&PROJECTS, "archived", Op::Is, vec![Value::Bool(archived)]);
        }
        self.list(reader, &PROJECTS, &asked).await
    }

    async fn task(&self, reader: &ReadAs, id: TaskId) -> Answer<Option<Doc>> {
        self.get(reader, &TASKS, id.0, &View::default()).await
    }

    async fn project(&self, reader: &ReadAs, id: ProjectId) -> Answer<Option<Doc>> {
        self.get(reader, &PROJECTS, id.0, &View::default()).await
    }

    async fn labels(&self, reader: &ReadAs, page: &PageQuery) -> Answer<Page> {
        self.page(reader, &LABELS, page).await
    }

    async fn members(&self, reader: &ReadAs, page: &PageQuery) -> Answer<Page> {
        self.page(reader, &MEMBERS, page).await
    }

    async fn keys(&self, reader: &ReadAs, page: &PageQuery) -> Answer<Page> {
        self.page(reader, &KEYS, page).await
    }
}
