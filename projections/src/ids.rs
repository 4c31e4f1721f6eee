//! Ids in one column: sent as PostgreSQL keeps them where a row is sent by itself, and as text where a list of rows is sent
//! column by column, for there are no lists of lists of different lengths.

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// Ids of one row.
#[derive(Clone, Debug)]
pub(crate) struct Ids(pub(crate) Vec<Uuid>);

impl ToSql for Ids {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        if *kind == Type::UUID_ARRAY {
            return self.0.to_sql(kind, out);
        }
        let ids: Vec<_> = self.0.iter().map(Uuid::to_string).collect();
        format!("{{{}}}", ids.join(",")).to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::UUID_ARRAY || *kind == Type::TEXT
    }

    to_sql_checked!();
}
