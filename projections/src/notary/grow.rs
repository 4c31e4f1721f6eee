//! From the bytes of events to larger trees.

use std::collections::{BTreeMap, HashMap};

use docket_domain::audit::{Frontier, Hash, Leaf, leaf};
use docket_failpoints::failpoint;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Tree;
use super::tiles::{WIDTH, tile_of};
use crate::Error;
use crate::db::Session;
use crate::log::{COLUMNS, Json};

/// An event as the tree sees it.
pub(crate) struct Seen {
    pub(crate) workspace: Uuid,
    pub(crate) position: i64,
    pub(crate) hash: Hash,
}

/// The line of an event in a row that has [`COLUMNS`] from this one on.
pub(crate) fn line(row: &Row, from: usize) -> Result<String, Error> {
    let position = row.try_get(from + 1)?;
    let (payload, metadata): (Json<'_>, Json<'_>) = (row.try_get(from + 13)?, row.try_get(from + 14)?);
    let strange = |strange: leaf::Strange| Error::Bug(strange.to_string());
    let leaf = Leaf {
        partition: row.try_get(from)?,
        position,
        workspace: row.try_get(from + 2)?,
        kind: row.try_get(from + 3)?,
        stream: row.try_get(from + 4)?,
        version: row.try_get(from + 5)?,
        event_type: row.try_get(from + 6)?,
        event_version: row.try_get(from + 7)?,
        number: row.try_get(from + 8)?,
        series: row.try_get(from + 9)?,
        command: row.try_get(from + 10)?,
        occurred_at: row.try_get(from + 11)?,
        recorded_at: row.try_get(from + 12)?,
        payload: leaf::stored(position, payload.0).map_err(strange)?,
        metadata: leaf::stored(position, metadata.0).map_err(strange)?,
    };
    leaf.line().map_err(strange)
}

/// The events of a partition after a position, at most so many.
pub(crate) async fn read(session: &mut Session, partition: i16, after: i64, most: i64) -> Result<Vec<Seen>, Error> {
    let sql = format!(
        "select {COLUMNS} from log.events where partition = $1 and position > $2 and position <= $3 order by position"
    );
    let rows = session.rows(&sql, &[&partition, &after, &(after + most)]).await?;
    let mut events = Vec::with_capacity(rows.len());
    for (row, expected) in rows.iter().zip(after + 1..) {
        let (position, workspace) = (row.try_get(1)?, row.try_get(2)?);
        if position != expected {
            return Err(Error::Bug(format!("the log of partition {partition} has a hole at {expected}")));
        }
        events.push(Seen { workspace, position, hash: Hash::of_leaf(line(row, 0)?.as_bytes()) });
    }
    Ok(events)
}

/// What is added to a tile.
#[derive(Default)]
pub(crate) struct Added {
    first: i64,
    hashes: Vec<u8>,
    places: Vec<u8>,
}

/// Rows of `audit.trees`, column by column.
#[derive(Default)]
pub(crate) struct Trees {
    workspaces: Vec<Uuid>,
    sizes: Vec<i64>,
    peaks: Vec<Vec<u8>>,
    checkpoints: Vec<String>,
    keys: Vec<String>,
}

/// What is added to tiles, by workspace, level and tile.
pub(crate) type Tiles = BTreeMap<(Uuid, i16, i64), Added>;

/// Trees that grow.
pub(crate) struct Growth {
    trees: HashMap<Uuid, Frontier>,
    tiles: Tiles,
}

impl Growth {
    /// From these; others begin with nothing.
    pub(crate) fn new(trees: Vec<Tree>) -> Self {
        let trees = trees.into_iter().map(|tree| (tree.workspace, tree.frontier)).collect();
        Self { trees, tiles: Tiles::new() }
    }

    /// By one event.
    pub(crate) fn add(&mut self, event: &Seen) {
        if failpoint!("leaves-a-leaf-out") {
            return;
        }
        let tiles = &mut self.tiles;
        self.trees.entry(event.workspace).or_default().push(event.hash, |node, hash| {
            let Some((level, tile)) = tile_of(node) else { return };
            let added = tiles.entry((event.workspace, level, tile)).or_default();
            added.hashes.extend(hash.0);
            if level == 0 {
                if added.places.is_empty() {
                    added.first = event.position;
                }
                added.places.extend(event.position.to_be_bytes());
            }
        });
    }

    /// What is to be stored, signed.
    pub(crate) fn rows(self, sign: impl Fn(Uuid, &Frontier) -> (String, String)) -> (Trees, Tiles) {
        let mut trees = Trees::default();
        for (workspace, tree) in self.trees {
            let (checkpoint, keys) = sign(workspace, &tree);
            trees.workspaces.push(workspace);
            trees.sizes.push(tree.size() as i64);
            trees.peaks.push(tree.peaks().iter().flat_map(|hash| hash.0).collect());
            trees.checkpoints.push(checkpoint);
            trees.keys.push(keys);
        }
        (trees, self.tiles)
    }
}

/// Stores it, if the partition is still where it was.
pub(crate) async fn write(
    session: &mut Session,
    partition: i16,
    (from, to): (i64, i64),
    trees: Trees,
    tiles: Tiles,
) -> Result<bool, Error> {
    debug_assert!(tiles.values().all(|added| added.hashes.len() <= WIDTH * Hash::LEN));
    let (keys, added): (Vec<_>, Vec<_>) = tiles.into_iter().unzip();
    let workspaces: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
    let levels: Vec<i16> = keys.iter().map(|key| key.1).collect();
    let numbers: Vec<i64> = keys.iter().map(|key| key.2).collect();
    let firsts: Vec<i64> = added.iter().map(|added| added.first).collect();
    let hashes: Vec<&[u8]> = added.iter().map(|added| &*added.hashes).collect();
    let places: Vec<&[u8]> = added.iter().map(|added| &*added.places).collect();
    let sql = "select audit.extend($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let rows = session
        .rows(
            sql,
            &[
                &partition,
                &from,
                &to,
                &trees.workspaces,
                &trees.sizes,
                &trees.peaks,
                &trees.checkpoints,
                &trees.keys,
                &workspaces,
                &levels,
                &numbers,
                &firsts,
                &hashes,
                &places,
            ],
        )
        .await?;
    Ok(rows.first().map_or(Ok(false), |row| row.try_get(0))?)
}
