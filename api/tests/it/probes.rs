//! What another workspace has cannot be told from what nobody has. On every operation of every API, in every place where
//! a name can stand, the names of all that another workspace has are answered, byte for byte, like names that nobody has;
//! and nothing of that workspace changes.
//!
//! `make probes` asks every question there is; the tests a part of them that is drawn from a fixed seed.

pub mod bodies;
pub mod places;
pub mod seen;

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use docket_api::bootstrap::Founding;
use futures::{StreamExt, stream};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng, rngs::StdRng};
use reqwest::{Client, Method};
use uuid::Uuid;

use crate::hostile::operation::Api;
use crate::hostile::things::{Form, Name, Things, names, prefixed, settled};
use crate::server::Server;
use places::{Place, places};
use seen::Seen;

/// How many requests are under way at a time.
const AT_ONCE: usize = 16;
/// In everything that the other workspace has, and nowhere else.
const SECRET: &str = "zebrafish";
/// How often an answer may differ for another reason: somebody was seen meanwhile, something was written.
const TRIES: usize = 4;

/// A server with two workspaces in the same partition: one whose keys ask, and another.
pub struct Probes {
    pub server: Server,
    pub foreign: Founding,
    apis: Vec<Api>,
    own: Things,
    client: Client,
    callers: Vec<String>,
    names: Vec<Name>,
}

/// What was asked: a place, a name, a caller, each by its number.
type Question = (usize, usize, usize);

impl Probes {
    pub async fn new() -> Self {
        let server = Server::start().await;
        let foreign = server.neighbour(SECRET).await;
        far_apart(&server, &foreign).await;
        let apis = Api::all();
        let own = Things::make(&server, &server.workspace, "own").await;
        Things::make(&server, &foreign, SECRET).await;
        let mut names = names(&server, &foreign.keys[0].token, &apis[0]).await;
        names.push(Name { form: Form::Id, text: foreign.workspace_id.to_string(), kind: None });
        let mut callers = vec![server.key().to_owned()];
        for role in ["manager", "member", "viewer"] {
            callers.push(server.member(role, role).await.1);
        }
        Self { server, foreign, apis, own, client: Client::new(), callers, names }
    }

