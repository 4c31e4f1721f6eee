//! `docket serve` as a process of its own, on the database and the subjects of a test.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::dev;
use crate::harness::nats_url;
use crate::server::Server;

/// How long a start may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_mins(1);

/// What starts a node over a server's database and subjects.
pub fn serve(server: &Server) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docket"));
    command
        .args(["serve", "--database-url", &server.db.url, "--nats-url", &nats_url(), "--nats-prefix", &server.prefix])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// An address that is free just now, and not among those that whoever asks for any is given: nobody takes it while a node
/// is replaced.
pub fn free() -> String {
    loop {
        let address = format!("127.0.0.1:{}", rand::random_range(15_000..32_000));
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}

/// Waits until a node answers.
pub async fn answers(address: &str) {
    let begun = Instant::now();
    while reqwest::get(format!("http://{address}/healthz")).await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "the node does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A node, until it is dropped.
pub struct Node {
    child: Child,
    command: Command,
    address: String,
    /// Where its API is.
    pub url: String,
    /// Where its metrics are.
    pub metrics: String,
}

impl Node {
    /// Starts a node with these roles, parted by commas, and waits until it answers.
    pub async fn start(server: &Server, roles: &str, environment: &[(&str, &str)]) -> Self {
        let mut command = serve(server);
        command.args(["--no-limits", "--roles", roles]).envs(environment.iter().copied());
        Self::run(command).await
    }

    /// The same of a node that is to be started so.
    pub async fn run(mut command: Command) -> Self {
        let (address, metrics) = (free(), free());
        command.args(["--listen", &address, "--metrics-listen", &metrics]);
        let child = command.spawn().expect("a node");
        answers(&address).await;
        let (url, metrics) = (format!("http://{address}"), format!("http://{metrics}/metrics"));
        Self { child, command, address, url, metrics }
    }

    /// Stops it as a supervisor does, and starts it again at the same addresses.
    pub async fn replace(&mut self) {
        self.signal("TERM");
        let ended = self.child.wait().expect("an end");
        assert!(ended.success(), "{ended}");
        self.child = self.command.spawn().expect("a node");
        answers(&self.address).await;
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        dev::signal(name, self.child.id());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
