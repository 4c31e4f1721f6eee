//! Whether PostgreSQL would keep tenants apart if a query forgot to: looked at when a process starts. Roles can be raised
//! and tables altered by people who mean something else.

use crate::db::Address;
use crate::model::{NAMES, live_schema};
use crate::{Error, Reads};

/// What a reader may see that row-level security does not hold back, and who is never held back.
///
/// `row_security_active` says it for the role that asks: the reader. Read models are to be held from their owner, too.
const GAPS: &str = "\
    select format('the role %I %s', rolname, case when rolsuper then 'is a superuser' else 'has BYPASSRLS' end) \
    from pg_roles where (rolsuper or rolbypassrls) and rolname in (session_user, 'docket_reader', 'docket_projector') \
    union all \
    select format('row-level security does not hold on %I.%I', n.nspname, c.relname) \
    from pg_class c join pg_namespace n on n.oid = c.relnamespace \
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace' and not a.attisdropped \
    where c.relkind in ('r', 'p') and (n.nspname !~ '^read_' or n.nspname = any($1)) \
        and (n.nspname = any($1) or has_table_privilege(c.oid, 'select')) \
        and not (row_security_active(c.oid) and (c.relforcerowsecurity or n.nspname = 'log')) \
    order by 1";

/// Whether nobody on the way to this database can read what is said to it: by TLS with a certificate that is looked at, or
/// because it never leaves the machine.
///
/// # Errors
///
/// [`Error::Unavailable`] if the URL can't be read.
pub fn is_private(database_url: &str) -> Result<bool, Error> {
    Ok(Address::parse(database_url)?.is_private())
}

impl Reads {
    /// Where row-level security would not hold, each in words; empty when it does.
    pub async fn gaps_in_walls(&self) -> Result<Vec<String>, Error> {
        let live: Vec<String> = NAMES.map(live_schema).to_vec();
        let rows = self.session().await?.rows(GAPS, &[&live]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}