    /// Every question that can be asked, in a random order, but first each place once with a name that fits best.
    fn questions(&self, places: &[Place<'_>], random: &mut StdRng) -> Vec<Question> {
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for (at, place) in places.iter().enumerate() {
            let fitting: Vec<usize> = (0..self.names.len()).filter(|n| place.takes(self.names[*n].form)).collect();
            let fits = |n: &usize| {
                let Name { form, kind, .. } = self.names[*n];
                (form == place.form(), kind.is_some() && kind == place.kind())
            };
            let best = fitting.iter().copied().max_by_key(fits);
            for name in fitting {
                for caller in 0..self.callers.len() {
                    let most = Some(name) == best && caller == 0;
                    if most { &mut first } else { &mut rest }.push((at, name, caller));
                }
            }
        }
        rest.shuffle(random);
        first.extend(rest);
        first
    }

    /// Asks at most so many questions, drawn by the seed, and answers what was told apart.
    pub async fn ask(&self, most: usize, seed: u64) -> Vec<String> {
        let places = places(&self.apis);
        let mut questions = self.questions(&places, &mut StdRng::seed_from_u64(seed));
        let all = questions.len();
        questions.truncate(most);
        // What may write comes last: it may make lists longer while they are compared.
        questions.sort_by_key(|(place, ..)| places[*place].operation.writes());
        settled(&self.server).await;
        let before = self.theirs().await;
        let (unknown, begun, asked) = (Mutex::new(HashMap::new()), Instant::now(), AtomicUsize::new(0));
        let leaks = stream::iter(&questions).map(|question| async {
            if asked.fetch_add(1, Ordering::Relaxed) % 10_000 == 9_999 {
                eprintln!("{} of {} probes, {:?}", asked.load(Ordering::Relaxed), questions.len(), begun.elapsed());
            }
            self.leak(&places, *question, &unknown).await
        });
        let leaks: Vec<String> = leaks.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
        assert_eq!(self.theirs().await, before, "something of the other workspace has changed");
        eprintln!(
            "{} probes of {all} in {} places, with {} names, as {} callers, in {:?}: {} leaks",
            questions.len(),
            places.len(),
            self.names.len(),
            self.callers.len(),
            begun.elapsed(),
            leaks.len(),
        );
        leaks
    }

    /// What tells a name of the other workspace apart from one that nobody has.
    async fn leak(
        &self,
        places: &[Place<'_>],
        (at, name, caller): Question,
        unknown: &Mutex<HashMap<(usize, Form, usize), Seen>>,
    ) -> Option<String> {
        let (place, name, key) = (&places[at], &self.names[name], &self.callers[caller]);
        let mut told = String::new();
        for attempt in 0..TRIES {
            let found = self.seen(place, &name.text, key).await;
            let known = (attempt == 0).then(|| unknown.lock().expect("a lock").get(&(at, name.form, caller)).cloned());
            let nobodys = match known.flatten() {
                Some(nobodys) => nobodys,
                None => {
                    let nobodys = self.seen(place, &nobody(name), key).await;
                    unknown.lock().expect("a lock").insert((at, name.form, caller), nobodys.clone());
                    nobodys
                }
            };
            if found == nobodys && !found.body.contains(SECRET) && found.status < 500 {
                return None;
            }
            told = format!("{found:?}\n  but what nobody has: {nobodys:?}");
        }
        let (method, path) = (&place.operation.method, &place.operation.path);
        let of = place.asked(&self.own, &name.text);
        Some(format!("{method} {}{path}: {name:?} in {:?} {:?}\n  {told}", place.api.mount, place.spot, of.body))
    }

    /// What comes of a name in a place.
    async fn seen(&self, place: &Place<'_>, name: &str, key: &str) -> Seen {
        let mut asked = place.asked(&self.own, name);
        // Only the native API says that it can be told to leave things as they are.
        if place.operation.query().iter().any(|one| one["name"] == "dry_run") && place.operation.writes() {
            asked = asked.with("dry_run=true");
        }
        let method = place.operation.method.clone();
        let request = self.client.request(method.clone(), format!("{}{}", self.server.url, asked.target));
        let mut request = request.bearer_auth(key).header("X-Request-Id", "5a5a5a5a-5a5a-4a5a-8a5a-5a5a5a5a5a5a");
        if let Some(body) = asked.body {
            let patch = method == Method::PATCH && place.api.mount.is_empty();
            let kind = if patch { "application/merge-patch+json" } else { "application/json" };
            request = request.header("Content-Type", kind).body(body.to_string());
        }
        Seen::new(&crate::server::send(request).await, place.operation.writes(), name)
    }

    /// By mount, in how many places a name of one's own is answered otherwise than one that nobody has, and of how many:
    /// where it is not, nothing is proved.
    async fn telling(&self) -> BTreeMap<&'static str, (usize, usize)> {
        let places = places(&self.apis);
        let tried = stream::iter(&places).map(|place| async {
            // Only the native API can be told to leave things as they are.
            if place.operation.writes() && !place.api.mount.is_empty() {
                return None;
            }
            let own = place.own(&self.own, &place.name)?;
            let stranger = nobody(&Name { form: place.form(), text: own.clone(), kind: place.kind() });
            let nobodys = self.seen(place, &stranger, &self.callers[0]).await;
            let apart = self.seen(place, &own, &self.callers[0]).await != nobodys;
            Some((place.api.mount, apart))
        });
        let told: Vec<_> = tried.buffered(AT_ONCE).filter_map(std::future::ready).collect().await;
        let mut counts = BTreeMap::new();
        for (mount, apart) in told {
            let (told, all) = counts.entry(mount).or_insert((0, 0));
            *told += usize::from(apart);
            *all += 1;
        }
        counts
    }

    /// All rows of the other workspace, digested.
    async fn theirs(&self) -> Vec<(String, String)> {
        let pool = sqlx::PgPool::connect(&self.server.db.url).await.expect("the database");
        let tables = "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                      join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace' \
                      where c.relkind = 'r' and (n.nspname = 'log' or n.nspname ~ '^read_[a-z]+$') order by 1";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&pool).await.expect("tables");
        assert!(tables.len() > 15, "{tables:?}");
        let mut all = Vec::new();
        for table in tables {
            let rows = format!(
                "select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {table} t where workspace = $1"
            );
            let rows = sqlx::query_scalar(&rows).bind(self.foreign.workspace_id.0).fetch_one(&pool).await;
            all.push((table, rows.expect("a digest")));
        }
        all
    }
}

