//! Other products' APIs, as their clients know them: stories of requests and answers, as data, told to a real server.
//!
//! A story is a file `fixtures/dialects/<name>/NNNN-what.http` in a workspace of its own. It consists of exchanges:
//! `### rows and what happens`, the request, and behind a line `HTTP <status>` the headers and the body that are
//! expected. `{{name}}` is something known: `key` (in the dialect's format), `native` (a key of Docket's own format),
//! `workspace`, `owner`, `foreign` (another workspace's key) and `foreign_workspace`. `"{{name=kind}}"` in an expected
//! body remembers a value of that kind; `"{{kind}}"` only looks at it. A member `"...": 0` stands for others that may be
//! there. A body that is expected as `… text` only has that text in it. A title with `18×` is told so often.

mod agents;
mod clients;
mod documents;
mod everywhere;
mod faults;
mod ikreo;
mod interpreters;
mod limits;
mod matching;
mod matrix;
mod origins;
mod rehearsals;
mod rows;
mod sdks;
mod secrets;
mod story;

use docket_api::auth::token::Format;
use docket_api::bootstrap::Founding;

use crate::server::Server;
use story::Story;

/// Tells all stories of a dialect; answers which rows they cover.
async fn tell(dialect: &str, format: Format) {
    let server = Server::start().await;
    let stories = story::read(dialect);
    assert!(!stories.is_empty(), "there are no stories of {dialect}");
    let mut failures = Vec::new();
    for story in &stories {
        if let Err(why) = tell_one(&server, format, story).await {
            failures.push(format!("{}: {why}", story.name));
        }
    }
    let mut rows: Vec<_> = stories.iter().flat_map(Story::rows).collect();
    rows.sort();
    rows.dedup();
    println!("{dialect}: {} stories cover {} rows: {}", stories.len(), rows.len(), rows.join(" "));
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

async fn tell_one(server: &Server, format: Format, story: &Story) -> Result<(), String> {
    let home = server.workspace_with(&[format, Format::Native]).await;
    let foreign = server.workspace_with(&[format]).await;
    let mut known = known(&home);
    known.insert("foreign".into(), foreign.keys[0].token.clone().into());
    known.insert("foreign_workspace".into(), foreign.workspace_id.0.to_string().into());
    for exchange in story.exchanges.iter().flat_map(|exchange| std::iter::repeat_n(exchange, exchange.times())) {
        exchange.play(&server.url, &mut known).await.map_err(|why| format!("“{}”\n{why}", exchange.title))?;
    }
    Ok(())
}

fn known(home: &Founding) -> matching::Known {
    [
        ("key", home.keys[0].token.clone()),
        ("native", home.keys[1].token.clone()),
        ("workspace", home.workspace_id.0.to_string()),
        ("owner", home.owner_id.0.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.into()))
    .collect()
}

macro_rules! dialects {
    ($($name:ident: $format:ident,)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            tell(stringify!($name), Format::$format).await;
        }
    )*};
}

dialects! {
    ikreo: Ikreo,
    krokanti: Krokanti,
    pike: Pike,
    projekt: Projekt,
    generic: Generic,
}
