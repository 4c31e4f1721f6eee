//! Questions about notifications → answers.

use docket_domain::ids::{MemberId, NotificationId};
use uuid::Uuid;

use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::list::{Asked, Expand, Field, List, Op, Words};
use crate::past::{Moment, tables};
use crate::sql::Binds;
use crate::{Error, Reads};

const FIELDS: &[Field] = &[
    Field::id("id", "Its id.").column("d.id"),
    Field::integer("number", "Its number.").column("d.number"),
    Field::id("member_id", "Whom it is for: nobody sees another's.").column("d.member_id"),
    Field::text("kind", "What kind of thing it is."),
    Field::text("title", "What it says."),
    Field::member("body"),
    Field::member("link"),
    Field::member("subject"),
    Field::id("subject_id", "What it is about.").nullable().column("(d.doc::json #>> '{subject,id}')::uuid").unshown(),
    Field::bool("unread", "Whether it has not been read.").column("d.unread").unshown(),
    Field::instant("read_at", "When it was read.").nullable(),
    Field::created_by(),
    Field::instant("created_at", "When it was sent."),
    Field::instant("updated_at", "When it last changed."),
    Field::integer("version", "How often it changed.").column("d.version"),
];

/// The notifications of a workspace that are not deleted; always those of one member.
pub static NOTIFICATIONS: List = List {
    models: &[super::NAME],
    base: "not d.deleted",
    descending: true,
    searched: Some(&["title", "body"]),
    expand: &[Expand::creator()],
    total,
    ..List::new("notifications", "notifications d", FIELDS)
};

/// From the counts, if it is all of a member's, or the unread, or the others.
fn total(asked: &Asked) -> Option<String> {
    if !matches!(asked.words, Words::Any) {
        return None;
    }
    let is = |name: &str| {
        let plain = asked.conditions.iter().filter(|one| one.op == Op::Is && !one.several);
        plain.into_iter().find(|one| one.field.name == name).map(|one| one.value.as_str())
    };
    let member = is("member_id")?;
    let n = match (asked.conditions.len(), is("unread")) {
        (1, _) => "c.n".to_owned(),
        (2, Some(unread)) => format!("case when {unread} then c.unread else c.n - c.unread end"),
        _ => return None,
    };
    Some(format!(
        "coalesce((select {n} from notification_counts c where c.workspace = $1::uuid and c.member_id = {member}), 0)::int8"
    ))
}

/// How many notifications a member has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inbox {
    /// All of them.
    pub total: i64,
    /// Those that have not been read.
    pub unread: i64,
}

impl Reads {
    /// How many notifications this member has, or had.
    pub async fn inbox(&self, reader: &ReadAs, member: MemberId, as_of: Option<Moment>) -> Result<Inbox, Error> {
        let (reader, at) = self.then(reader, as_of).await?;
        let mut binds = Binds::default();
        let member = binds.bind(member.0, "uuid");
        let at = at.map(|position| binds.bind(position, "int8"));
        let shape = self.shapes().get(("inbox", vec![u8::from(at.is_some())]), || {
            // The counts are those of now.
            let counted = if at.is_some() {
                "select count(*) as n, count(*) filter (where d.unread) as unread from notifications d where not d.deleted and"
            } else {
                "select d.n, d.unread from notification_counts d where"
            };
            let answer = format!("{counted} d.workspace = $1::uuid and d.member_id = {member}");
            tables::at(at.as_deref(), &[super::NAME], guarded("", "", &answer))
        });
        let rows = self.ask(&reader, &[super::NAME], &shape, &binds).await?;
        let Some(row) = rows.first() else { return Ok(Inbox::default()) };
        let (total, unread): (Option<i64>, Option<i64>) = (row.try_get(COLUMNS)?, row.try_get(COLUMNS + 1)?);
        Ok(Inbox { total: total.unwrap_or(0), unread: unread.unwrap_or(0) })
    }

    /// The oldest of this member's unread notifications, so many at most.
    pub async fn unread(&self, reader: &ReadAs, member: MemberId, most: i64) -> Result<Vec<NotificationId>, Error> {
        let answer = "select d.id from notifications d where d.workspace = $1::uuid and d.member_id = $5::uuid \
                      and d.unread and not d.deleted order by d.number limit $6::int8";
        let mut binds = Binds::default();
        binds.bind(member.0, "uuid");
        binds.bind(most, "int8");
        let shape = self.shapes().get(("unread", Vec::new()), || guarded("", "", answer));
        let rows = self.ask(reader, &[super::NAME], &shape, &binds).await?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in &rows {
            ids.extend(row.try_get::<_, Option<Uuid>>(COLUMNS)?.map(NotificationId));
        }
        Ok(ids)
    }
}
