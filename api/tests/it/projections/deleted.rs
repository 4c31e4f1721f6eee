//! What was deleted is in a list of its own, as long as it can be restored: with the same filters, orders and totals, and
//! in no other.

use docket_domain::catalog::{self, Entry, Kind};
use docket_domain::comment::{self, Comment};
use docket_domain::project::{self, Project};
use docket_domain::sprint::{self, Sprint};
use docket_domain::task::{self, Task};
use docket_domain::timelog::{self, Reach, Timelog};
use docket_domain::{customer, label, position, space, team, webhook};
use docket_projections::{LISTS, List, ListQuery, Moment, Op, Value as Given};
use serde_json::Value;
use uuid::Uuid;

use super::World;
use super::declared::{all, filters_hold, pages_at, scene, walk};
use super::random::Scene;

/// What of a list was deleted.
fn gone(list: &'static List, as_of: Option<Moment>) -> ListQuery {
    pages_at(3, as_of).with(list, "deleted", Op::Is, vec![Given::Bool(true)])
}

fn id(doc: &Value) -> Uuid {
    doc["id"].as_str().expect("an id").parse().expect("an id")
}

async fn entry<F: Kind>(world: &World, scene: &Scene, id: Uuid) -> i64 {
    world.tell::<Entry<F>>(scene.tenant, id, catalog::Command::Delete).await
}

/// Takes away one that a list shows.
async fn take_away(world: &World, scene: &Scene, list: &List, doc: &Value) {
    let (tenant, id) = (scene.tenant, id(doc));
    let position = match list.name {
        "tasks" => world.tell::<Task>(tenant, id, task::Command::Delete).await,
        "projects" => world.tell::<Project>(tenant, id, project::Command::Delete).await,
        "sprints" => world.tell::<Sprint>(tenant, id, sprint::Command::Delete).await,
        "timelogs" => {
            let command = timelog::Command { reach: Reach::All, action: timelog::Action::Void };
            world.tell::<Timelog>(tenant, id, command).await
        }
        "comments" => {
            let task_id = doc["task_id"].as_str().expect("a task").parse::<Uuid>().expect("an id").into();
            let command = comment::Command { task_id, moderates: true, action: comment::Action::Delete };
            world.tell::<Comment>(tenant, id, command).await
        }
        "teams" => entry::<team::Fields>(world, scene, id).await,
        "positions" => entry::<position::Fields>(world, scene, id).await,
        "spaces" => entry::<space::Fields>(world, scene, id).await,
        "customers" => entry::<customer::Fields>(world, scene, id).await,
        "labels" => entry::<label::Fields>(world, scene, id).await,
        "webhooks" => entry::<webhook::Fields>(world, scene, id).await,
        name => panic!("how are {name} deleted?"),
    };
    assert!(position > 0, "{doc}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_can_be_found_and_only_there() {
    let mut world = World::new().await;
    let scene = scene(&mut world).await;
    let before = Moment::Position(world.reads.head(scene.tenant.workspace).await.expect("the head"));
    let lists = || LISTS.into_iter().filter(|list| list.field("deleted").is_some());
    assert_eq!(lists().count(), 11);
    let mut taken = Vec::new();
    // What belongs to something else goes first, and what has something last: that is out of reach with it.
    let turn = |list: &&List| ["tasks", "projects"].iter().position(|name| *name == list.name).map_or(0, |at| at + 1);
    let mut turns: Vec<_> = lists().collect();
    turns.sort_by_key(turn);
    for list in turns {
        world.catch_up().await;
        let there = all(&world, &scene, list, None).await;
        let (_, some) = there.split_at(there.len() - there.len().min(2));
        for doc in some {
            take_away(&world, &scene, list, doc).await;
        }
        taken.push((list, some.iter().map(id).collect::<Vec<_>>()));
    }
    world.catch_up().await;
    for (list, taken) in taken {
        let (there, found) =
            (all(&world, &scene, list, None).await, filters_hold(&world, &scene, list, &gone(list, None)).await);
        assert!(found.iter().all(|doc| doc["deleted"] == true || doc["voided"] == true), "{} {found:?}", list.name);
        let [there, found] = [there, found].map(|docs| docs.iter().map(id).collect::<Vec<_>>());
        assert!(taken.iter().all(|id| !there.contains(id)) && !taken.is_empty(), "{}", list.name);
        // Comments may have gone with their tasks.
        let hidden = list.name == "comments";
        assert!(hidden || taken.iter().all(|id| found.contains(id)), "{} {taken:?} {found:?}", list.name);
        assert!(found.iter().all(|id| !there.contains(id)), "{}", list.name);
        let then: Vec<_> = walk(&world, &scene, list, gone(list, Some(before))).await.iter().map(id).collect();
        assert!(taken.iter().all(|id| !then.contains(id)), "{} {then:?}", list.name);
    }
}
