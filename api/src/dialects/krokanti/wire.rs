//! Spaces, projects and tasks in Krokanti's words.

use crate::dialects::dialect::Resource;
use crate::dialects::field::Field;
use crate::dialects::ids;
use crate::dialects::native;
use crate::dialects::words::{PRIORITIES, STATUSES};

pub static SPACE: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::SPACE).read_only(),
        Field::same("name", "name").required(),
        Field::same("description", "description"),
        Field::same("color", "color"),
        Field::same("icon", "icon"),
        Field::millis("createdAt", "created_at"),
        Field::millis("updatedAt", "updated_at"),
    ],
    filters: &[Field::same("q", "q")],
    ..Resource::of("Space", &native::SPACES)
};

pub static PROJECT: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::PROJECT).read_only(),
        Field::same("name", "name").required(),
        Field::same("description", "description"),
        Field::id("spaceId", "space_id", &ids::SPACE),
        Field::same("status", "status").read_only(),
        Field::same("color", "color"),
        Field::millis("createdAt", "created_at"),
        Field::millis("updatedAt", "updated_at"),
    ],
    filters: &[Field::id("spaceId", "space_id", &ids::SPACE), Field::same("q", "q")],
    ..Resource::of("Project", &native::PROJECTS)
};

pub static TASK: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::TASK).read_only(),
        Field::same("title", "title").required(),
        Field::same("description", "description"),
        Field::word("status", "status", &STATUSES),
        Field::word("priority", "priority", &PRIORITIES),
        Field::id("projectId", "project_id", &ids::PROJECT).required(),
        Field::id("parentId", "parent_id", &ids::TASK),
        Field::ids("assigneeIds", "assignee_ids", &ids::MEMBER),
        Field::ids("labelIds", "label_ids", &ids::LABEL),
        Field::same("startDate", "start_date"),
        Field::same("dueDate", "due_date"),
        Field::millis("createdAt", "created_at"),
        Field::millis("updatedAt", "updated_at"),
    ],
    filters: &[
        Field::id("projectId", "project_id", &ids::PROJECT),
        Field::word("status", "status", &STATUSES),
        Field::word("priority", "priority", &PRIORITIES),
        Field::id("assigneeId", "assignee_id", &ids::MEMBER),
        Field::id("labelId", "label_id", &ids::LABEL),
        Field::id("parentId", "parent_id", &ids::TASK),
        Field::same("q", "q"),
    ],
    ..Resource::of("Task", &native::TASKS)
};

/// Who is to do a task, or no longer.
pub static ASSIGNEES: Resource = Resource {
    fields: &[Field::id("userId", "member_id", &ids::MEMBER), Field::ids("userIds", "assignee_ids", &ids::MEMBER)],
    ..Resource::of("Assignees", &native::TASKS)
};

/// What labels a task is to have, or no longer.
pub static LABELS: Resource = Resource {
    fields: &[
        Field::id("labelId", "label_id", &ids::LABEL),
        Field::ids("labelIds", "label_ids", &ids::LABEL),
        Field::same("name", "title"),
    ],
    ..Resource::of("Labels", &native::TASKS)
};
