//! What an operator sees: metrics, the dashboard and alerts that are made of them, and traces.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use docket_api::config::Role;
use docket_api::telemetry::CATALOGUE;
use futures::StreamExt;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;
use reqwest::Method;
use serde_json::json;
use sqlx::{Connection, PgConnection};

use crate::harness::{nats_url, scratch_file};
use crate::node::Node;
use crate::packages::{packages, run, said, tools};
use crate::server::{Server, ask, send};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project")
}

/// Asks again until there is an answer.
async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never comes");
}

/// A server that only serves, so that the node beside it carries everything on.
async fn office() -> Server {
    Server::start_with(|config| config.roles = vec![Role::Api]).await
}

/// The names of all metrics that a file of ours writes.
fn written(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            written(&path, names);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = std::fs::read_to_string(&path).expect("a file");
            for kind in ["counter!(", "gauge!(", "histogram!("] {
                let named = text.split(kind).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
                names.extend(named.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
            }
        }
    }
}

#[test]
fn every_metric_is_in_the_catalogue_and_in_the_documentation() {
    let mut names = BTreeSet::new();
    for part in ["api/src", "commands/src", "projections/src"] {
        written(&root().join(part), &mut names);
    }
    let listed: BTreeSet<_> = CATALOGUE.iter().map(|metric| metric.name.to_owned()).collect();
    assert_eq!(names, listed);
    let page = std::fs::read_to_string(root().join("docs/operations.md")).expect("the page");
    for metric in CATALOGUE {
        let labels = if metric.labels.is_empty() { String::new() } else { format!("{{{}}}", metric.labels.join(",")) };
        assert!(page.contains(&format!("| `{}{labels}` |", metric.name)), "{} is not explained", metric.name);
    }
    let rules = std::fs::read_to_string(root().join("docs/monitoring/rules.yaml")).expect("the rules");
    let alerts: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() > 10, "{alerts:?}");
    for alert in alerts {
        assert!(page.contains(&format!("`{alert}`")), "{alert} is not explained");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dashboard_and_alerts_ask_for_what_there_is() {
    let Some(parsers) = packages("monitoring").await else { return };
    let server = office().await;
    let node = Node::start(&server, "api,relay,projector", &[]).await;
    let body = json!({"name": "Seen"});
    let made = send(ask(&node.url, server.key(), Method::POST, "/v1/projects").json(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let all_there = |scrape: &str| CATALOGUE.iter().all(|metric| scrape.contains(&format!("\n{}", metric.name)));
    let scrape = until(async || {
        let scrape = reqwest::get(&node.metrics).await.ok()?.text().await.ok()?;
        all_there(&scrape).then_some(scrape)
    })
    .await;
    for line in scrape.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap_or_default();
        assert!(CATALOGUE.iter().any(|metric| metric.name == name), "{name} is not in the catalogue");
    }
    let monitoring = root().join("docs/monitoring");
    let output = run(Command::new("python3")
        .arg(tools().join("monitoring.py"))
        .args([monitoring.join("dashboard.json"), monitoring.join("rules.yaml"), scratch_file("scrape", &scrape)])
        .env("PYTHONPATH", parsers));
    assert!(output.status.success(), "{}", said(&output));
    let used: BTreeSet<_> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    let unused: Vec<_> = CATALOGUE.iter().filter(|metric| !used.contains(metric.name)).map(|one| one.name).collect();
    assert!(unused.is_empty(), "nobody looks at {unused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_cannot_be_sent_is_counted_and_holds_up_nobody() {
    let server = Server::start_with(|config| config.roles = vec![Role::Api, Role::Projector]).await;
    let (ada, adas) = server.member("ada", "member").await;
    let project = server.project("Website").await;
    let assign =
        |title: &str| server.made("/v1/tasks", json!({"project_id": project, "title": title, "assignee_ids": [ada]}));
    assign("Sick").await;
    let told = async || {
        let page = send(ask(&server.url, &adas, Method::GET, "/v1/notifications")).await.json();
        page["data"].as_array().expect("data").iter().map(|one| one["title"].clone()).collect::<Vec<_>>()
    };
    let mut database = PgConnection::connect(&server.db.url).await.expect("a connection");
    let node = Node::start(&server, "api,relay", &[]).await;
    until(async || told().await.contains(&json!("“Sick” was assigned to you")).then_some(())).await;
    drop(node);
    // What was sent can't be read any more, so it can't be seen that it need not be sent again.
    let spoil = "update log.events set payload = '{\"type\":\"notification.sent\"}' \
                 where event_type = 'notification.sent' and payload::text like '%Sick%'";
    assert_eq!(sqlx::query(spoil).execute(&mut database).await.expect("spoiled").rows_affected(), 1);
    sqlx::query("update log.tellers set position = 0").execute(&mut database).await.expect("from the beginning");
    assign("Sound").await;
    let node = Node::start(&server, "api,relay", &[]).await;
    until(async || told().await.contains(&json!("“Sound” was assigned to you")).then_some(())).await;
    until(async || {
        let scrape = reqwest::get(&node.metrics).await.ok()?.text().await.ok()?;
        let lost = scrape.lines().find_map(|line| line.strip_prefix("docket_teller_lost_total "))?;
        (lost != "0").then_some(())
    })
    .await;
}

/// Where spans are collected.
struct Collector {
    url: String,
    spans: Arc<Mutex<Vec<Span>>>,
}

impl Collector {
    async fn start() -> Self {
        let spans = Arc::new(Mutex::new(Vec::new()));
        let kept = spans.clone();
        let take = async move |body: Bytes| {
            let sent = ExportTraceServiceRequest::decode(body).expect("spans");
            let spans = sent.resource_spans.into_iter().flat_map(|of| of.scope_spans).flat_map(|of| of.spans);
            kept.lock().expect("spans").extend(spans);
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, spans }
    }

    /// The spans of a trace.
    fn of(&self, trace: &str) -> Vec<Span> {
        let spans = self.spans.lock().expect("spans");
        spans.iter().filter(|span| hex::encode(&span.trace_id) == trace).cloned().collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_can_be_followed_from_its_request_to_the_read_models() {
    let (server, collector) = (office().await, Collector::start().await);
    let nats = async_nats::connect(nats_url()).await.expect("NATS");
    let mut carried = nats.subscribe(format!("{}.ev.>", server.prefix)).await.expect("a subscription");
    nats.flush().await.expect("a subscription");
    let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
    let node = Node::start(&server, "api,relay,projector", &environment).await;
    let create = async |traceparent: &str| {
        let request = ask(&node.url, server.key(), Method::POST, "/v1/projects").json(&json!({"name": "Followed"}));
        let made = send(request.header("traceparent", traceparent)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().expect("an id").to_owned()
    };
    let unseen = create("00-ffffffffffffffffffffffffffffff00-00f067aa0ba902b7-00").await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let seen = create(&format!("00-{trace}-00f067aa0ba902b7-01")).await;

    let names = ["POST /v1/projects", "append", "publish", "project"];
    let spans = until(async || {
        let spans = collector.of(trace);
        names.iter().all(|name| spans.iter().any(|span| span.name == *name)).then_some(spans)
    })
    .await;
    let named = |name: &str| spans.iter().find(|span| span.name == name).expect(name);
    let request = named(names[0]);
    assert_eq!(
        (hex::encode(&request.parent_span_id), request.kind()),
        ("00f067aa0ba902b7".to_owned(), SpanKind::Server)
    );
    for (name, kind) in
        [("append", SpanKind::Internal), ("publish", SpanKind::Producer), ("project", SpanKind::Consumer)]
    {
        let span = named(name);
        assert_eq!((&span.parent_span_id, span.kind()), (&request.span_id, kind), "{name}");
        assert!(span.start_time_unix_nano >= request.start_time_unix_nano, "{name}");
        assert!(span.end_time_unix_nano > span.start_time_unix_nano, "{name}");
    }

    // Whoever hears it on NATS can go on with it.
    let traceparent = |message: async_nats::Message| Some(message.headers?.get("traceparent")?.as_str().to_owned());
    let mut heard = carried.by_ref().filter_map(|message| std::future::ready(traceparent(message)));
    let heard = tokio::time::timeout(Duration::from_secs(30), heard.next()).await.expect("a message with a trace");
    assert_eq!(heard, Some(format!("00-{trace}-{}-01", hex::encode(&request.span_id))));

    // What is not to be recorded is not, and its events say nothing.
    assert!(collector.of("ffffffffffffffffffffffffffffff00").is_empty());
    let said = async |project: &str| -> Option<String> {
        let query = "select metadata->>'trace' from log.events where stream = $1::uuid";
        let mut database = PgConnection::connect(&server.db.url).await.expect("a connection");
        sqlx::query_scalar(query).bind(project).fetch_one(&mut database).await.expect("an event")
    };
    assert_eq!(said(&unseen).await, None);
    assert!(
        said(&seen).await.is_some_and(|said| said.contains(trace) && said.contains(&hex::encode(&request.span_id)))
    );
}
