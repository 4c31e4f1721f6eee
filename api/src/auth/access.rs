//! Who may do what: the one table of routes, scopes and roles. The guard, the OpenAPI document and the exhaustive
//! test are all made from it.

use axum::http::Method;
use docket_domain::member::Role;

use super::Caller;
use crate::problem::Problem;

/// What it takes to use an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// HTTP method.
    pub method: Verb,
    /// Path template, as the router and the OpenAPI document have it.
    pub path: &'static str,
    /// The scope the key must have; none: any valid key.
    pub scope: Option<&'static str>,
    /// The least role the caller must have.
    pub role: Role,
}

/// An HTTP method that operations use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Creates or does.
    Post,
    /// Changes.
    Patch,
    /// Puts there.
    Put,
    /// Takes away.
    Delete,
}

use Role::{Admin, Manager, Member, Viewer};
use Verb::{Delete, Get, Patch, Post, Put};

/// Every operation that needs a key.
pub const RULES: &[Rule] = &[
    rule(Get, "/v1/me", None, Viewer),
    rule(Get, "/v1/me/notification-preferences", Some("notifications:read"), Viewer),
    rule(Patch, "/v1/me/notification-preferences", Some("notifications:write"), Viewer),
    // Each kind that is searched takes the scope that its list takes.
    rule(Get, "/v1/search", None, Viewer),
    rule(Get, "/v1/workspace", Some("workspace:read"), Viewer),
    rule(Patch, "/v1/workspace", Some("workspace:write"), Admin),
    rule(Get, "/v1/workspace/activity", Some("workspace:read"), Viewer),
    rule(Get, "/v1/projects", Some("projects:read"), Viewer),
    rule(Post, "/v1/projects", Some("projects:write"), Manager),
    rule(Get, "/v1/projects/{id}", Some("projects:read"), Viewer),
    rule(Patch, "/v1/projects/{id}", Some("projects:write"), Manager),
    rule(Delete, "/v1/projects/{id}", Some("projects:delete"), Manager),
    rule(Post, "/v1/projects/{id}/restore", Some("projects:delete"), Manager),
    rule(Post, "/v1/projects/batch", Some("projects:write"), Manager),
    rule(Get, "/v1/projects/{id}/activity", Some("projects:read"), Viewer),
    rule(Get, "/v1/projects/{id}/phases", Some("projects:read"), Viewer),
    rule(Post, "/v1/projects/{id}/phases", Some("projects:write"), Manager),
    rule(Get, "/v1/projects/{id}/phases/{phase_id}", Some("projects:read"), Viewer),
    rule(Patch, "/v1/projects/{id}/phases/{phase_id}", Some("projects:write"), Manager),
    rule(Delete, "/v1/projects/{id}/phases/{phase_id}", Some("projects:write"), Manager),
    rule(Post, "/v1/projects/{id}/phases/{phase_id}/restore", Some("projects:write"), Manager),
    rule(Post, "/v1/projects/{id}/phases/batch", Some("projects:write"), Manager),
    rule(Get, "/v1/sprints", Some("sprints:read"), Viewer),
    rule(Post, "/v1/sprints", Some("sprints:write"), Manager),
    rule(Post, "/v1/sprints/batch", Some("sprints:write"), Manager),
    rule(Get, "/v1/sprints/{id}", Some("sprints:read"), Viewer),
    rule(Patch, "/v1/sprints/{id}", Some("sprints:write"), Manager),
    rule(Delete, "/v1/sprints/{id}", Some("sprints:delete"), Manager),
    rule(Post, "/v1/sprints/{id}/restore", Some("sprints:delete"), Manager),
    rule(Post, "/v1/sprints/{id}/start", Some("sprints:write"), Manager),
    rule(Post, "/v1/sprints/{id}/close", Some("sprints:write"), Manager),
    rule(Post, "/v1/sprints/{id}/reopen", Some("sprints:write"), Manager),
    rule(Get, "/v1/sprints/{id}/tasks", Some("tasks:read"), Viewer),
    rule(Get, "/v1/sprints/{id}/activity", Some("sprints:read"), Viewer),
    rule(Get, "/v1/tasks", Some("tasks:read"), Viewer),
    rule(Post, "/v1/tasks", Some("tasks:write"), Member),
    rule(Post, "/v1/tasks/batch", Some("tasks:write"), Member),
    rule(Get, "/v1/tasks/{id}", Some("tasks:read"), Viewer),
    rule(Patch, "/v1/tasks/{id}", Some("tasks:write"), Member),
    rule(Delete, "/v1/tasks/{id}", Some("tasks:delete"), Member),
    rule(Post, "/v1/tasks/{id}/restore", Some("tasks:delete"), Member),
    rule(Get, "/v1/tasks/{id}/children", Some("tasks:read"), Viewer),
    rule(Get, "/v1/tasks/{id}/assignees", Some("members:read"), Viewer),
    rule(Get, "/v1/tasks/{id}/labels", Some("labels:read"), Viewer),
    rule(Put, "/v1/tasks/{id}/assignees/{member_id}", Some("tasks:write"), Member),
    rule(Delete, "/v1/tasks/{id}/assignees/{member_id}", Some("tasks:write"), Member),
    rule(Put, "/v1/tasks/{id}/labels/{label_id}", Some("tasks:write"), Member),
    rule(Delete, "/v1/tasks/{id}/labels/{label_id}", Some("tasks:write"), Member),
    rule(Get, "/v1/tasks/{id}/comments", Some("tasks:read"), Viewer),
    rule(Post, "/v1/tasks/{id}/comments", Some("tasks:write"), Member),
    rule(Get, "/v1/tasks/{id}/comments/{comment_id}", Some("tasks:read"), Viewer),
    rule(Patch, "/v1/tasks/{id}/comments/{comment_id}", Some("tasks:write"), Member),
    rule(Delete, "/v1/tasks/{id}/comments/{comment_id}", Some("tasks:delete"), Member),
    rule(Post, "/v1/tasks/{id}/comments/{comment_id}/restore", Some("tasks:delete"), Member),
    rule(Post, "/v1/tasks/{id}/comments/batch", Some("tasks:write"), Member),
    rule(Get, "/v1/comments/{id}/activity", Some("tasks:read"), Viewer),
    rule(Get, "/v1/tasks/{id}/activity", Some("tasks:read"), Viewer),
    rule(Get, "/v1/members", Some("members:read"), Viewer),
    rule(Post, "/v1/members", Some("members:write"), Admin),
    rule(Post, "/v1/members/batch", Some("members:write"), Admin),
    rule(Get, "/v1/members/{id}", Some("members:read"), Viewer),
    // Oneself; others take the role admin.
    rule(Patch, "/v1/members/{id}", Some("members:write"), Viewer),
    rule(Post, "/v1/members/{id}/join", Some("members:write"), Viewer),
    rule(Post, "/v1/members/{id}/deactivate", Some("members:write"), Viewer),
    rule(Post, "/v1/members/{id}/reactivate", Some("members:write"), Admin),
    rule(Delete, "/v1/members/{id}/personal-data", Some("members:delete"), Admin),
    rule(Get, "/v1/members/{id}/activity", Some("members:read"), Viewer),
    rule(Get, "/v1/labels", Some("labels:read"), Viewer),
    rule(Post, "/v1/labels", Some("labels:write"), Member),
    rule(Post, "/v1/labels/batch", Some("labels:write"), Member),
    rule(Get, "/v1/labels/{id}", Some("labels:read"), Viewer),
    rule(Patch, "/v1/labels/{id}", Some("labels:write"), Member),
    rule(Delete, "/v1/labels/{id}", Some("labels:delete"), Member),
    rule(Post, "/v1/labels/{id}/restore", Some("labels:delete"), Member),
    rule(Get, "/v1/labels/{id}/activity", Some("labels:read"), Viewer),
    rule(Get, "/v1/teams", Some("teams:read"), Viewer),
    rule(Post, "/v1/teams", Some("teams:write"), Manager),
    rule(Post, "/v1/teams/batch", Some("teams:write"), Manager),
    rule(Get, "/v1/teams/{id}", Some("teams:read"), Viewer),
    rule(Patch, "/v1/teams/{id}", Some("teams:write"), Manager),
    rule(Delete, "/v1/teams/{id}", Some("teams:delete"), Manager),
    rule(Post, "/v1/teams/{id}/restore", Some("teams:delete"), Manager),
    rule(Get, "/v1/teams/{id}/activity", Some("teams:read"), Viewer),
    rule(Get, "/v1/positions", Some("positions:read"), Viewer),
    rule(Post, "/v1/positions", Some("positions:write"), Manager),
    rule(Post, "/v1/positions/batch", Some("positions:write"), Manager),
    rule(Get, "/v1/positions/{id}", Some("positions:read"), Viewer),
    rule(Patch, "/v1/positions/{id}", Some("positions:write"), Manager),
    rule(Delete, "/v1/positions/{id}", Some("positions:delete"), Manager),
    rule(Post, "/v1/positions/{id}/restore", Some("positions:delete"), Manager),
    rule(Get, "/v1/positions/{id}/activity", Some("positions:read"), Viewer),
    rule(Get, "/v1/spaces", Some("spaces:read"), Viewer),
    rule(Post, "/v1/spaces", Some("spaces:write"), Manager),
    rule(Post, "/v1/spaces/batch", Some("spaces:write"), Manager),
    rule(Get, "/v1/spaces/{id}", Some("spaces:read"), Viewer),
    rule(Patch, "/v1/spaces/{id}", Some("spaces:write"), Manager),
    rule(Delete, "/v1/spaces/{id}", Some("spaces:delete"), Manager),
    rule(Post, "/v1/spaces/{id}/restore", Some("spaces:delete"), Manager),
    rule(Get, "/v1/spaces/{id}/activity", Some("spaces:read"), Viewer),
    rule(Get, "/v1/customers", Some("customers:read"), Viewer),
    rule(Post, "/v1/customers", Some("customers:write"), Manager),
    rule(Post, "/v1/customers/batch", Some("customers:write"), Manager),
    rule(Get, "/v1/customers/{id}", Some("customers:read"), Viewer),
    rule(Patch, "/v1/customers/{id}", Some("customers:write"), Manager),
    rule(Delete, "/v1/customers/{id}", Some("customers:delete"), Manager),
    rule(Post, "/v1/customers/{id}/restore", Some("customers:delete"), Manager),
    rule(Get, "/v1/customers/{id}/activity", Some("customers:read"), Viewer),
    rule(Get, "/v1/webhooks", Some("webhooks:read"), Admin),
    rule(Post, "/v1/webhooks", Some("webhooks:write"), Admin),
    rule(Post, "/v1/webhooks/batch", Some("webhooks:write"), Admin),
    rule(Get, "/v1/webhooks/{id}", Some("webhooks:read"), Admin),
    rule(Patch, "/v1/webhooks/{id}", Some("webhooks:write"), Admin),
    rule(Delete, "/v1/webhooks/{id}", Some("webhooks:delete"), Admin),
    rule(Post, "/v1/webhooks/{id}/restore", Some("webhooks:delete"), Admin),
    rule(Get, "/v1/webhooks/{id}/activity", Some("webhooks:read"), Admin),
    rule(Get, "/v1/webhooks/{id}/deliveries", Some("webhooks:read"), Admin),
    rule(Get, "/v1/webhooks/{id}/secrets", Some("webhooks:write"), Admin),
    rule(Post, "/v1/webhooks/{id}/rotate", Some("webhooks:write"), Admin),
    rule(Post, "/v1/webhooks/{id}/test", Some("webhooks:write"), Admin),
    rule(Post, "/v1/webhooks/{id}/replay", Some("webhooks:write"), Admin),
    rule(Get, "/v1/timelogs", Some("timelogs:read"), Viewer),
    rule(Post, "/v1/timelogs", Some("timelogs:write"), Member),
    rule(Post, "/v1/timelogs/start", Some("timelogs:write"), Member),
    rule(Post, "/v1/timelogs/stop", Some("timelogs:write"), Member),
    rule(Get, "/v1/timelogs/running", Some("timelogs:read"), Viewer),
    rule(Get, "/v1/timelogs/totals", Some("timelogs:read"), Viewer),
    rule(Post, "/v1/timelogs/batch", Some("timelogs:write"), Member),
    rule(Get, "/v1/timelogs/{id}", Some("timelogs:read"), Viewer),
    rule(Patch, "/v1/timelogs/{id}", Some("timelogs:write"), Member),
    rule(Delete, "/v1/timelogs/{id}", Some("timelogs:delete"), Member),
    rule(Post, "/v1/timelogs/{id}/restore", Some("timelogs:delete"), Member),
    rule(Get, "/v1/timelogs/{id}/activity", Some("timelogs:read"), Viewer),
    rule(Get, "/v1/notifications", Some("notifications:read"), Viewer),
    rule(Post, "/v1/notifications", Some("notifications:write"), Member),
    rule(Get, "/v1/notifications/counts", Some("notifications:read"), Viewer),
    rule(Get, "/v1/notifications/stream", Some("notifications:read"), Viewer),
    rule(Post, "/v1/notifications/read-all", Some("notifications:write"), Viewer),
    rule(Post, "/v1/notifications/batch", Some("notifications:write"), Viewer),
    rule(Get, "/v1/notifications/{id}", Some("notifications:read"), Viewer),
    rule(Get, "/v1/notifications/{id}/activity", Some("notifications:read"), Viewer),
    rule(Delete, "/v1/notifications/{id}", Some("notifications:write"), Viewer),
    rule(Post, "/v1/notifications/{id}/read", Some("notifications:write"), Viewer),
    rule(Post, "/v1/notifications/{id}/unread", Some("notifications:write"), Viewer),
    rule(Get, "/v1/changes", Some("events:read"), Viewer),
    rule(Get, "/v1/events/stream", Some("events:read"), Viewer),
    rule(Get, "/v1/reports/time", Some("reports:read"), Viewer),
    rule(Get, "/v1/reports/burndown", Some("reports:read"), Viewer),
    rule(Get, "/v1/sprints/{id}/burndown", Some("reports:read"), Viewer),
    rule(Get, "/v1/reports/velocity", Some("reports:read"), Viewer),
    rule(Get, "/v1/reports/cumulative-flow", Some("reports:read"), Viewer),
    rule(Get, "/v1/{resource}/{id}/history", Some("audit:read"), Admin),
    rule(Get, "/v1/{resource}/{id}/explain", Some("audit:read"), Admin),
    rule(Get, "/v1/{resource}/{id}/diff", Some("audit:read"), Admin),
    rule(Get, "/v1/projects/{id}/diff", Some("audit:read"), Admin),
    // Owners only, where it is about members, keys or the workspace.
    rule(Post, "/v1/events/{position}/undo", Some("audit:undo"), Admin),
    rule(Post, "/v1/keys/{id}/undo", Some("audit:undo"), Admin),
    rule(Get, "/v1/audit", Some("audit:read"), Admin),
    rule(Get, "/v1/audit/activity", Some("audit:read"), Admin),
    rule(Get, "/v1/audit/checkpoint", Some("audit:read"), Admin),
    rule(Get, "/v1/audit/proof", Some("audit:read"), Admin),
    rule(Get, "/v1/audit/consistency", Some("audit:read"), Admin),
    rule(Get, "/v1/keys", Some("keys:read"), Admin),
    // One's own, in forms that one's role may have; those of others take the role admin or owner.
    rule(Post, "/v1/keys", Some("keys:write"), Member),
    rule(Get, "/v1/keys/{id}", Some("keys:read"), Viewer),
    rule(Patch, "/v1/keys/{id}", Some("keys:write"), Viewer),
    rule(Delete, "/v1/keys/{id}", Some("keys:write"), Viewer),
    rule(Post, "/v1/keys/{id}/rotate", Some("keys:write"), Member),
    rule(Get, "/v1/keys/{id}/activity", Some("keys:read"), Viewer),
];

