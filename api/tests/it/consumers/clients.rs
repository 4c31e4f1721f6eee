//! Clients as others use them, in other languages: they come in with a key, hear their own notifications, get all of them
//! after they were away, and can do nothing else.

use std::process::Stdio;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::world::{PATIENCE, World};
use crate::packages::{Node, packages, tools};

#[tokio::test(flavor = "multi_thread")]
async fn nats_py_hears_misses_nothing_and_can_do_nothing_else() {
    let Some(nats) = packages("nats").await else { return };
    let mut python = Command::new("python3");
    python.arg(tools().join("nats/consumer.py")).env("PYTHONPATH", nats);
    drive(python).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nats_js_hears_misses_nothing_and_can_do_nothing_else() {
    let Some(node) = Node::with("nats").await else { return };
    let mut command = node.command();
    command.arg("consumer.mjs");
    drive(command.into()).await;
}

/// A client at work.
struct Client {
    child: Child,
    says: Lines<BufReader<ChildStdout>>,
}

impl Client {
    fn start(mut command: Command) -> Self {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = piped.spawn().expect("a client");
        let says = BufReader::new(child.stdout.take().expect("an output")).lines();
        Self { child, says }
    }

    async fn says(&mut self) -> String {
        let line = timeout(PATIENCE * 3, self.says.next_line()).await.expect("in time");
        line.expect("text").expect("something")
    }
}

async fn drive(mut command: Command) {
    let world = World::start().await;
    let (ada, adas) = world.server.member("ada", "member").await;
    let (id, token) = world.key(json!({"member_id": ada, "scopes": ["notifications:read"]})).await;
    let (workspace, owner, stream) = (world.workspace(), world.server.workspace.owner_id, world.stream());
    let own = world.subject(&format!("notify.{workspace}.{ada}.>"));
    // That she was invited is told before this key comes for the first time, so it does not hear of it.
    world.connect("x", &adas).await;
    world.has_told(&world.subject(&format!("notify.{workspace}.{ada}.sent"))).await;
    // From now on nobody has to try twice.
    world.connect(&id, &token).await;
    command.args([&world.url, &token, &id, &stream, &own]);
    let forbidden = forbidden(&world, &owner.to_string());
    command.args(&forbidden);
    let mut client = Client::start(command);
    assert_eq!(client.says().await, "listening");
    tell(&world, &ada, "While there").await;
    assert_eq!(client.says().await, "While there");
    world.send_away(&id).await;
    tell(&world, &ada, "There again").await;
    assert_eq!(client.says().await, "There again");
    assert_eq!(client.says().await, "away");
    let mut expected = vec!["While there".to_owned(), "There again".to_owned()];
    expected.extend((0..30).map(|n| format!("{n}")));
    expected.push("Last".to_owned());
    for title in &expected[2..] {
        tell(&world, &ada, title).await;
    }
    client.child.stdin.as_mut().expect("an input").write_all(b"come\n").await.expect("heard");
    for title in &expected {
        assert_eq!(client.says().await, *title);
    }
    assert_eq!(client.says().await, format!("refused {}", forbidden.len()));
    assert!(timeout(PATIENCE, client.child.wait()).await.expect("in time").expect("an end").success());
}

async fn tell(world: &World, member: &str, title: &str) {
    let sent = world.server.post("/v1/notifications", json!({"title": title, "recipient_ids": [member]})).await;
    assert!(sent.status.is_success(), "{}", sent.text);
}

/// What somebody with this key may not do.
fn forbidden(world: &World, owner: &str) -> Vec<String> {
    let workspace = world.workspace();
    let hear = [
        ">".to_owned(),
        world.subject(">"),
        world.subject("notify.*.>"),
        world.subject(&format!("notify.{workspace}.>")),
        world.subject(&format!("notify.{workspace}.{owner}.>")),
        world.subject(&format!("events.{workspace}.>")),
        "_INBOX.>".to_owned(),
        "$JS.>".to_owned(),
        "$SYS.>".to_owned(),
    ];
    let mut say = world.forbidden_requests();
    say.push(world.subject(&format!("notify.{workspace}.{owner}.sent")));
    let hear = hear.into_iter().map(|subject| format!("subscribe {subject}"));
    hear.chain(say.into_iter().map(|subject| format!("publish {subject}"))).collect()
}
