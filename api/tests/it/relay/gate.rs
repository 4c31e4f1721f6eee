//! A TCP proxy that can be closed and opened again.

use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

pub struct Gate {
    url: String,
    upstream: String,
    open: watch::Sender<bool>,
    refused: Notify,
}

impl Gate {
    /// A gate before the server at this URL.
    pub async fn start(url: &str) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let upstream = url.rsplit_once('/').map_or(url, |(_, address)| address).to_owned();
        let port = listener.local_addr().expect("an address").port();
        let url = format!("nats://127.0.0.1:{port}");
        let gate = Arc::new(Self { url, upstream, open: watch::Sender::new(true), refused: Notify::new() });
        tokio::spawn(gate.clone().serve(listener));
        gate
    }

    /// The server's URL through the gate.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Breaks all connections, and takes none until [`Gate::open`].
    pub fn close(&self) {
        self.open.send_replace(false);
    }

    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Somebody has tried to connect in vain.
    pub async fn refused(&self) {
        self.refused.notified().await;
    }

    async fn serve(self: Arc<Self>, listener: TcpListener) {
        while let Ok((mut client, _)) = listener.accept().await {
            if !*self.open.borrow() {
                self.refused.notify_one();
                continue;
            }
            let gate = self.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(&gate.upstream).await.expect("the server");
                let mut open = gate.open.subscribe();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    _ = open.wait_for(|open| !open) => {}
                }
            });
        }
    }
}
