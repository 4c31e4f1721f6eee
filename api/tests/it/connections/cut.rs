//! Clients that leave while they write, at any moment from their first byte on: what they asked for is done or it is not,
//! whoever asks again finds it done once, and they leave nothing open behind them.

use std::time::Duration;

use docket_api::config::Role;
use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::{Method, StatusCode};
use serde_json::json;
use sqlx::PgPool;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::server::{Answer, Server, send};

/// How many leave.
const CUTS: usize = 50;
/// How many more connections to PostgreSQL there may be afterwards: the pools of the projector and of the write side open up
/// to four each, when they first need them. If those stayed open that somebody has left, there would be more.
const SPARE: i64 = 8;
/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_mins(1);

const IN_LOG: &str = "select exists (select from log.events where payload->>'title' = $1)";
const CUT_IN_LOG: &str = "select count(*) from log.events where payload->>'title' like 'cut-%'";
const SESSIONS: &str = "select count(*) from pg_stat_activity \
    where datname = current_database() and application_name like 'docket%'";
const IDLE_IN_TRANSACTION: &str = "select count(*) from pg_stat_activity \
    where datname = current_database() and state like 'idle in transaction%'";

/// When a client leaves.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// When it has sent so many bytes, and not all.
    Within(usize),
    /// When all is sent and it was so often others' turn.
    After(u32),
    /// When what it asked for is in the log. It does not read the answer.
    Committed,
}

/// One write, and when its client leaves. Its key is its title, too.
struct Write {
    key: String,
    body: String,
    bytes: Vec<u8>,
    moment: Moment,
    /// Whether it hangs up without a word: RST instead of FIN.
    is_rude: bool,
}

impl Write {
    fn draw(server: &Server, project: &str, nth: usize, random: &mut StdRng) -> Self {
        let (host, key) = (server.url.trim_start_matches("http://"), format!("cut-{nth}"));
        let body = json!({"project_id": project, "title": key}).to_string();
        let head = format!(
            "POST /v1/tasks HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Idempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n",
            server.key(),
            body.len()
        );
        let bytes = [head.as_bytes(), body.as_bytes()].concat();
        let moment = match nth % 5 {
            0 | 1 => Moment::Within(random.random_range(0..bytes.len())),
            2 | 3 => Moment::After(random.random_range(0..400)),
            _ => Moment::Committed,
        };
        Self { key, body, bytes, moment, is_rude: random.random() }
    }

    /// Sends as much as it does, and leaves.
    async fn send_and_leave(&self, server: &Server, database: &PgPool) {
        let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.expect("a connection");
        if self.is_rude {
            stream.set_zero_linger().expect("a socket");
        }
        let sent = match self.moment {
            Moment::Within(count) => &self.bytes[..count],
            Moment::After(_) | Moment::Committed => &self.bytes[..],
        };
        stream.write_all(sent).await.expect("sent");
        match self.moment {
            Moment::Within(_) => {}
            Moment::After(turns) => {
                for _ in 0..turns {
                    yield_now().await;
                }
            }
            Moment::Committed => self.until_committed(database).await,
        }
    }

    async fn until_committed(&self, database: &PgPool) {
        let committed = async {
            let in_log = || sqlx::query_scalar::<_, bool>(IN_LOG).bind(self.key.as_str()).fetch_one(database);
            while !in_log().await.expect("an answer") {
                yield_now().await;
            }
        };
        timeout(PATIENCE, committed).await.expect("it is carried out");
    }

    /// The same request, sent by somebody who stays.
    async fn send_again(&self, server: &Server) -> Answer {
        let request = server.ask(Method::POST, "/v1/tasks").header("Content-Type", "application/json");
        send(request.header("Idempotency-Key", &self.key).body(self.body.clone())).await
    }
}

async fn count(database: &PgPool, query: &str) -> i64 {
    sqlx::query_scalar(query).fetch_one(database).await.expect("a number")
}

/// Waits until there are no more of these.
async fn until_at_most(most: i64, database: &PgPool, query: &str) {
    let few = async {
        while count(database, query).await > most {
            yield_now().await;
        }
    };
    timeout(PATIENCE, few).await.unwrap_or_else(|_| panic!("there are still more than {most}: {query}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_while_writing_has_written_once_or_not_at_all() {
    // Nobody else writes.
    let server = Server::start_with(|config| config.roles = vec![Role::Api, Role::Projector]).await;
    let project = server.project("Website").await;
    let database = PgPool::connect(&server.db.url).await.expect("the database");
    // As many as will leave, and as many readers: from now on there are the connections that they take.
    let writes = (0..CUTS).map(async |nth| server.task(&project, &format!("whole-{nth}")).await);
    let reads = (0..CUTS).map(|_| server.get("/v1/tasks"));
    tokio::join!(join_all(writes), join_all(reads));
    let before = count(&database, SESSIONS).await;

    let mut random = StdRng::seed_from_u64(7);
    let writes: Vec<Write> = (0..CUTS).map(|nth| Write::draw(&server, &project, nth, &mut random)).collect();
    join_all(writes.iter().map(|write| write.send_and_leave(&server, &database))).await;
    until_at_most(0, &database, IDLE_IN_TRANSACTION).await;
    until_at_most(before + SPARE, &database, SESSIONS).await;

    let answers = join_all(writes.iter().map(|write| write.send_again(&server))).await;
    for (write, answer) in writes.iter().zip(answers) {
        let (key, moment) = (&write.key, write.moment);
        assert_eq!(answer.status, StatusCode::CREATED, "{key}, {moment:?}: {}", answer.text);
        let was_done = answer.header("idempotency-replayed") == "true";
        match moment {
            Moment::Within(_) => assert!(!was_done, "{key}, {moment:?}: half a request was carried out"),
            Moment::Committed => assert!(was_done, "{key}, {moment:?}: it was carried out again"),
            // It may have been either.
            Moment::After(_) => {}
        }
        let again = write.send_again(&server).await;
        let told = (again.json()["id"].clone(), again.header("idempotency-replayed"));
        assert_eq!(told, (answer.json()["id"].clone(), "true"), "{key}, {moment:?}");
    }
    assert_eq!(count(&database, CUT_IN_LOG).await, CUTS as i64);
    let tasks = server.get("/v1/tasks?limit=200").await.json();
    let tasks = tasks["data"].as_array().expect("tasks");
    for Write { key, moment, .. } in &writes {
        let found = tasks.iter().filter(|task| task["title"] == key.as_str()).count();
        assert_eq!(found, 1, "{key}, {moment:?}");
    }
}
