//! What is looked at before anything is served: whether somebody could see what is not theirs.

use anyhow::Context;
use async_nats::ServerAddr;
use docket_projections::Reads;

use crate::config::Config;

/// Row-level security is the second wall between workspaces: whoever does without it should know.
pub async fn look_at_walls(reads: &Reads, without: bool) -> anyhow::Result<()> {
    let gaps = reads.gaps_in_walls().await.context("can't see whether row-level security holds")?.join("; ");
    if gaps.is_empty() {
        return Ok(());
    }
    anyhow::ensure!(
        without,
        "PostgreSQL would not keep workspaces apart: {gaps}. Let DATABASE_URL name a user that owns the schema and is \
         neither a superuser nor has BYPASSRLS; `docket projections rebuild` makes tables with their walls anew. To \
         serve without this wall, set --without-row-security or DOCKET_WITHOUT_ROW_SECURITY=true"
    );
    tracing::warn!("only queries keep workspaces apart: {gaps}");
    Ok(())
}

/// Whether anybody on the way can read what is said to PostgreSQL and NATS.
pub fn look_at_ways(config: &Config) -> anyhow::Result<()> {
    let database = docket_projections::is_private(&config.database.database_url)?;
    let nats = config.nats_url.split(',').all(is_private);
    let open = named([(!database, "DATABASE_URL (sslmode=verify-full)"), (!nats, "NATS_URL (tls://)")]);
    if open.is_empty() {
        return Ok(());
    }
    anyhow::ensure!(
        config.without_tls,
        "what is said over a network could be read on its way: let {open} ask for TLS. Where nobody else is on that \
         network, set --without-tls or DOCKET_WITHOUT_TLS=true"
    );
    tracing::warn!("nothing is encrypted on the way to {open}");
    Ok(())
}

/// Those of which it is so, in words.
fn named(servers: [(bool, &str); 2]) -> String {
    servers.into_iter().filter(|(is_so, _)| *is_so).map(|(_, name)| name).collect::<Vec<_>>().join(" and ")
}

/// Whether a nats-server is asked for TLS, or is here. What can't be read is refused by whoever connects.
fn is_private(url: &str) -> bool {
    let is_private = |address: ServerAddr| address.tls_required() || docket_projections::is_here(address.host());
    url.parse().map_or(true, is_private)
}

/// What is tried first by whoever has no password.
const GUESSED: [&str; 12] =
    ["", "123456", "admin", "changeme", "default", "docket", "nats", "password", "postgres", "root", "secret", "test"];

/// Whether anybody could guess what lets into PostgreSQL and NATS on another machine. Other ways in than by passwords are
/// not looked at.
pub fn look_at_passwords(config: &Config) -> anyhow::Result<()> {
    let database = is_guessed(&config.database.database_url);
    let nats = config.nats_url.split(',').any(is_guessed);
    let guessed = named([(database, "DATABASE_URL"), (nats, "NATS_URL")]);
    if guessed.is_empty() {
        return Ok(());
    }
    anyhow::ensure!(
        config.with_weak_passwords,
        "anybody would guess the password of {guessed}, which leads to another machine: change it. To serve all the same, \
         set --with-weak-passwords or DOCKET_WITH_WEAK_PASSWORDS=true"
    );
    tracing::warn!("anybody would guess the password of {guessed}");
    Ok(())
}

/// Whether a URL leads to another machine with a password that is its user's name, or one of those that are tried first.
fn is_guessed(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', '?']).next().unwrap_or_default();
    let Some((user, hosts)) = authority.rsplit_once('@') else { return false };
    let Some((user, password)) = user.split_once(':') else { return false };
    let is_elsewhere = |host: &str| {
        // An address of the sixth version has colons of its own, and is in brackets.
        let (host, end) = host.strip_prefix('[').map_or((host, ':'), |host| (host, ']'));
        let name = host.split(end).next().unwrap_or_default();
        let is_socket = name.is_empty() || name.starts_with("%2F");
        !is_socket && !docket_projections::is_here(name)
    };
    let is_weak = password == user || GUESSED.iter().any(|guess| password.eq_ignore_ascii_case(guess));
    is_weak && hosts.split(',').any(is_elsewhere)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    const HERE: (&str, &str) = ("postgres://docket:secret@%2Frun%2Fpostgresql/docket", "nats://127.0.0.1:4222");

    fn config(database: &str, nats: &str) -> Config {
        Config::private(database.to_owned(), nats.to_owned(), SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    fn open(database: &str, nats: &str, without_tls: bool) -> Option<String> {
        look_at_ways(&Config { without_tls, ..config(database, nats) }).err().map(|error| error.to_string())
    }

    fn guessed(database: &str, nats: &str, with_weak_passwords: bool) -> Option<String> {
        look_at_passwords(&Config { with_weak_passwords, ..config(database, nats) })
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn passwords_that_anybody_would_guess_open_nothing_elsewhere() {
        for (database, nats) in [
            HERE,
            ("postgres://docket:docket@localhost:5432/docket", "nats://nats:nats@[::1]:4222"),
            ("postgres://docket:docket@[::1]/docket", "nats://nats:nats@[::1]"),
            ("postgres://docket@db/docket", "tls://nats:4222"),
            ("postgres://docket:xkcd-936@db/docket?sslmode=require", "tls://docket:Tr0ub4dor@nats:4222"),
        ] {
            assert_eq!(guessed(database, nats, false), None, "{database} {nats}");
        }
        for (database, nats, said) in [
            ("postgres://docket:Changeme@db:5432/docket?sslmode=require", HERE.1, "DATABASE_URL"),
            ("postgres://acme:acme@db/docket", HERE.1, "DATABASE_URL"),
            ("postgres://docket:@192.0.2.1/docket", HERE.1, "DATABASE_URL"),
            ("postgres://docket:secret@127.0.0.1,db/docket", HERE.1, "DATABASE_URL"),
            (HERE.0, "tls://one:4222,tls://docket:password@two:4222", "NATS_URL"),
            (HERE.0, "tls://docket:nats@[2001:db8::1]:4222", "NATS_URL"),
        ] {
            let refusal = guessed(database, nats, false).expect(database);
            assert!(refusal.contains(said) && refusal.contains("--with-weak-passwords"), "{refusal}");
            assert!(!refusal.contains("secret") && !refusal.contains("acme"), "{refusal}");
            assert_eq!(guessed(database, nats, true), None);
        }
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        for (database, nats) in [
            HERE,
            ("postgres://docket:secret@localhost/docket", "nats://[::1]:4222,localhost"),
            ("postgres://docket:secret@db/docket?sslmode=require", "tls://nats:4222"),
        ] {
            assert_eq!(open(database, nats, false), None, "{database} {nats}");
        }
        for (database, nats, said) in [
            ("postgres://docket:secret@db/docket", HERE.1, "DATABASE_URL"),
            ("postgres://docket:secret@db/docket?sslmode=prefer", HERE.1, "DATABASE_URL"),
            ("postgres://docket:secret@127.0.0.1,db/docket", HERE.1, "DATABASE_URL"),
            (HERE.0, "nats://nats:4222", "NATS_URL"),
            (HERE.0, "tls://one:4222,nats://192.0.2.1:4222", "NATS_URL"),
        ] {
            let refusal = open(database, nats, false).expect("a refusal");
            assert!(refusal.contains(said) && refusal.contains("--without-tls"), "{refusal}");
            assert!(!refusal.contains("secret"), "{refusal}");
            assert_eq!(open(database, nats, true), None);
        }
    }
}
