//! The groups of operations, in the order in which a stranger would read of them.

use utoipa::openapi::Tag;
use utoipa::openapi::tag::TagBuilder;

const ALL: [(&str, &str); 21] = [
    ("projects", "What a team works on, in phases."),
    ("tasks", "What there is to do in a project: by whom, until when, as a part of what."),
    ("comments", "What is said about a task."),
    (
        "sprints",
        "Stretches of time in which tasks of a project are to be done; started, closed and, if need be, reopened.",
    ),
    ("timelogs", "Time that was spent: logged afterwards, or with a timer that runs."),
    ("reports", "What work and time come to, as JSON or as CSV."),
    ("search", "Everything, by words."),
    ("me", "Who the key belongs to."),
    ("workspace", "The workspace itself: its plan, its language and time zone, the statuses of its projects."),
    ("members", "Who works here, and what they may do."),
    ("teams", "Members who work together."),
    ("positions", "What members are by profession."),
    ("spaces", "Where projects are kept together."),
    ("labels", "What tasks are marked with."),
    ("customers", "Whom work is done for, and billed to."),
    ("notifications", "What members are told, by others and by Docket."),
    ("events", "What happens, as it happens, or from any position on."),
    ("webhooks", "The same, sent to an address."),
    ("keys", "What programs and people get in with."),
    ("audit", "What was when, who did it and why; proof that it is unaltered; and undoing it."),
    ("health", "Whether this process runs, and can answer."),
];

/// All of them.
pub fn all() -> Vec<Tag> {
    let tag = |(name, about): (&str, &str)| TagBuilder::new().name(name).description(Some(about)).build();
    ALL.into_iter().map(tag).collect()
}
