//! Questions about proof → answers.

use docket_domain::audit::{Checkpoint, Hash, Span, proof};
use tokio_postgres::Row;

use super::grow::line;
use super::tiles::{Tiles, needed_for, places};
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::sql::Binds;
use crate::{Error, Reads};

/// What was signed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTree {
    /// The signed note.
    pub note: String,
    /// The public keys it is signed with.
    pub keys: Vec<String>,
    /// What it says.
    pub checkpoint: Checkpoint,
}

/// That an event is in a tree.
#[derive(Clone, Debug)]
pub struct Inclusion {
    /// The tree.
    pub tree: SignedTree,
    /// Which leaf it is, from 0.
    pub index: u64,
    /// The stored bytes, if the log still has them.
    pub leaf: Option<String>,
    /// The hash that was signed.
    pub leaf_hash: Hash,
    /// The path from the leaf to the root.
    pub path: Vec<Hash>,
}

/// That a tree begins with an older one.
#[derive(Clone, Debug)]
pub struct Consistency {
    /// What was signed last.
    pub tree: SignedTree,
    /// The proof.
    pub path: Vec<Hash>,
}

/// What became of looking for an event.
#[derive(Clone, Debug)]
pub enum Sought {
    /// Here it is.
    Found(Box<Inclusion>),
    /// It has happened, but is not signed yet.
    NotYet,
    /// This workspace has none at that position.
    Absent,
}

/// The columns of a tree, for [`signed`].
const TREE: &str = "t.checkpoint, t.keys";

/// Reads [`TREE`] from a column on; none, if nothing was signed yet.
fn signed(row: &Row, at: usize) -> Result<Option<SignedTree>, Error> {
    let (note, keys): (Option<String>, Option<&str>) = (row.try_get(at)?, row.try_get(at + 1)?);
    let Some((note, keys)) = note.filter(|note| !note.is_empty()).zip(keys) else { return Ok(None) };
    let checkpoint = Checkpoint::parse(&note).ok_or_else(|| Error::Bug("a stored checkpoint is damaged".to_owned()))?;
    Ok(Some(SignedTree { checkpoint, keys: keys.lines().map(str::to_owned).collect(), note }))
}

impl Reads {
    /// What was signed last of the reader's workspace.
    pub async fn signed_tree(&self, reader: &ReadAs) -> Result<Option<SignedTree>, Error> {
        let sql = format!("select {TREE} from audit.trees t where t.workspace = $1::uuid");
        let shape = self.shapes().get(("signed tree", Vec::new()), || guarded("", "", &sql));
        let rows = self.ask(reader, &[], &shape, &Binds::default()).await?;
        rows.first().map_or(Ok(None), |row| signed(row, COLUMNS))
    }

    /// The event at a position, and the proof that it is in the signed tree.
    pub async fn inclusion(&self, reader: &ReadAs, position: i64) -> Result<Sought, Error> {
        let mut binds = Binds::default();
        let at = binds.bind(position, "int8");
        let columns: Vec<_> = crate::log::COLUMNS.split(", ").map(|column| format!("e.{column}")).collect();
        let shape = self.shapes().get(("inclusion", Vec::new()), || {
            let sql = format!(
                "select {}, {TREE}, x.tile, x.places, h.position, w.position from (select) one \
                 left join log.heads h on h.partition = $2::int2 \
                 left join audit.witnessed w on w.partition = $2::int2 \
                 left join audit.trees t on t.workspace = $1::uuid \
                 left join lateral audit.event($2::int2, {at}) e on e.workspace = $1::uuid \
                 left join lateral (select tile, places from audit.tiles where workspace = $1::uuid and level = 0 \
                 and first <= {at} order by first desc limit 1) x on true",
                columns.join(", ")
            );
            guarded("", "", &sql)
        });
        let rows = self.ask(reader, &[], &shape, &binds).await?;
        let Some(row) = rows.first() else { return Err(Error::Revoked) };
        self.found(reader, position, row, COLUMNS + columns.len()).await
    }

    async fn found(&self, reader: &ReadAs, position: i64, row: &Row, at: usize) -> Result<Sought, Error> {
        let (head, witnessed): (Option<i64>, Option<i64>) = (row.try_get(at + 4)?, row.try_get(at + 5)?);
        let tile: Option<i64> = row.try_get(at + 2)?;
        let among = places(row.try_get::<_, Option<&[u8]>>(at + 3)?.unwrap_or_default());
        let place = tile.zip(among.iter().position(|place| *place == position));
        let Some((tile, place)) = place else {
            let coming = position > witnessed.unwrap_or(0) && position <= head.unwrap_or(0);
            return Ok(if coming { Sought::NotYet } else { Sought::Absent });
        };
        let Some(tree) = signed(row, at)? else { return Ok(Sought::NotYet) };
        let index = tile as u64 * super::tiles::WIDTH as u64 + place as u64;
        let Some(path) = proof::inclusion(index, tree.checkpoint.size) else { return Ok(Sought::NotYet) };
        let spans: Vec<Span> = path.into_iter().chain([Span { start: index, end: index + 1 }]).collect();
        let mut path = self.hashes(reader, &spans).await?;
        let leaf_hash = path.pop().ok_or_else(|| Error::Bug("a leaf has no hash".to_owned()))?;
        // It may be gone from the log by now; that it was there can still be seen.
        let there = row.try_get::<_, Option<i64>>(COLUMNS + 1)?.is_some();
        let leaf = there.then(|| line(row, COLUMNS)).transpose()?;
        Ok(Sought::Found(Box::new(Inclusion { tree, index, leaf, leaf_hash, path })))
    }

    /// The proof that the tree of size `to` (as it is signed now, if none is given) begins with that of size `from`.
    /// None, if the tree is not that large.
    pub async fn consistency(&self, reader: &ReadAs, from: u64, to: Option<u64>) -> Result<Option<Consistency>, Error> {
        let Some(tree) = self.signed_tree(reader).await? else { return Ok(None) };
        let size = to.unwrap_or(tree.checkpoint.size);
        let spans = proof::consistency(from, size).filter(|_| size <= tree.checkpoint.size);
        let Some(spans) = spans else { return Ok(None) };
        Ok(Some(Consistency { path: self.hashes(reader, &spans).await?, tree }))
    }

    async fn hashes(&self, reader: &ReadAs, spans: &[Span]) -> Result<Vec<Hash>, Error> {
        let (levels, tiles): (Vec<i16>, Vec<i64>) = needed_for(spans).into_iter().unzip();
        let mut binds = Binds::default();
        let (levels, tiles) = (binds.bind(levels, "int2[]"), binds.bind(tiles, "int8[]"));
        let shape = self.shapes().get(("tiles", Vec::new()), || {
            let sql = format!(
                "select x.level, x.tile, x.hashes from unnest({levels}, {tiles}) as n(level, tile) \
                 join audit.tiles x on x.workspace = $1::uuid and x.level = n.level and x.tile = n.tile"
            );
            guarded("", "", &sql)
        });
        let mut read = Tiles::default();
        for row in self.ask(reader, &[], &shape, &binds).await? {
            let key: (Option<i16>, Option<i64>) = (row.try_get(COLUMNS)?, row.try_get(COLUMNS + 1)?);
            if let (Some(level), Some(tile)) = key {
                read.0.insert((level, tile), Hash::list(row.try_get(COLUMNS + 2)?));
            }
        }
        let hashes = spans.iter().map(|span| span.hash(|node| read.hash(node)));
        hashes.collect::<Option<_>>().ok_or_else(|| Error::Bug("a part of a tree is missing".to_owned()))
    }
}
