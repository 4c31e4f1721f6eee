//! What imported tasks refer to: looked up by name, and created if it is not there.

use std::collections::HashMap;

use anyhow::Context;
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};

use crate::cli::client::Client;
use crate::cli::upload::name_of;

/// Ids by name.
pub type Ids = HashMap<String, String>;

/// Requests on their way at once.
const AT_ONCE: usize = 16;

/// The ids of all resources of a list, by one of their members, folded.
pub async fn ids(client: &Client, path: &str, field: &str, fold: impl Fn(&str) -> String) -> anyhow::Result<Ids> {
    let found = client.all(path).await?;
    let pair = |one: &Value| Some((fold(one[field].as_str()?), one["id"].as_str()?.to_owned()));
    Ok(found.iter().filter_map(pair).collect())
}

/// Creates those that are not known, some at once.
pub async fn ensure(
    client: &Client,
    path: &str,
    known: &mut Ids,
    wanted: impl Iterator<Item = (String, Value)>,
) -> anyhow::Result<()> {
    let missing: Vec<(String, Value)> = wanted.filter(|(key, _)| !known.contains_key(key)).collect();
    let create = async |(key, body): (String, Value)| {
        let made = client.post(path, &body, &name_of(&json!([path, body]))).await?;
        let id = made["id"].as_str().context("the server's answer has no id")?.to_owned();
        anyhow::Ok((key, id))
    };
    let made: Vec<_> = stream::iter(missing).map(create).buffer_unordered(AT_ONCE).try_collect().await?;
    known.extend(made);
    Ok(())
}
