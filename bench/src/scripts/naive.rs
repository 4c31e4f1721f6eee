//! Writing tasks to the naive server.

use rand::Rng;
use rand::rngs::StdRng;
use uuid::Uuid;

use super::tasks::status_of_turn;
use crate::data;
use crate::load::{Request, Script};

/// Commands that create tasks.
pub struct NaiveCreates {
    rng: StdRng,
    sent: Uuid,
    /// The ids of those that were accepted.
    pub created: Vec<Uuid>,
}

impl NaiveCreates {
    /// One connection's worth.
    pub fn new() -> Self {
        Self { rng: data::rng(), sent: Uuid::nil(), created: Vec::new() }
    }
}

impl Script for NaiveCreates {
    fn write_next(&mut self, request: &mut Request) {
        let rng = &mut self.rng;
        let (id, project, title) = (data::uuid(rng), data::uuid(rng), data::title(rng));
        let priority = data::pick(rng, &data::PRIORITIES);
        let assignees =
            if rng.random_ratio(1, 3) { format!(r#","assignee_ids":["{project}"]"#) } else { String::new() };
        self.sent = id;
        let task = format_args!(r#""project_id":"{project}","title":"{title}","priority":"{priority}"{assignees}"#);
        request.post(format_args!("/tasks/{id}"), None, format_args!(r#"{{"CreateTask":{{{task}}}}}"#));
    }

    fn see(&mut self, status: u16, _body: &[u8]) {
        if status == 204 {
            self.created.push(self.sent);
        }
    }
}

/// Commands that change the status of tasks that no other connection touches.
pub struct NaiveMoves {
    tasks: Vec<Uuid>,
    next: usize,
}

impl NaiveMoves {
    /// The share of the `nth` of `connections`.
    pub fn new(tasks: &[Uuid], nth: usize, connections: usize) -> Self {
        Self { tasks: tasks.iter().skip(nth).step_by(connections).copied().collect(), next: 0 }
    }
}

impl Script for NaiveMoves {
    fn write_next(&mut self, request: &mut Request) {
        let (task, status) = status_of_turn(&self.tasks, self.next);
        self.next += 1;
        request.post(
            format_args!("/tasks/{task}"),
            None,
            format_args!(r#"{{"ChangeStatus":{{"status":"{status}"}}}}"#),
        );
    }
}
