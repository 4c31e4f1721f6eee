//! A Docket, a nats-server for its consumers, and a consumer.

use std::net::TcpListener;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_nats::jetstream::stream::Stream;
use async_nats::{Client, ConnectOptions, Event};
use docket_api::Config;
use docket_api::consumers::Secrets;
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::server::Server;

/// How long is waited for something that has to come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A Docket, and a nats-server for its consumers.
pub struct World {
    pub server: Server,
    pub url: String,
    pub secrets: Secrets,
    _nats: Child,
}

impl World {
    /// One that lets consumers in.
    pub async fn start() -> Self {
        let secrets = secrets();
        let served = secrets.clone();
        Self::start_with(secrets, |config| config.consumers = Some(served)).await
    }

    /// The same, configured otherwise.
    pub async fn start_with(secrets: Secrets, change: impl FnOnce(&mut Config)) -> Self {
        let url = secrets.url.clone();
        let address = url.strip_prefix("nats://").expect("an address");
        let config = secrets.configuration(address).expect("a configuration");
        let nats = nats_server(&config).await;
        let server = Server::start_with(change).await;
        Self { server, url, secrets, _nats: nats }
    }

    /// A key with these scopes of a member or of the workspace: its id and its token.
    pub async fn key(&self, more: Value) -> (String, String) {
        let mut body = json!({"label": "consumer"});
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        let minted = self.server.post("/v1/keys", body).await.json();
        let text = |name: &str| minted[name].as_str().unwrap_or_else(|| panic!("{minted}")).to_owned();
        (text("id"), text("token"))
    }

