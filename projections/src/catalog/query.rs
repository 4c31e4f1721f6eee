//! Questions about the catalogue → answers: one list for each kind.

use crate::list::{Asked, Expand, Field, List, sum_of};

/// The fields that all entries have, around those of one kind.
macro_rules! fields {
    ($($own:expr),* $(,)?) => {
        &[
            Field::id("id", "Its id.").column("d.id"),
            Field::integer("number", "Its number.").column("d.number"),
            Field::name("name", "d.name", "Its name, whatever the case."),
            $($own,)*
            Field::created_by(),
            Field::instant("created_at", "When it came into being."),
            Field::instant("updated_at", "When it last changed."),
            Field::integer("version", "How often it changed.").column("d.version"),
        ]
    };
}

/// The list of one kind; `$kind` is its place in the catalogue.
macro_rules! list {
    ($(#[$doc:meta])* $list:ident $name:literal $kind:literal, searched: $searched:expr, fields: $fields:expr $(, expand: $expand:expr)?) => {
        $(#[$doc])*
        pub static $list: List = List {
            models: &[super::NAME],
            only: concat!("d.kind = ", $kind, "::int2"),
            base: "not d.deleted",
            deleted: "d.deleted",
            searched: Some($searched),
            total: |asked| total(asked, $kind),
            expand: &[$($expand,)? Expand::creator()],
            ..List::new($name, "entries d", $fields)
        };
    };
}

fn total(asked: &Asked, kind: i16) -> Option<String> {
    sum_of("entry_counts", asked, &format!(" and c.facet = {kind}::int2"))
}

list! {
    /// The workspace itself, as a list of one.
    WORKSPACES "workspace" 0, searched: &["name"], fields: fields![
        Field::member("plan"),
        Field::member("locale"),
        Field::member("time_zone"),
        Field::member("project_statuses"),
        Field::member("owner_ids"),
    ]
}

list! {
    /// The teams of a workspace.
    TEAMS "teams" 1, searched: &["name"], fields: fields![
        Field::member("description"),
        Field::member("member_ids"),
        Field::id("member_id", "Who belongs to it.").within("member_ids"),
        Field::deleted(),
    ], expand: Expand::many("members", "member_ids", || &crate::members::MEMBERS)
}

list! {
    /// The positions of a workspace.
    POSITIONS "positions" 2, searched: &["name"], fields: fields![Field::deleted()]
}

list! {
    /// The spaces of a workspace.
    SPACES "spaces" 3, searched: &["name"], fields: fields![
        Field::member("description"),
        Field::text("color", "Its colour, `#rrggbb`.").nullable(),
        Field::member("icon"),
        Field::deleted(),
    ]
}

list! {
    /// The customers of a workspace.
    CUSTOMERS "customers" 4, searched: &["name", "reference"], fields: fields![
        Field::text("reference", "Its number in the books.").nullable(),
        Field::text("email", "Where to write to.").nullable(),
        Field::text("tax_id", "Its tax number.").nullable(),
        Field::text("currency", "In which currency it pays.").nullable(),
        Field::bool("billable_by_default", "Whether work for it is billable unless said otherwise."),
        Field::member("notes"),
        Field::deleted(),
    ]
}

list! {
    /// The labels of a workspace.
    LABELS "labels" 5, searched: &["name"], fields: fields![
        Field::text("color", "Its colour, `#rrggbb`.").nullable(),
        Field::deleted(),
    ]
}

list! {
    /// The webhooks of a workspace.
    WEBHOOKS "webhooks" 6, searched: &["name"], fields: fields![
        Field::text("url", "Where events are sent."),
        Field::member("event_types"),
        Field::key("event_type", "What it is told of: one of its types of events.").within("event_types"),
        Field::bool("paused", "Whether it waits."),
        Field::member("from_beginning"),
        Field::member("secret_generation"),
        Field::member("previous_secret_until"),
        Field::deleted(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::kind;

    #[test]
    fn each_list_is_of_its_kind() {
        let kinds = [
            ("workspace", &WORKSPACES),
            ("team", &TEAMS),
            ("position", &POSITIONS),
            ("space", &SPACES),
            ("customer", &CUSTOMERS),
            ("label", &LABELS),
            ("webhook", &WEBHOOKS),
        ];
        for (name, list) in kinds {
            assert_eq!(list.only, format!("d.kind = {}::int2", kind(name).unwrap()));
        }
    }
}