/// The other workspace's numbers are none that one's own could come to.
async fn far_apart(server: &Server, foreign: &Founding) {
    let workspace = foreign.workspace_id;
    let kinds = [
        "task",
        "project",
        "sprint",
        "member",
        "label",
        "team",
        "position",
        "space",
        "customer",
        "timelog",
        "comment",
        "notification",
        "webhook",
        "api_key",
    ];
    sqlx::query(
        "insert into log.counters (partition, workspace, kind, series, last) select $1, $2, kind, '', 5000 \
         from unnest($3::text[]) kind on conflict (partition, workspace, kind, series) do update set last = 5000",
    )
    .bind(server.commands.partition_of(workspace))
    .bind(workspace.0)
    .bind(&kinds[..])
    .execute(&sqlx::PgPool::connect(&server.db.url).await.expect("the database"))
    .await
    .expect("other numbers");
}

/// A name like this one that nobody has.
fn nobody(like: &Name) -> String {
    match like.form {
        Form::Id => Uuid::new_v4().to_string(),
        Form::Prefixed => {
            prefixed(like.kind.unwrap_or_default(), &Uuid::new_v4().to_string()).expect("a kind that has such names")
        }
        Form::Number | Form::Position => "7".repeat(like.text.len().max(4)),
        Form::Cursor => {
            let mut text = like.text.clone();
            let first = text.remove(0);
            text.insert(0, if first == 'A' { 'B' } else { 'A' });
            text
        }
    }
}

/// How many probes there are to be.
fn most() -> usize {
    std::env::var("DOCKET_PROBES").ok().and_then(|most| most.parse().ok()).unwrap_or(4_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_foreign_is_answered_like_the_unknown() {
    let probes = Probes::new().await;
    let telling = probes.telling().await;
    eprintln!("places that tell one's own from what nobody has: {telling:?}");
    assert!(telling.len() == 6 && telling.values().all(|(told, all)| told * 2 >= *all), "{telling:?}");
    let seed = std::env::var("DOCKET_PROBES").map_or(7, |_| rand::rng().random());
    let leaks = probes.ask(most(), seed).await;
    assert!(leaks.is_empty(), "seed {seed}: {} leaks\n{}", leaks.len(), leaks[..leaks.len().min(20)].join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leak_is_noticed() {
    let probes = Probes::new().await;
    settled(&probes.server).await;
    let pool = sqlx::PgPool::connect(&probes.server.db.url).await.expect("the database");
    // As a query would show them that forgot whose they are.
    let (own, foreign) = (probes.server.workspace.workspace_id.0, probes.foreign.workspace_id.0);
    sqlx::query("update read_projects.projects set workspace = $1 where workspace = $2")
        .bind(own)
        .bind(foreign)
        .execute(&pool)
        .await
        .expect("a leak");
    let leaks = probes.ask(2_000, 7).await;
    assert!(leaks.iter().any(|leak| leak.contains("GET /v1/projects/{id}:")), "{leaks:?}");
    for path in
        ["/v1/projects", "/projekt/api/projects/{id}", "/pike/projects/{projectId}", "/generic/v1/projects/{id}"]
    {
        assert!(leaks.iter().any(|leak| leak.starts_with(&format!("GET {path}: "))), "{path}: {leaks:?}");
    }
}
