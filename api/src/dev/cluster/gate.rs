//! The way to the primary: one TCP address, whichever PostgreSQL that is. When it changes, connections end.

use std::path::PathBuf;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// Lets connections through to the socket that `target` names, and to nowhere while it names none.
pub async fn serve(listener: TcpListener, target: watch::Receiver<Option<PathBuf>>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => drop(tokio::spawn(carry(client, target.clone()))),
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn carry(mut client: TcpStream, mut target: watch::Receiver<Option<PathBuf>>) {
    let Some(socket) = target.borrow_and_update().clone() else { return };
    let Ok(mut server) = UnixStream::connect(socket).await else { return };
    let _ = client.set_nodelay(true);
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = target.changed() => {}
    }
}
