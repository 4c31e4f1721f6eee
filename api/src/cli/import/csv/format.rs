//! The exports of other products: how they are told apart, and which column is what.

/// What a task is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// What it is called where it comes from.
    Id,
    /// One line that says what is to be done.
    Title,
    /// More about it.
    Description,
    /// The name of its project.
    Project,
    /// Where it stands.
    Status,
    /// How much it matters.
    Priority,
    /// Who does it.
    Assignees,
    /// Its labels.
    Labels,
    /// The day work starts.
    Start,
    /// The day it has to be done.
    Due,
    /// When it came into being.
    Created,
    /// When it was done, or given up.
    Completed,
    /// The task it is a part of, by its id.
    Parent,
    /// What else it is called: parents may be named so.
    Alias,
    /// How much work it is, in points.
    Points,
    /// How much work it is, in minutes.
    Minutes,
    /// The same in seconds.
    Seconds,
    /// Whether it is done, whatever its status says.
    Complete,
    /// Whether it was put away.
    Archived,
}

impl Field {
    /// All of them, in the order they are shown in.
    pub const ALL: [Self; 19] = [
        Self::Id,
        Self::Title,
        Self::Description,
        Self::Project,
        Self::Status,
        Self::Priority,
        Self::Assignees,
        Self::Labels,
        Self::Start,
        Self::Due,
        Self::Created,
        Self::Completed,
        Self::Parent,
        Self::Alias,
        Self::Points,
        Self::Minutes,
        Self::Seconds,
        Self::Complete,
        Self::Archived,
    ];

    /// What it is called on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Description => "description",
            Self::Project => "project",
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Assignees => "assignees",
            Self::Labels => "labels",
            Self::Start => "start",
            Self::Due => "due",
            Self::Created => "created",
            Self::Completed => "completed",
            Self::Parent => "parent",
            Self::Alias => "alias",
            Self::Points => "points",
            Self::Minutes => "minutes",
            Self::Seconds => "seconds",
            Self::Complete => "complete",
            Self::Archived => "archived",
        }
    }
}

/// A product's export.
pub struct Format {
    /// The product.
    pub name: &'static str,
    /// Heads that tell it from others, folded.
    signs: &'static [&'static str],
    /// What its columns are called, folded; of several for one field, the first that is there counts first.
    pub columns: &'static [(Field, &'static [&'static str])],
}

const JIRA: Format = Format {
    name: "jira",
    signs: &["summary", "issue key"],
    columns: &[
        (Field::Id, &["issue key"]),
        (Field::Title, &["summary"]),
        (Field::Description, &["description"]),
        (Field::Project, &["project name", "project", "project key"]),
        (Field::Status, &["status"]),
        (Field::Priority, &["priority"]),
        (Field::Assignees, &["assignee"]),
        (Field::Labels, &["labels"]),
        (Field::Start, &["start date", "custom field (start date)"]),
        (Field::Due, &["due date"]),
        (Field::Created, &["created"]),
        (Field::Completed, &["resolved"]),
        (Field::Parent, &["parent key", "parent", "parent id"]),
        (Field::Alias, &["issue id"]),
        (
            Field::Points,
            &[
                "story points",
                "story point estimate",
                "custom field (story points)",
                "custom field (story point estimate)",
            ],
        ),
        (Field::Seconds, &["original estimate"]),
    ],
};

const LINEAR: Format = Format {
    name: "linear",
    signs: &["id", "team", "title", "cycle number"],
    columns: &[
        (Field::Id, &["id"]),
        (Field::Title, &["title"]),
        (Field::Description, &["description"]),
        (Field::Project, &["project", "team"]),
        (Field::Status, &["status"]),
        (Field::Priority, &["priority"]),
        (Field::Assignees, &["assignee"]),
        (Field::Labels, &["labels"]),
        (Field::Due, &["due date"]),
        (Field::Created, &["created"]),
        (Field::Completed, &["completed", "canceled"]),
        (Field::Parent, &["parent issue"]),
        (Field::Points, &["estimate"]),
    ],
};

const TRELLO: Format = Format {
    name: "trello",
    signs: &["card id", "card name"],
    columns: &[
        (Field::Id, &["card id"]),
        (Field::Title, &["card name"]),
        (Field::Description, &["card description"]),
        (Field::Project, &["board name"]),
        (Field::Status, &["list name"]),
        (Field::Assignees, &["members"]),
        (Field::Labels, &["labels"]),
        (Field::Start, &["start date"]),
        (Field::Due, &["due date"]),
        (Field::Complete, &["due complete"]),
        (Field::Archived, &["archived"]),
    ],
};

/// Anything else, as people would name columns; also what `docket export` writes.
const PLAIN: Format = Format {
    name: "csv",
    signs: &[],
    columns: &[
        (Field::Id, &["external id", "id", "key"]),
        (Field::Title, &["title", "name", "summary", "task", "subject"]),
        (Field::Description, &["description", "details", "notes"]),
        (Field::Project, &["project", "project name"]),
        (Field::Status, &["status", "state"]),
        (Field::Priority, &["priority"]),
        (Field::Assignees, &["assignees", "assignee", "assigned to", "owner"]),
        (Field::Labels, &["labels", "label", "tags"]),
        (Field::Start, &["start date", "start"]),
        (Field::Due, &["due date", "due", "deadline"]),
        (Field::Created, &["created at", "created"]),
        (Field::Completed, &["completed at", "completed"]),
        (Field::Parent, &["parent", "parent external id", "parent key"]),
        (Field::Points, &["points", "estimate points", "story points"]),
        (Field::Minutes, &["estimate minutes", "minutes"]),
    ],
};

/// The product whose export has these heads.
pub fn detect(heads: &[String]) -> &'static Format {
    let has = |sign: &&str| heads.iter().any(|head| folded(head) == *sign);
    [&JIRA, &LINEAR, &TRELLO].into_iter().find(|format| format.signs.iter().all(has)).unwrap_or(&PLAIN)
}

/// A head as it is compared: `Due_Date` is `due date`.
pub fn folded(head: &str) -> String {
    head.trim().to_lowercase().replace(['_', '-'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(heads: &str) -> &'static str {
        detect(&heads.split(',').map(str::to_owned).collect::<Vec<_>>()).name
    }

    #[test]
    fn exports_are_told_by_their_heads() {
        assert_eq!(detected("Summary,Issue key,Issue id,Issue Type,Status,Project key,Project name"), "jira");
        assert_eq!(detected("Issue Type,Issue key,Issue id,Summary,Assignee"), "jira");
        assert_eq!(
            detected("ID,Team,Title,Description,Status,Estimate,Priority,Project ID,Project,Creator,Cycle Number"),
            "linear"
        );
        assert_eq!(detected("Card ID,Card Name,Card URL,Card Description,Labels,Members,Due Date"), "trello");
        assert_eq!(detected("title,status,summary"), "csv");
        assert_eq!(detected("ID,Title,Team"), "csv");
    }
}
