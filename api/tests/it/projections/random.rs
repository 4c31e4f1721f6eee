//! A workspace in which all sorts of things have happened.

use chrono::NaiveDate;
use docket_domain::Intent;
use docket_domain::ids::{LabelId, MemberId, ProjectId, TaskId};
use docket_domain::project::{self, Project};
use docket_domain::task::{self, Changes, Priority, Status, Task};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

use super::{Tenant, World, plain};

const WORDS: [&str; 6] = ["login", "Größe", "export", "slow", "mobile", "Überfall"];

/// What there is to choose from.
pub struct Scene {
    pub tenant: Tenant,
    pub projects: Vec<ProjectId>,
    pub labels: Vec<LabelId>,
    pub members: Vec<MemberId>,
    pub tasks: Vec<TaskId>,
    dice: StdRng,
}

impl Scene {
    /// A workspace with three projects, labels and members.
    pub async fn set(world: &mut World, seed: u64) -> Self {
        let tenant = world.tenant().await;
        let (mut projects, mut labels, mut members) = (Vec::new(), Vec::new(), Vec::new());
        for name in ["a", "b", "c"] {
            projects.push(world.project(tenant, name).await);
            labels.push(world.label(tenant, name).await);
            members.push(world.member(tenant, name).await);
        }
        Self { tenant, projects, labels, members, tasks: Vec::new(), dice: StdRng::seed_from_u64(seed) }
    }

    /// So many commands, some of which are refused.
    pub async fn play(&mut self, world: &World, commands: usize) {
        for _ in 0..commands {
            let intent = self.intent();
            let request = docket_commands::Request {
                command: Uuid::new_v4(),
                workspace: self.tenant.workspace,
                actor: docket_domain::Actor::Service(self.tenant.key),
                key: Some(self.tenant.key),
                request_id: "random".to_owned(),
                dialect: "native",
                idempotency: None,
                now: super::now() + chrono::TimeDelta::seconds(self.dice.random_range(0..100)),
            };
            // A task of a deleted project can't be changed, and so on: that is part of the play.
            let _ = world.commands.execute(request, vec![intent], docket_commands::Mode::Atomic).await;
        }
    }

    fn intent(&mut self) -> Intent {
        match self.dice.random_range(0..20) {
            0..7 => self.create(),
            7 => self.project(project::Command::Delete),
            8..10 => self.project(project::Command::Restore),
            10 => self.task(task::Command::Delete),
            11 => self.task(task::Command::Restore),
            _ => {
                let changes = self.changes();
                self.task(task::Command::Update(changes))
            }
        }
    }

    fn create(&mut self) -> Intent {
        let project = *self.pick(&self.projects.clone());
        let title = self.words();
        let new = task::Create {
            description: self.dice.random_bool(0.3).then(|| self.words()),
            status: *self.pick(&Status::ALL),
            priority: *self.pick(&Priority::ALL),
            assignee_ids: self.some(&self.members.clone()),
            label_ids: self.some(&self.labels.clone()),
            due_date: self.date(),
            ..plain(project, &title)
        };
        let id = Uuid::new_v4();
        self.tasks.push(TaskId(id));
        Intent::new::<Task>(id, task::Command::Create(new))
    }

    fn changes(&mut self) -> Changes {
        let mut changes = Changes::default();
        match self.dice.random_range(0..7) {
            0 => changes.title = Some(self.words()),
            1 => changes.status = Some(*self.pick(&Status::ALL)),
            2 => changes.priority = Some(*self.pick(&Priority::ALL)),
            3 => changes.assignee_ids = Some(self.some(&self.members.clone())),
            4 => changes.label_ids = Some(self.some(&self.labels.clone())),
            5 => changes.due_date = Some(self.date()),
            _ => changes.project_id = Some(*self.pick(&self.projects.clone())),
        }
        changes
    }

    fn task(&mut self, command: task::Command) -> Intent {
        let id = self.tasks.choose(&mut self.dice).map_or_else(Uuid::new_v4, |id| id.0);
        Intent::new::<Task>(id, command)
    }

    fn project(&mut self, command: project::Command) -> Intent {
        let id = self.pick(&self.projects.clone()).0;
        Intent::new::<Project>(id, command)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.choose(&mut self.dice).expect("something to choose from")
    }

    fn some<T: Copy>(&mut self, from: &[T]) -> Vec<T> {
        from.iter().copied().filter(|_| self.dice.random_bool(0.4)).collect()
    }

    fn words(&mut self) -> String {
        (0..3).map(|_| *self.pick(&WORDS)).collect::<Vec<_>>().join(" ")
    }

    fn date(&mut self) -> Option<NaiveDate> {
        self.dice.random_bool(0.5).then(|| NaiveDate::from_ymd_opt(2030, 1, self.dice.random_range(1..20)).unwrap())
    }
}
