//! What runs where, for people and programs that want to know.

use std::path::PathBuf;

use serde::Serialize;
use tokio::sync::watch;

use super::links::Link;
use crate::dev::folder::write_private;

/// What runs where.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// The database `docket`, through the gate that leads to the primary.
    pub database_url: String,
    /// All nats-servers, joined by commas.
    pub nats_url: String,
    /// The nats-server that consumers come to.
    pub consumers_url: String,
    /// What nodes know of it: for `docket serve --consumers`.
    pub consumers: PathBuf,
    /// Where the ports have to lead through which servers reach each other, if they do.
    pub links: Vec<Link>,
    /// The processes.
    pub members: Vec<Member>,
}

/// A process of the cluster.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    /// What it is called.
    pub name: String,
    /// `primary`, `standby`, `nats`, `consumers` or `node`.
    pub role: &'static str,
    /// Where it is reached.
    pub url: String,
    /// Its process, while it is there.
    pub process: Option<u32>,
    /// How often it was started.
    pub starts: u32,
}

/// Where it is written up.
#[derive(Clone)]
pub struct Board {
    state: watch::Sender<State>,
    file: PathBuf,
}

impl Board {
    /// An empty board, whose content is also in `file`.
    pub fn new(state: State, file: PathBuf) -> Self {
        let board = Self { state: watch::Sender::new(state), file };
        board.write();
        board
    }

    /// Whoever wants to know.
    pub fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// A member is there.
    pub fn up(&self, name: &str, role: &'static str, url: &str, process: Option<u32>) {
        self.change(|state| {
            if let Some(member) = state.members.iter_mut().find(|member| member.name == name) {
                member.starts += u32::from(member.process != process);
                (member.role, member.process) = (role, process);
            } else {
                let (name, url) = (name.to_owned(), url.to_owned());
                state.members.push(Member { name, role, url, process, starts: 1 });
            }
        });
    }

    /// A member is gone.
    pub fn down(&self, name: &str) {
        self.change(|state| {
            for member in state.members.iter_mut().filter(|member| member.name == name) {
                member.process = None;
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        self.state.send_modify(change);
        self.write();
    }

    fn write(&self) {
        let state = serde_json::to_vec_pretty(&*self.state.borrow()).unwrap_or_default();
        if let Err(error) = write_private(&self.file, &state) {
            tracing::warn!(%error, "the state of the cluster is not written down");
        }
    }
}