    /// A connection, and what the server complains of on it.
    pub async fn connect(&self, id: &str, token: &str) -> (Client, Complaints) {
        let complaints = Complaints::default();
        for _ in 0..200 {
            let heard = complaints.clone();
            let options = ConnectOptions::with_token(token.to_owned())
                .custom_inbox_prefix(format!("_INBOX_{id}"))
                .event_callback(move |event| {
                    let heard = heard.clone();
                    async move { heard.0.lock().expect("a lock").push(event) }
                });
            if let Ok(client) = options.connect(&self.url).await {
                return (client, complaints);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nobody is let in");
    }

    /// A connection without a client that would keep one from anything; it has asked for a sign of life.
    pub async fn line(&self, token: &str) -> Line {
        let address = self.url.strip_prefix("nats://").expect("an address");
        let stream = loop {
            match TcpStream::connect(address).await {
                Ok(stream) => break stream,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        let mut line = Line(BufReader::new(stream));
        assert!(line.says().await.starts_with("INFO"));
        line.send(&hello(token)).await;
        line
    }

    /// So many connections at once that end while they are being let in.
    pub async fn lines_that_are_cut(&self, token: &str, count: usize) {
        let address = self.url.strip_prefix("nats://").expect("an address");
        let cut = async || {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.write_all(hello(token).as_bytes()).await.expect("sent");
            let _ = timeout(Duration::from_millis(5), stream.readable()).await;
        };
        futures::future::join_all((0..count).map(|_| cut())).await;
    }

    /// The stream for consumers, as who brings it.
    pub async fn outside(&self) -> Stream {
        let client = self.operator("out").await;
        async_nats::jetstream::new(client).get_stream(self.stream()).await.expect("a stream")
    }

    /// Waits until something was told on a subject, once somebody has been let in.
    pub async fn has_told(&self, subject: &str) {
        let (outside, begun) = (self.outside().await, Instant::now());
        while outside.get_last_raw_message_by_subject(subject).await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "nothing was told on {subject}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A connection as one of Docket's own users.
    pub async fn operator(&self, name: &str) -> Client {
        let secrets = serde_json::to_value(&self.secrets).expect("JSON");
        let password = secrets[name].as_str().expect("a password").to_owned();
        let options = ConnectOptions::with_user_and_password(format!("docket-{name}"), password);
        options.connect(&self.url).await.expect("a connection")
    }

    /// Sends a key's only connection away, as Docket does with whoever stays for long, and waits until it has come again.
    pub async fn send_away(&self, key: &str) {
        let system = self.operator("system").await;
        let there = async || {
            let asked = json!({"auth": true, "acc": "CONSUMERS", "subscriptions": true}).to_string();
            let answer = system.request("$SYS.REQ.SERVER.PING.CONNZ", asked.into()).await.expect("an answer");
            let answer: Value = serde_json::from_slice(&answer.payload).expect("JSON");
            let server = answer["server"]["id"].as_str().expect("an id").to_owned();
            let all = answer["data"]["connections"].as_array().cloned().unwrap_or_default();
            let is_theirs = |one: &&Value| one["authorized_user"].as_str().is_some_and(|user| user.contains(key));
            let listens = |one: &&Value| one["subscriptions"].as_u64().is_some_and(|count| count > 0);
            let found = all.iter().filter(is_theirs).find(listens).and_then(|one| one["cid"].as_u64());
            (server, found)
        };
        let (server, first) = there().await;
        let kick = json!({"cid": first.expect("somebody who listens")}).to_string();
        system.request(format!("$SYS.REQ.SERVER.{server}.KICK"), kick.into()).await.expect("an answer");
        let begun = Instant::now();
        while there().await.1.is_none_or(|now| Some(now) == first) {
            assert!(begun.elapsed() < PATIENCE, "nobody comes again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn subject(&self, rest: &str) -> String {
        format!("{}.{rest}", self.server.prefix)
    }

    pub fn workspace(&self) -> String {
        self.server.workspace.workspace_id.to_string()
    }

    /// What nobody but Docket may ask about streams and consumers, of any name.
    pub fn forbidden_requests(&self) -> Vec<String> {
        let (stream, other) = (self.stream(), format!("key-{}", uuid::Uuid::new_v4()));
        let of_stream = ["CREATE", "UPDATE", "DELETE", "PURGE", "INFO", "SNAPSHOT", "MSG.GET", "MSG.DELETE"];
        let mut all: Vec<_> = of_stream.iter().map(|what| format!("$JS.API.STREAM.{what}.{stream}")).collect();
        let of_consumers = ["CREATE", "DELETE", "INFO", "PAUSE", "MSG.NEXT", "UNPIN"];
        all.extend(of_consumers.iter().map(|what| format!("$JS.API.CONSUMER.{what}.{stream}.{other}")));
        all.push(format!("$JS.ACK.{stream}.{other}.1.1.1.1.1"));
        all.extend(["STREAM.CREATE.MINE", "STREAM.NAMES", "STREAM.LIST", "INFO"].map(|what| format!("$JS.API.{what}")));
        let rest = ["CONSUMER.CREATE", "CONSUMER.NAMES", "CONSUMER.LIST", "DIRECT.GET", "STREAM.RESTORE"];
        all.extend(rest.iter().map(|what| format!("$JS.API.{what}.{stream}")));
        all.push(format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.mine"));
        all.extend(["$SYS.REQ.SERVER.PING", "$SYS.REQ.USER.AUTH", "$SYS.REQ.USER.INFO"].map(str::to_owned));
        all
    }

    pub fn stream(&self) -> String {
        format!("{}-OUT", self.server.prefix.to_uppercase())
    }
}

/// What a client says first: with which key it comes, and that it wants a sign of life.
fn hello(token: &str) -> String {
    let options = json!({"auth_token": token, "verbose": false, "pedantic": false, "lang": "none", "version": "1", "protocol": 1});
    format!("CONNECT {options}\r\nPING\r\n")
}

/// New secrets, for a server on a port that is free.
pub fn secrets() -> Secrets {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    Secrets::draw(&format!("nats://127.0.0.1:{port}")).expect("secrets")
}

/// A nats-server with this configuration, in a folder of its own; its log is the file `log` there.
pub async fn nats_server(config: &str) -> Child {
    let config = crate::harness::scratch_file("nats.conf", config);
    let folder = config.parent().expect("a folder").to_owned();
    let program = docket_api::dev::nats_server().await.expect("a nats-server");
    Command::new(program)
        .arg("-c")
        .arg(&config)
        .current_dir(&folder)
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("log")).expect("a log"))
        .kill_on_drop(true)
        .spawn()
        .expect("a nats-server")
}

/// A connection as it is on the wire.
pub struct Line(BufReader<TcpStream>);

impl Line {
    /// What the server says next; nothing, if it says no more.
    pub async fn says(&mut self) -> String {
        let mut said = String::new();
        let _ = self.0.read_line(&mut said).await;
        said
    }

    /// Waits until it says something like this.
    pub async fn until(&mut self, words: &str) {
        let begun = Instant::now();
        while !timeout(PATIENCE, self.says()).await.expect("in time").to_lowercase().contains(words) {
            assert!(begun.elapsed() < PATIENCE);
        }
    }

    pub async fn send(&mut self, text: &str) {
        // The server may have had enough before it has read it all.
        let _ = self.0.get_mut().write_all(text.as_bytes()).await;
    }
}

/// What the server complained of.
#[derive(Clone, Default)]
pub struct Complaints(pub Arc<Mutex<Vec<Event>>>);

impl Complaints {
    pub fn of_permissions(&self) -> usize {
        let all = self.0.lock().expect("a lock");
        all.iter().filter(|event| event.to_string().to_lowercase().contains("permissions violation")).count()
    }

    pub async fn until(&self, what: impl Fn(&Event) -> bool) {
        let begun = Instant::now();
        while !self.0.lock().expect("a lock").iter().any(&what) {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.0.lock());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub async fn next(heard: &mut async_nats::Subscriber) -> (String, Value) {
    let message = timeout(PATIENCE, heard.next()).await.expect("in time").expect("a message");
    (message.subject.to_string(), serde_json::from_slice(&message.payload).expect("JSON"))
}

/// The next messages of a key's own consumer, acknowledged; the server has confirmed that.
pub async fn fetch(world: &World, client: &Client, id: &str, count: usize) -> Vec<Value> {
    let all = receive(world, client, id, count).await;
    for message in &all {
        let reply = message.reply.clone().expect("a reply");
        timeout(PATIENCE, client.request(reply, "+ACK".into())).await.expect("in time").expect("a confirmation");
    }
    all.iter().map(|message| serde_json::from_slice(&message.payload).expect("JSON")).collect()
}

/// The same until a project is created: what came before it, its key's own minting perhaps, may be told late.
pub async fn hears_of_project(world: &World, client: &Client, id: &str) {
    while fetch(world, client, id, 1).await[0]["type"] != "project.created" {}
}

/// The same, but nobody says that they were received.
pub async fn receive(world: &World, client: &Client, id: &str, count: usize) -> Vec<async_nats::Message> {
    let inbox = client.new_inbox();
    let mut replies = client.subscribe(inbox.clone()).await.expect("an inbox");
    let next = format!("$JS.API.CONSUMER.MSG.NEXT.{}.key-{id}", world.stream());
    let request = json!({"batch": count, "expires": 15_000_000_000_u64}).to_string();
    client.publish_with_reply(next, inbox, request.into()).await.expect("sent");
    let mut all = Vec::new();
    while all.len() < count {
        let message = timeout(PATIENCE, replies.next()).await.expect("in time").expect("a message");
        assert!(message.status.is_none(), "{:?}", message.status);
        all.push(message);
    }
    all
}
