//! A listener to server-sent events.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;

use crate::load::Target;

/// An open stream.
pub struct Ear {
    lines: Lines<BufReader<TcpStream>>,
    /// The id that was sent last.
    pub last_id: Option<String>,
}

impl Ear {
    /// Opens a stream, after an id if there is one; answers when it hears.
    pub async fn open(target: &Target, path: &str, after: Option<&str>) -> Result<Self> {
        let mut stream = TcpStream::connect(&target.address).await.context("cannot connect")?;
        let key = target.key.as_deref().unwrap_or_default();
        let after = after.map(|after| format!("last-event-id: {after}\r\n")).unwrap_or_default();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {key}\r\n{after}\r\n", target.address);
        stream.write_all(request.as_bytes()).await?;
        // A small buffer: thousands of these are open at a time.
        let mut lines = BufReader::with_capacity(1024, stream).lines();
        let status = lines.next_line().await?.context("no answer")?;
        if !status.contains(" 200 ") {
            bail!("{path} answers {status}");
        }
        while let Some(line) = lines.next_line().await? {
            if line.starts_with("retry:") {
                return Ok(Self { lines, last_id: None });
            }
        }
        bail!("{path} has ended")
    }

    /// The next message. Each is a chunk of its own or several are, so the sizes of chunks are lines by themselves.
    pub async fn next(&mut self) -> Result<Value> {
        while let Some(line) = self.lines.next_line().await? {
            if let Some(id) = line.strip_prefix("id: ") {
                self.last_id = Some(id.to_owned());
            } else if let Some(data) = line.strip_prefix("data: ") {
                return serde_json::from_str(data).context("a message is no JSON");
            }
        }
        bail!("the stream has ended")
    }
}
