//! What the server remembers of who is in: by this every node knows them again, also one that did not let them in.

use docket_domain::Actor;
use docket_domain::ids::{KeyId, MemberId, WorkspaceId};
use docket_domain::member::Role;
use docket_projections::ReadAs;
use uuid::Uuid;

use crate::auth::Known;

/// Who somebody was when they came in, and whether they hear what is for admins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pass {
    pub workspace: WorkspaceId,
    pub key: KeyId,
    pub member: Option<MemberId>,
    pub is_admin: bool,
}

impl Pass {
    /// Whoever has this key, as they are now.
    pub fn of(key: &Known) -> Self {
        let member = match key.actor() {
            Actor::Member(member) => Some(member),
            _ => None,
        };
        Self { workspace: key.workspace(), key: key.id(), member, is_admin: key.role() >= Role::Admin }
    }

    /// As it is written where the server keeps the names of users.
    pub fn to_text(self) -> String {
        let member = self.member.map_or(Uuid::nil(), |member| member.0);
        format!("{}.{}.{member}.{}", self.workspace, self.key, if self.is_admin { "admin" } else { "other" })
    }

    /// What was written so; none, if it is the name of somebody else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut id = || parts.next()?.parse::<Uuid>().ok();
        let (workspace, key, member) = (WorkspaceId(id()?), KeyId(id()?), id()?);
        let member = Some(MemberId(member)).filter(|_| !member.is_nil());
        let is_admin = match (parts.next()?, parts.next()) {
            ("admin", None) => true,
            ("other", None) => false,
            _ => return None,
        };
        Some(Self { workspace, key, member, is_admin })
    }

    /// Those whose state says whether it still holds: the key, and its member.
    pub fn ids(self) -> Vec<Uuid> {
        [Some(self.key.0), self.member.map(|member| member.0)].into_iter().flatten().collect()
    }

    /// As whom to read.
    pub fn reader(self) -> ReadAs {
        ReadAs { workspace: self.workspace, key: self.key, member: None, min_position: None }
    }

    /// The key's own consumer.
    pub fn consumer(self) -> String {
        format!("key-{}", self.key)
    }

    /// Where that is to begin, while it is made anew.
    pub fn bookmark(self) -> String {
        format!("at-{}", self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written() {
        let [workspace, key, member] = [(); 3].map(|()| Uuid::new_v4());
        for (member, is_admin) in [(None, true), (Some(MemberId(member)), false)] {
            let pass = Pass { workspace: WorkspaceId(workspace), key: KeyId(key), member, is_admin };
            assert_eq!(Pass::parse(&pass.to_text()), Some(pass));
        }
        for other in ["", "docket-out", "a.b.c.admin", &format!("{workspace}.{key}.{member}.owner")] {
            assert_eq!(Pass::parse(other), None, "{other}");
        }
    }
}