/// The scope that stands for all of them.
pub const ADMIN: &str = "admin";
/// The scopes that stand for all of one kind: `read` for every `…:read` but that of the audit, and so on.
pub const VERBS: [&str; 3] = ["read", "write", "delete"];
/// Lets a caller say when something occurred.
pub const IMPORT: &str = "import";

const fn rule(method: Verb, path: &'static str, scope: Option<&'static str>, role: Role) -> Rule {
    Rule { method, path, scope, role }
}

impl Verb {
    /// The operation a request asks for; HEAD is GET.
    pub fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET | Method::HEAD => Some(Get),
            Method::POST => Some(Post),
            Method::PATCH => Some(Patch),
            Method::PUT => Some(Put),
            Method::DELETE => Some(Delete),
            _ => None,
        }
    }

    /// The method's name in an OpenAPI document.
    pub fn lower(self) -> &'static str {
        match self {
            Get => "get",
            Post => "post",
            Patch => "patch",
            Put => "put",
            Delete => "delete",
        }
    }
}

/// The rule of an operation.
pub fn find(method: &Method, path: &str) -> Option<&'static Rule> {
    let verb = Verb::of(method)?;
    RULES.iter().find(|rule| rule.method == verb && rule.path == path)
}

/// Refuses whoever may not bring back the resources of this list, which can be brought back.
pub fn may_restore(list: &str, caller: &Caller) -> Result<(), Problem> {
    let restores = |rule: &&Rule| {
        let one = rule.path.strip_suffix("/restore").and_then(|path| path.rsplit_once('/'));
        one.is_some_and(|(all, _)| all.rsplit('/').next() == Some(list))
    };
    RULES.iter().find(restores).ok_or_else(Problem::internal)?.check(caller)
}

