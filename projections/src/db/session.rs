//! A connection with what it remembers: prepared statements, and whose rows it may see.

use std::collections::HashMap;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};
use uuid::Uuid;

use crate::Error;
use crate::sql::{Form, Shape};

/// Parameters of a statement.
pub(crate) type Params<'a> = [&'a (dyn ToSql + Sync)];

const SET_TENANT: &str = "select set_config('docket.workspace', $1, false)";

/// How many statements a connection keeps, and with them the server their plans. Lists have hundreds of shapes, but a
/// workload uses a few.
const REMEMBERED: usize = 200;

/// One connection.
pub(crate) struct Session {
    client: Client,
    prepared: HashMap<String, Statement>,
    shapes: HashMap<Form, Statement>,
    tenant: Option<Uuid>,
}

impl Session {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, prepared: HashMap::new(), shapes: HashMap::new(), tenant: None }
    }

    /// The connection itself, for whatever needs no preparing.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The statement with this text, prepared once per connection.
    pub(crate) async fn prepare(&mut self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        if self.prepared.len() >= REMEMBERED {
            self.prepared.clear();
        }
        let statement = self.client.prepare(sql).await?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// The rows of one statement.
    pub(crate) async fn rows(&mut self, sql: &str, params: &Params<'_>) -> Result<Vec<Row>, tokio_postgres::Error> {
        let statement = self.prepare(sql).await?;
        self.client.query(&statement, params).await
    }

    /// The rows of a statement of this shape, as `tenant` sees them.
    pub(crate) async fn shape_of(
        &mut self,
        tenant: Uuid,
        shape: &Shape,
        params: &Params<'_>,
    ) -> Result<Vec<Row>, Error> {
        let statement = match self.shapes.get(&shape.form) {
            Some(statement) => statement.clone(),
            None => {
                let statement = self.prepare(&shape.text).await?;
                if self.shapes.len() >= REMEMBERED {
                    self.shapes.clear();
                }
                self.shapes.insert(shape.form.clone(), statement.clone());
                statement
            }
        };
        self.query_of(tenant, &statement, params).await
    }

    /// The rows of one statement as `tenant` sees them.
    pub(crate) async fn rows_of(&mut self, tenant: Uuid, sql: &str, params: &Params<'_>) -> Result<Vec<Row>, Error> {
        let statement = self.prepare(sql).await?;
        self.query_of(tenant, &statement, params).await
    }

    /// Changing the tenant travels in the same flight as the statement.
    async fn query_of(&mut self, tenant: Uuid, statement: &Statement, params: &Params<'_>) -> Result<Vec<Row>, Error> {
        if self.tenant == Some(tenant) {
            return Ok(self.client.query(statement, params).await?);
        }
        let set = self.prepare(SET_TENANT).await?;
        // Unknown until the server has confirmed it, also when this future is dropped half way.
        self.tenant = None;
        let name = tenant.to_string();
        let change: [&(dyn ToSql + Sync); 1] = [&name];
        // Polled in this order, so sent in this order; one round trip.
        let (changed, rows) =
            futures::future::join(self.client.query(&set, &change), self.client.query(statement, params)).await;
        changed?;
        self.tenant = Some(tenant);
        Ok(rows?)
    }
}
