//! Questions about tasks → answers.

use docket_domain::ids::{LabelId, MemberId, ProjectId, TaskId};
use docket_domain::task::Status;

use super::pages::{HIDDEN, Pages};
use crate::cursor::Cursors;
use crate::guard::{ReadAs, guarded};
use crate::list::filled;
use crate::page::{Page, PageQuery, Start};
use crate::{Doc, Error, Reads};

/// Tasks know themselves; whether their project is deleted is for the projects to say.
const MODELS: [&str; 2] = [super::NAME, crate::projects::NAME];

/// What a list of tasks is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    /// Its dense number.
    #[default]
    Number,
    /// When it was created.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// When it is due; tasks without a date come last.
    DueDate,
    /// How much it matters.
    Priority,
}

impl SortKey {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Number, Self::CreatedAt, Self::UpdatedAt, Self::DueDate, Self::Priority];

    /// The word on the wire, also the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::DueDate => "due_date",
            Self::Priority => "priority",
        }
    }
}

/// The order of a list of tasks; equals are ordered by number, in the same direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortKey,
    /// Whether from most to least.
    pub descending: bool,
}

impl Default for Sort {
    /// Newest first.
    fn default() -> Self {
        Self { by: SortKey::Number, descending: true }
    }
}

impl Sort {
    /// Understands `due_date` and `-due_date`.
    pub fn parse(word: &str) -> Option<Self> {
        let (descending, word) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
        let by = SortKey::ALL.into_iter().find(|key| key.as_str() == word)?;
        Some(Self { by, descending })
    }
}

/// Which tasks, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Of this project.
    pub project_id: Option<ProjectId>,
    /// In one of these statuses; none given: in any.
    pub status: Vec<Status>,
    /// Assigned to this member.
    pub assignee_id: Option<MemberId>,
    /// With this label.
    pub label_id: Option<LabelId>,
    /// With all these words in title or description.
    pub q: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// Which page.
    pub page: PageQuery,
}

impl Reads {
    /// A task, unless it or its project is deleted.
    pub async fn task(&self, reader: &ReadAs, id: TaskId) -> Result<Option<Doc>, Error> {
        let answer = || {
            "select t.version, t.doc from tasks t where t.workspace = $1::uuid and t.id = $4::uuid and not t.deleted \
             and t.project_id <> all (h.hidden)"
                .to_owned()
        };
        self.one(reader, &MODELS, "task", id.0, HIDDEN, answer).await
    }

    /// One page of tasks.
    pub async fn tasks(&self, reader: &ReadAs, query: &TaskQuery) -> Result<Page, Error> {
        let name = name(query);
        let cursors = Cursors { secret: self.secret(), workspace: reader.workspace, query: &name };
        let place = match &query.page.start {
            Start::After(cursor) => Some(cursors.open(cursor)?),
            _ => None,
        };
        let pages = Pages::new(query, place.as_deref())?;
        let shape = self.shapes().get((super::NAME, pages.form()), || {
            guarded(&format!(", {}", pages.total()), &pages.facts(), &pages.answer())
        });
        let rows = self.ask(reader, &MODELS, &shape, &pages.into_binds()).await?;
        filled(&rows, query.page.limit, |last| Ok(cursors.seal(&super::place::of(last, query.sort.by)?)))
    }
}

/// The query as text, for its cursors.
fn name(query: &TaskQuery) -> String {
    let TaskQuery { project_id, status, assignee_id, label_id, q, sort, page: _ } = query;
    format!("tasks {project_id:?} {status:?} {assignee_id:?} {label_id:?} {q:?} {sort:?}")
}
