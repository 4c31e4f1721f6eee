//! Another clock for PostgreSQL. The system's own is everybody's and not to be touched: the functions that date events and
//! let leases run out are made to see one that is wrong.

use anyhow::Result;
use tokio_postgres::Client;

/// Found before the real one, by every function that looks.
const OTHER: &str = "
create schema other;
create table other.step (seconds bigint not null);
insert into other.step values (0);
grant usage on schema other to public;
grant select on other.step to public;
create function other.clock_timestamp() returns timestamptz language sql volatile as
    'select pg_catalog.clock_timestamp() + make_interval(secs => (select seconds from other.step))';
do $$ declare f regprocedure; begin
    for f in select oid from pg_proc where pronamespace in ('log'::regnamespace, 'quota'::regnamespace)
        and prosrc like '%clock_timestamp()%'
    loop
        execute format('alter function %s set search_path = other, pg_catalog', f);
    end loop;
end $$";

/// Sets it forward or back.
pub async fn step(database: &Client, seconds: i32) -> Result<()> {
    let there = database.query_one("select to_regclass('other.step') is not null", &[]).await?;
    if !there.get::<_, bool>(0) {
        database.batch_execute(&format!("begin; {OTHER}; commit")).await?;
    }
    database.execute("update other.step set seconds = seconds + $1", &[&i64::from(seconds)]).await?;
    Ok(())
}
