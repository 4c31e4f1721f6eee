//! There is always an owner. Who owns a workspace is known to the member, as a role, and to the workspace, as a list; the
//! two change in one commit, and the workspace refuses to let its last owner go. Two owners who demote each other at the
//! same moment both change the workspace: one of them decides again, and is refused.

use super::{Command, Member, Role};
use crate::ids::{MemberId, WorkspaceId};
use crate::snapshot::Intent;
use crate::workspace::{self, Workspace};

/// Gives a member another role.
pub fn change_role(workspace: WorkspaceId, member: MemberId, role: Role, by: Role) -> [Intent; 2] {
    let owner = match role {
        Role::Owner => workspace::Command::AddOwner(member),
        _ => workspace::Command::RemoveOwner(member),
    };
    together(workspace, owner, member, Command::ChangeRole { role, by })
}

/// Lets a member go.
pub fn deactivate(workspace: WorkspaceId, member: MemberId, by: Role) -> [Intent; 2] {
    together(workspace, workspace::Command::RemoveOwner(member), member, Command::Deactivate { by })
}

/// Lets a member go, and erases who they were.
pub fn erase(workspace: WorkspaceId, member: MemberId, by: Role) -> [Intent; 2] {
    together(workspace, workspace::Command::RemoveOwner(member), member, Command::Erase { by })
}

/// The member's own intent comes first.
fn together(at: WorkspaceId, owner: workspace::Command, member: MemberId, command: Command) -> [Intent; 2] {
    [Intent::new::<Member>(member.0, command), Intent::new::<Workspace>(at.0, owner)]
}
