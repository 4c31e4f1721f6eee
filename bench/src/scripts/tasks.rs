//! Writing tasks through `/v1`.

use std::fmt::Write as _;
use std::sync::Arc;

use rand::Rng;
use rand::rngs::StdRng;
use uuid::Uuid;

use crate::data;
use crate::load::{Request, Script};

/// What tasks are made of besides words.
#[derive(Clone, Debug, Default)]
pub struct Supplies {
    /// Projects to put them in.
    pub projects: Arc<[Uuid]>,
    /// Members to assign.
    pub members: Arc<[Uuid]>,
    /// Labels to stick on.
    pub labels: Arc<[Uuid]>,
}

impl Supplies {
    /// The same, with other projects.
    pub fn in_projects(&self, projects: &[Uuid]) -> Self {
        Self { projects: projects.into(), ..self.clone() }
    }

    /// The body of a new task: every third has an assignee, every fourth a label, every fifth a due date.
    pub fn body(&self, rng: &mut StdRng) -> String {
        let (project, title) = (data::pick(rng, &self.projects), data::title(rng));
        let mut body = format!(
            r#"{{"project_id":"{project}","title":"{title}","priority":"{}""#,
            data::pick(rng, &data::PRIORITIES)
        );
        if !self.members.is_empty() && rng.random_ratio(1, 3) {
            let _ = write!(body, r#","assignee_ids":["{}"]"#, data::pick(rng, &self.members));
        }
        if !self.labels.is_empty() && rng.random_ratio(1, 4) {
            let _ = write!(body, r#","label_ids":["{}"]"#, data::pick(rng, &self.labels));
        }
        if rng.random_ratio(1, 5) {
            let _ = write!(body, r#","due_date":"2027-{:02}-{:02}""#, rng.random_range(1..13), rng.random_range(1..29));
        }
        body.push('}');
        body
    }
}

/// `POST /v1/tasks`, each with an idempotency key of its own.
pub struct Creates {
    supplies: Supplies,
    rng: StdRng,
    /// The ids that were answered.
    pub created: Vec<Uuid>,
}

impl Creates {
    /// One connection's worth.
    pub fn new(supplies: &Supplies) -> Self {
        Self { supplies: supplies.clone(), rng: data::rng(), created: Vec::new() }
    }
}

impl Script for Creates {
    fn write_next(&mut self, request: &mut Request) {
        let (key, body) = (data::uuid(&mut self.rng), self.supplies.body(&mut self.rng));
        request.post(format_args!("/v1/tasks"), Some(key), format_args!("{body}"));
    }

    fn see(&mut self, status: u16, body: &[u8]) {
        if status == 201 {
            self.created.extend(id_of(body));
        }
    }
}

/// `PATCH /v1/tasks/{id}` to a status it does not have yet, on tasks that no other connection touches.
pub struct Moves {
    tasks: Vec<Uuid>,
    next: usize,
    rng: StdRng,
}

impl Moves {
    /// The share of the `nth` of `connections`.
    pub fn new(tasks: &[Uuid], nth: usize, connections: usize) -> Self {
        let tasks: Vec<_> = tasks.iter().skip(nth).step_by(connections).copied().collect();
        Self { tasks, next: 0, rng: data::rng() }
    }
}

impl Script for Moves {
    fn write_next(&mut self, request: &mut Request) {
        let (task, status) = status_of_turn(&self.tasks, self.next);
        self.next += 1;
        let key = data::uuid(&mut self.rng);
        request.patch(format_args!("/v1/tasks/{task}"), Some(key), format_args!(r#"{{"status":"{status}"}}"#));
    }
}

/// Each time round, every task gets another status than the last time.
pub fn status_of_turn(tasks: &[Uuid], turn: usize) -> (Uuid, &'static str) {
    let round = turn / tasks.len();
    (tasks[turn % tasks.len()], data::STATUSES[(round + 2) % data::STATUSES.len()])
}

/// The first `"id":"…"` of an answer.
pub fn id_of(body: &[u8]) -> Option<Uuid> {
    let start = body.windows(6).position(|window| window == br#""id":""#)? + 6;
    Uuid::try_parse_ascii(body.get(start..start + 36)?).ok()
}
