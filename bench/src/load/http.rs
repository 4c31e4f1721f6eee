//! One keep-alive HTTP/1.1 connection, as cheap as it can be: the generator shares the machine with what it measures.

use anyhow::{Context, Result, bail};
use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that carries one request at a time.
pub struct Connection {
    stream: TcpStream,
    buffer: BytesMut,
    used: usize,
}

/// What the server said.
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// Whether it says when to ask again.
    pub says_when: bool,
    /// The body, whole.
    pub body: &'a [u8],
}

impl Connection {
    /// Connects to `host:port`.
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: BytesMut::with_capacity(64 * 1024), used: 0 })
    }

    /// Sends a whole request and reads the whole answer.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.buffer.advance(self.used);
        self.used = 0;
        self.stream.write_all(request).await?;
        loop {
            if let Some(Head { status, says_when, ends: head, length }) = parse_head(&self.buffer)? {
                while self.buffer.len() < head + length {
                    self.fill().await?;
                }
                self.used = head + length;
                return Ok(Answer { status, says_when, body: &self.buffer[head..head + length] });
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<()> {
        self.buffer.reserve(16 * 1024);
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

/// What an answer begins with: its status, and the lengths of the head and of the body.
struct Head {
    status: u16,
    says_when: bool,
    ends: usize,
    length: usize,
}

/// The head, once it is whole.
fn parse_head(bytes: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; 40];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes)? else { return Ok(None) };
    let status = response.code.unwrap_or_default();
    let (mut length, mut says_when) = (0, false);
    for header in response.headers {
        if header.name.eq_ignore_ascii_case("content-length") {
            length = std::str::from_utf8(header.value)?.trim().parse()?;
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("the generator reads no chunked answers");
        } else if header.name.eq_ignore_ascii_case("retry-after") {
            says_when = true;
        }
    }
    Ok(Some(Head { status, says_when, ends: head, length }))
}
