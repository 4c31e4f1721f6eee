//! `docket serve` as a process of its own, on the database and the subjects of a test.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::harness::nats_url;
use crate::server::Server;

/// A node, until it is dropped.
pub struct Node {
    child: Child,
    args: Vec<String>,
    /// Where its API is.
    pub url: String,
    /// Where its metrics are.
    pub metrics: String,
}

impl Node {
    /// Starts a node with these roles, parted by commas, and waits until it answers.
    pub async fn start(server: &Server, roles: &str, environment: &[(&str, &str)]) -> Self {
        let free = || std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let ports = [free(), free()];
        let [api, metrics] = ports.map(|port| port.local_addr().expect("an address").to_string());
        let (url, nats) = (&server.db.url, nats_url());
        let args = ["serve", "--no-limits", "--roles", roles, "--listen", &api, "--metrics-listen", &metrics];
        let args =
            args.into_iter().chain(["--database-url", url, "--nats-url", &nats, "--nats-prefix", &server.prefix]);
        let args: Vec<_> = args.map(str::to_owned).collect();
        let child = spawn(&args, environment);
        let node = Self { child, args, url: format!("http://{api}"), metrics: format!("http://{metrics}/metrics") };
        node.answers().await;
        node
    }

    /// Stops it as a supervisor does, and starts it again at the same addresses.
    pub async fn replace(&mut self) {
        self.signal("TERM");
        let ended = self.child.wait().expect("an end");
        assert!(ended.success(), "{ended}");
        self.child = spawn(&self.args, &[]);
        self.answers().await;
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        let sent = Command::new("sh").args(["-c", r#"kill -s "$@""#, "sh", name, &process]).status();
        assert!(sent.expect("a shell").success());
    }

    async fn answers(&self) {
        let ready = format!("{}/healthz", self.url);
        for _ in 0..600 {
            if reqwest::get(&ready).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the node does not start");
    }
}

fn spawn(args: &[String], environment: &[(&str, &str)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_docket"))
        .args(args)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a node")
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
