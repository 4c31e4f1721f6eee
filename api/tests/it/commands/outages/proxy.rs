//! A TCP proxy before PostgreSQL that breaks the connection of a committer at a chosen moment of a call, and counts what is
//! asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Notify, oneshot, watch};

/// Where to break a call of the append.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cut {
    /// Nothing of the request arrives.
    Request,
    /// Half of it arrives.
    HalfRequest,
    /// It arrives, and nobody waits for what comes of it.
    Hasty,
    /// It is committed, and the answer is lost.
    Answer,
}

pub struct Proxy {
    url: String,
    upstream: PgConnectOptions,
    armed: Mutex<Option<Armed>>,
    open: watch::Sender<bool>,
    refused: Notify,
    asked: AtomicUsize,
}

struct Armed {
    cut: Cut,
    /// Calls to let through before.
    after: usize,
    done: oneshot::Sender<()>,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Proxy {
    pub async fn start(database_url: &str) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (scheme, rest) = database_url.split_once("://").expect("a URL");
        let (authority, database) = rest.split_once('/').expect("a database");
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        let proxy = Arc::new(Self {
            url: format!("{scheme}://{user}@127.0.0.1:{port}/{database}"),
            upstream: database_url.parse().expect("a URL"),
            armed: Mutex::new(None),
            open: watch::Sender::new(true),
            refused: Notify::new(),
            asked: AtomicUsize::new(0),
        });
        tokio::spawn(proxy.clone().serve(listener));
        proxy
    }

    /// The database's URL through the proxy.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets some calls through and breaks the next; resolves when that is done.
    pub fn cut(&self, cut: Cut, after: usize) -> impl Future<Output = ()> + use<> {
        let (done, cut_through) = oneshot::channel();
        *self.armed.lock().expect("the lock") = Some(Armed { cut, after, done });
        async move { cut_through.await.expect("a cut") }
    }

    /// What to do to the call that is about to be made.
    fn this_call(&self) -> Option<Armed> {
        let mut armed = self.armed.lock().expect("the lock");
        match armed.as_mut().filter(|armed| armed.after > 0) {
            Some(later) => {
                later.after -= 1;
                None
            }
            None => armed.take(),
        }
    }

    /// Breaks all connections, and takes none until [`Proxy::open`].
    pub fn close(&self) {
        self.open.send_replace(false);
    }

    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// How many statements were carried out so far, but for those that only prepare a connection.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Somebody has tried to connect in vain.
    pub async fn refused(&self) {
        self.refused.notified().await;
    }

    async fn serve(self: Arc<Self>, listener: TcpListener) {
        while let Ok((client, _)) = listener.accept().await {
            if !*self.open.borrow() {
                self.refused.notify_one();
                continue;
            }
            let proxy = self.clone();
            tokio::spawn(async move {
                let mut open = proxy.open.subscribe();
                tokio::select! {
                    _ = proxy.carry(client) => {}
                    _ = open.wait_for(|open| !open) => {}
                }
            });
        }
    }

    async fn upstream(&self) -> Box<dyn Stream> {
        let (host, port) = (self.upstream.get_host(), self.upstream.get_port());
        match self.upstream.get_socket() {
            Some(folder) => {
                Box::new(UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await.expect("PostgreSQL"))
            }
            None => {
                let server = TcpStream::connect((host, port)).await.expect("PostgreSQL");
                server.set_nodelay(true).expect("a live socket");
                Box::new(server)
            }
        }
    }

    /// Carries one connection until either side ends it or it is cut.
    async fn carry(&self, client: TcpStream) -> std::io::Result<()> {
        client.set_nodelay(true)?;
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = tokio::io::split(self.upstream().await);
        let (swallow, mut swallowed) = watch::channel(false);
        let requests = async {
            let mut prepared = false;
            while let Some(frame) = frame(&mut from_client).await? {
                prepared |= frame.first() == Some(&b'P') && frame.windows(10).any(|part| part == b"log.append");
                self.asked.fetch_add(usize::from(frame.first() == Some(&b'B')), Ordering::SeqCst);
                let armed = match frame.first() {
                    Some(b'B') if prepared => self.this_call(),
                    _ => None,
                };
                let Some(Armed { cut, done, .. }) = armed else {
                    to_server.write_all(&frame).await?;
                    continue;
                };
                if cut == Cut::Answer {
                    swallow.send_replace(true);
                }
                match cut {
                    Cut::Request => {}
                    Cut::HalfRequest => to_server.write_all(&frame[..frame.len() / 2]).await?,
                    Cut::Hasty | Cut::Answer => {
                        to_server.write_all(&frame).await?;
                        while let Some(frame) = self::frame(&mut from_client).await? {
                            to_server.write_all(&frame).await?;
                            if frame.first() == Some(&b'S') {
                                break;
                            }
                        }
                    }
                }
                to_server.flush().await?;
                if cut == Cut::Answer {
                    let _ = swallowed.wait_for(|waiting| !waiting).await;
                }
                let _ = done.send(());
                break;
            }
            Ok(())
        };
        let answers = async {
            let mut buffer = vec![0; 1 << 16];
            loop {
                let read = from_server.read(&mut buffer).await?;
                if read == 0 {
                    return Ok(());
                }
                if !*swallow.borrow() {
                    to_client.write_all(&buffer[..read]).await?;
                } else if buffer[..read].ends_with(b"Z\0\0\0\x05I") {
                    // Ready for the next query: the transaction is over.
                    swallow.send_replace(false);
                    return std::future::pending().await;
                }
            }
        };
        tokio::select! {
            ended = requests => ended,
            ended = answers => ended,
        }
    }
}

/// The next message of a client, or none at the end; those before the session have no type byte.
async fn frame(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    if from.read_exact(&mut head).await.is_err() {
        return Ok(None);
    }
    // A length never has its first byte set, a type always has.
    let typed = head[0] != 0;
    let mut frame = head.to_vec();
    if typed {
        frame.push(from.read_u8().await?);
    }
    let start = usize::from(typed);
    let length = u32::from_be_bytes(frame[start..start + 4].try_into().expect("four bytes")) as usize;
    let rest = length - 4;
    let at = frame.len();
    frame.resize(at + rest, 0);
    from.read_exact(&mut frame[at..]).await?;
    Ok(Some(frame))
}