/// The refusal of a key that lacks a scope.
pub fn missing(scope: &str) -> Problem {
    Problem::forbidden("missing-scope", format!("The key lacks the scope {scope}."))
}

/// Every scope there is.
pub fn scopes() -> Vec<&'static str> {
    let mut all: Vec<_> = RULES.iter().filter_map(|rule| rule.scope).chain([ADMIN, IMPORT]).chain(VERBS).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether someone who has `held` may do what needs `wanted`.
pub fn covers(held: &[String], wanted: &str) -> bool {
    let verb = wanted.split_once(':').filter(|(resource, _)| *resource != "audit").map(|(_, verb)| verb);
    held.iter()
        .any(|scope| scope == wanted || scope == ADMIN || verb.is_some_and(|verb| scope == verb && is_verb(verb)))
}

fn is_verb(scope: &str) -> bool {
    VERBS.contains(&scope)
}

impl Rule {
    /// Whether a caller with these scopes and this role may pass.
    pub fn admits(&self, scopes: &[String], role: Role) -> bool {
        role >= self.role && self.scope.is_none_or(|scope| covers(scopes, scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_admits_exactly_those_with_its_scope_and_role() {
        for rule in RULES {
            for role in Role::ALL {
                for scope in scopes() {
                    let admitted = rule.admits(&[scope.to_owned()], role);
                    let of_verb = |wanted: &str| wanted.ends_with(&format!(":{scope}")) && wanted != "audit:read";
                    let covered = |wanted: &str| wanted == scope || scope == ADMIN || of_verb(wanted);
                    let entitled = role >= rule.role && rule.scope.is_none_or(covered);
                    assert_eq!(admitted, entitled, "{rule:?} {role:?} {scope}");
                }
                assert_eq!(rule.admits(&[], role), rule.scope.is_none() && role >= rule.role);
            }
        }
    }

    #[test]
    fn no_operation_has_two_rules() {
        for (index, rule) in RULES.iter().enumerate() {
            assert!(!RULES[..index].iter().any(|other| (other.method, other.path) == (rule.method, rule.path)));
        }
    }
}
