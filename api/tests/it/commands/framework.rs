//! `cqrs_es`'s own framework, on the log.

use cqrs_es::{AggregateError, CqrsFramework, EventStore as _};
use docket_commands::EventStore;
use docket_domain::project::{self, Project};
use docket_domain::{Context, Intent, References};

use super::{Desk, change_project, id, now};

impl Desk {
    fn framework(&self) -> CqrsFramework<Project, EventStore> {
        let context = Context {
            id: uuid::Uuid::nil(),
            workspace: self.workspace,
            actor: self.request().actor,
            now: now(),
            salt: id(),
            references: References::default(),
        };
        CqrsFramework::new(self.event_store(), vec![], context)
    }

    fn event_store(&self) -> EventStore {
        EventStore::new(self.commands.store().clone(), self.request())
    }
}

fn create() -> project::Command {
    project::Command::Create(project::Create::new("Website"))
}

fn rename(name: &str) -> project::Command {
    project::Command::Update(project::Changes { name: Some(name.to_owned()), ..Default::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_framework_writes_to_the_same_log() {
    let desk = Desk::new().await;
    let project = id();
    desk.framework().execute(&project.to_string(), create()).await.expect("a new project");
    desk.framework().execute(&project.to_string(), rename("Shop")).await.expect("another name");
    let answer = desk.make(Intent::new::<Project>(project, rename("Shop"))).await;
    assert!(!answer.items[0].as_ref().expect("an outcome").changed);
    let events = cqrs_es::EventStore::<Project>::load_events(&desk.event_store(), &project.to_string()).await;
    let names: Vec<_> = events.expect("the events").into_iter().map(|event| event.payload.name()).collect();
    assert_eq!(names, ["project.created", "project.renamed"]);
    desk.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_framework_refuses_what_is_refused_and_never_overwrites() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let store = desk.event_store();
    let again = desk.framework().execute(&project.to_string(), create()).await;
    assert!(matches!(again, Err(AggregateError::UserError(project::Error::AlreadyExists))));
    let stale: <EventStore as cqrs_es::EventStore<Project>>::AC =
        store.load_aggregate(&project.to_string()).await.expect("the project");
    desk.make(change_project(project, Some("Meanwhile"), None)).await;
    let renamed = vec![project::Event::Renamed { name: "Lost".to_owned() }];
    let late = store.commit(renamed, stale, [].into()).await;
    assert!(matches!(late, Err(AggregateError::AggregateConflict)));
    desk.audit().await;
}
