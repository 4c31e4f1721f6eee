//! A database URL, and how to reach what it names.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::Error;

/// A database URL, taken apart.
#[derive(Clone)]
pub(crate) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

/// What a connection says without being asked, for example that somebody rang.
pub(crate) type Messages = tokio::sync::mpsc::UnboundedSender<AsyncMessage>;

impl Address {
    /// Understands `postgres://…?sslmode=…&sslrootcert=…`. Where TLS is asked for, the certificate is verified.
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        let (bare, options) = url.split_once('?').unwrap_or((url, ""));
        let mut roots = None;
        let mut kept = Vec::new();
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslrootcert", path)) => roots = Some(path.replace("%2F", "/")),
                Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
                Some(("sslmode", "allow")) => kept.push("sslmode=prefer"),
                _ => kept.push(option),
            }
        }
        let mut config: Config = format!("{bare}?{}", kept.join("&"))
            .parse()
            .map_err(|error| Error::Unavailable(format!("DATABASE_URL can't be read: {error}")))?;
        config.application_name("docket read");
        let tls = match config.get_ssl_mode() {
            SslMode::Require => Some(MakeRustlsConnect::new(tls_config(roots.as_deref())?)),
            _ => None,
        };
        Ok(Self { config, tls })
    }

    /// Whether nobody on the way can read what is said: by TLS, or because it never leaves this machine.
    pub(crate) fn is_private(&self) -> bool {
        let is_here = |host: &Host| match host {
            Host::Tcp(name) => is_here(name),
            Host::Unix(_) => true,
        };
        self.tls.is_some() || self.config.get_hosts().iter().all(is_here)
    }

    /// Opens a connection, driven by a task of its own.
    pub(crate) async fn connect(&self) -> Result<Client, Error> {
        match &self.tls {
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                tokio::spawn(async move { report(connection.await) });
                Ok(client)
            }
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                tokio::spawn(async move { report(connection.await) });
                Ok(client)
            }
        }
    }

    /// Ends what a connection waits for.
    pub(crate) async fn cancel(&self, client: &Client) {
        let token = client.cancel_token();
        let cancelled = match &self.tls {
            None => token.cancel_query(NoTls).await,
            Some(tls) => token.cancel_query(tls.clone()).await,
        };
        if let Err(error) = cancelled {
            tracing::debug!(%error, "a statement is not cancelled");
        }
    }

    /// The same, passing on what the server says by itself.
    pub(crate) async fn listen(&self, messages: Messages) -> Result<Client, Error> {
        match &self.tls {
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                tokio::spawn(pass_on(connection, messages));
                Ok(client)
            }
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                tokio::spawn(pass_on(connection, messages));
                Ok(client)
            }
        }
    }
}

/// Whether this host is the machine itself.
pub fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

async fn pass_on<S, T>(mut connection: tokio_postgres::Connection<S, T>, messages: Messages)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = std::future::poll_fn(|context| connection.poll_message(context)).await {
        // Nobody listens any more, but the client may still use the connection.
        let _ = messages.send(message);
    }
}

fn report(end: Result<(), tokio_postgres::Error>) {
    if let Err(error) = end {
        tracing::debug!(%error, "a database connection ended");
    }
}

fn tls_config(roots: Option<&str>) -> Result<ClientConfig, Error> {
    let bad = |error: String| Error::Unavailable(format!("TLS to the database can't be set up: {error}"));
    let mut store = RootCertStore::empty();
    match roots {
        None => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| bad(format!("{path}: {error}")))? {
                let certificate = certificate.map_err(|error| bad(format!("{path}: {error}")))?;
                store.add(certificate).map_err(|error| bad(error.to_string()))?;
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn understands_a_socket() {
        let address = Address::parse("postgres://docket:p%40w@%2Ftmp%2Fdocket-ab:5433/docket").unwrap();
        assert_eq!(address.config.get_hosts(), [tokio_postgres::config::Host::Unix("/tmp/docket-ab".into())]);
        assert_eq!(address.config.get_password(), Some(&b"p@w"[..]));
        assert!(address.tls.is_none());
    }

    #[test]
    fn takes_tls_when_asked() {
        assert!(Address::parse("postgres://docket@db.example/docket?sslmode=verify-full").unwrap().tls.is_some());
        assert!(Address::parse("postgres://docket@db.example/docket?sslmode=require").unwrap().tls.is_some());
        assert!(Address::parse("postgres://docket@db.example/docket").unwrap().tls.is_none());
    }
}
