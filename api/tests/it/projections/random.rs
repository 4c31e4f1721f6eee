//! A workspace in which all sorts of things have happened.

use chrono::NaiveDate;
use docket_domain::Intent;
use docket_domain::comment::{self, Comment};
use docket_domain::ids::{LabelId, MemberId, ProjectId, SprintId, TaskId};
use docket_domain::notification::{self, Notification, Sent};
use docket_domain::project::{self, Project};
use docket_domain::sprint::{self, Sprint};
use docket_domain::task::{self, Estimate, Priority, Status, Task};
use docket_domain::timelog::{self, Action, Changes, Reach, Reckoned, Timelog, Work, Zone};
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
    pub sprints: Vec<SprintId>,
    comments: Vec<(Uuid, TaskId)>,
    timelogs: Vec<Uuid>,
    notices: Vec<Uuid>,
    dice: StdRng,
}

impl Scene {
    /// A workspace with three projects, each with a sprint, and labels and members.
    pub async fn set(world: &mut World, seed: u64) -> Self {
        let tenant = world.tenant().await;
        let (mut projects, mut labels, mut members, mut sprints) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for name in ["a", "b", "c"] {
            let project = world.project(tenant, name).await;
            projects.push(project);
            sprints.push(world.sprint(tenant, project, name).await);
            labels.push(world.label(tenant, name).await);
            members.push(world.member(tenant, name).await);
        }
        let (tasks, timelogs, notices) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            tenant,
            projects,
            labels,
            members,
            tasks,
            sprints,
            comments: Vec::new(),
            timelogs,
            notices,
            dice: StdRng::seed_from_u64(seed),
        }
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
                role: None,
                cause: None,
                request_id: "random".to_owned(),
                dialect: "native",
                idempotency: None,
                now: super::now() + chrono::TimeDelta::seconds(self.dice.random_range(0..100)),
                salt: Uuid::new_v4(),
                trace: None,
            };
            // A task of a deleted project can't be changed, and so on: that is part of the play.
            let _ = world.commands.execute(request, vec![intent], docket_commands::Mode::Atomic).await;
        }
    }

    fn intent(&mut self) -> Intent {
        match self.dice.random_range(0..41) {
            38..41 => self.notice(),
            36..38 => self.comment(),
            24..29 => self.time(),
            0..9 | 29..36 => self.create(),
            9 => self.project(project::Command::Delete),
            10..12 => self.project(project::Command::Restore),
            12 => self.task(task::Command::Delete),
            13 => self.task(task::Command::Restore),
            14 => self.sprint(),
            15 => {
                let (from, to) = (*self.pick(&self.sprints.clone()), self.maybe(&self.sprints.clone()));
                self.task(task::Command::LeaveSprint { from, to })
            }
            _ => {
                let changes = self.changes();
                self.task(task::Command::Update(changes))
            }
        }
    }

    fn create(&mut self) -> Intent {
        let place = self.dice.random_range(0..self.projects.len());
        let (project, sprint) = (self.projects[place], self.sprints[place]);
        let title = self.words();
        let new = task::Create {
            description: self.dice.random_bool(0.3).then(|| self.words()),
            status: *self.pick(&Status::ALL),
            priority: *self.pick(&Priority::ALL),
            assignee_ids: self.some(&self.members.clone()),
            label_ids: self.some(&self.labels.clone()),
            due_date: self.date(),
            sprint_id: self.dice.random_bool(0.4).then_some(sprint),
            parent_id: if self.dice.random_bool(0.4) { self.maybe(&self.tasks.clone()) } else { None },
            estimate: Estimate { minutes: None, points: self.maybe(&[0, 1, 5]) },
            ..plain(project, &title)
        };
        let id = Uuid::new_v4();
        self.tasks.push(TaskId(id));
        Intent::new::<Task>(id, task::Command::Create(new))
    }

    fn changes(&mut self) -> task::Changes {
        let mut changes = task::Changes::default();
        match self.dice.random_range(0..10) {
            0 => changes.title = Some(self.words()),
            1 => changes.status = Some(*self.pick(&Status::ALL)),
            2 => changes.priority = Some(*self.pick(&Priority::ALL)),
            3 => changes.assignee_ids = Some(self.some(&self.members.clone())),
            4 => changes.label_ids = Some(self.some(&self.labels.clone())),
            5 => changes.due_date = Some(self.date()),
            6 => changes.sprint_id = Some(self.maybe(&self.sprints.clone())),
            7 => changes.parent_id = Some(self.maybe(&self.tasks.clone())),
            8 => changes.estimate_points = Some(self.maybe(&[2, 3, 8])),
            _ => changes.project_id = Some(*self.pick(&self.projects.clone())),
        }
        changes
    }

    fn task(&mut self, command: task::Command) -> Intent {
        let id = self.tasks.choose(&mut self.dice).map_or_else(Uuid::new_v4, |id| id.0);
        Intent::new::<Task>(id, command)
    }

    fn notice(&mut self) -> Intent {
        let id = self.notices.choose(&mut self.dice).copied().filter(|_| self.dice.random_bool(0.3));
        if let Some(id) = id {
            // Nobody but its member can read it, and that is not the one who plays.
            return Intent::new::<Notification>(id, notification::Command::Read);
        }
        let sent = Sent {
            member_id: *self.pick(&self.members.clone()),
            kind: "message".to_owned(),
            title: self.words(),
            body: None,
            link: None,
            subject: None,
            only: None,
        };
        let id = Uuid::new_v4();
        self.notices.push(id);
        Intent::new::<Notification>(id, notification::Command::Send(sent))
    }

    fn time(&mut self) -> Intent {
        let day = super::now() - chrono::TimeDelta::days(self.dice.random_range(1..80));
        let work = Work {
            member_id: *self.pick(&self.members.clone()),
            task_id: self.tasks.choose(&mut self.dice).copied().filter(|_| self.dice.random_bool(0.5)),
            project_id: Some(*self.pick(&self.projects.clone())),
            note: None,
            zone: Reckoned::In(Zone::default()),
            billable: None,
        };
        let ended_at = day + chrono::TimeDelta::minutes(self.dice.random_range(1..600));
        let begin = match self.dice.random_range(0..3) {
            0 => Action::Start(work),
            _ => Action::Log { work, started_at: day, ended_at },
        };
        let (id, action) = match self.dice.random_range(0..7) {
            0..3 => (Uuid::new_v4(), begin),
            3 => (self.timelog(), Action::Stop),
            4 => (self.timelog(), Action::Void),
            5 => (self.timelog(), Action::Restore),
            _ => {
                let project_id = Some(*self.pick(&self.projects.clone()));
                let changes = Changes { task_id: Some(None), project_id, started_at: Some(day), ..Changes::default() };
                (self.timelog(), Action::Correct(changes))
            }
        };
        self.timelogs.push(id);
        Intent::new::<Timelog>(id, timelog::Command { reach: Reach::All, action })
    }

    fn timelog(&mut self) -> Uuid {
        self.timelogs.choose(&mut self.dice).copied().unwrap_or_else(Uuid::new_v4)
    }

    fn comment(&mut self) -> Intent {
        use comment::Action::{Create, Delete, Edit, Restore};
        let said = self.comments.choose(&mut self.dice).copied();
        let (id, task_id) = said.filter(|_| self.dice.random_bool(0.5)).unwrap_or_else(|| {
            let task = self.tasks.choose(&mut self.dice).copied().unwrap_or(TaskId(Uuid::nil()));
            (Uuid::new_v4(), task)
        });
        let action = match self.dice.random_range(0..4) {
            _ if !self.comments.contains(&(id, task_id)) => Create { body: self.said() },
            0 => Delete,
            1 => Restore,
            _ => Edit { body: self.said() },
        };
        self.comments.push((id, task_id));
        Intent::new::<Comment>(id, comment::Command { task_id, moderates: false, action })
    }

    /// Words that no task has.
    fn said(&mut self) -> String {
        (*self.pick(&["why", "how come", "never"])).to_owned()
    }

    fn sprint(&mut self) -> Intent {
        use sprint::Command::{Close, Delete, Reopen, Restore, Start};
        let command = self.pick(&[Start, Start, Close, Reopen, Delete, Restore, Restore]).clone();
        let id = self.pick(&self.sprints.clone()).0;
        Intent::new::<Sprint>(id, command)
    }

    fn project(&mut self, command: project::Command) -> Intent {
        let id = self.pick(&self.projects.clone()).0;
        Intent::new::<Project>(id, command)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.choose(&mut self.dice).expect("something to choose from")
    }

    fn maybe<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        if self.dice.random_bool(0.4) { None } else { from.choose(&mut self.dice).copied() }
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
