//! 5,000 clients that are slow with their heads, their bodies, or with reading, and what one that is not feels of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::load::{Offered, Target, open};
use crate::report::Figure;
use crate::scripts::Gets;
use crate::stage::Stage;

const CLIENTS: usize = 5_000;
/// Between two bytes of any of them.
const PACE: Duration = Duration::from_secs(1);
/// What the healthy client asks for each second, over these connections.
const RATE: u32 = 200;
const CONNECTIONS: usize = 4;
/// How long all of them may take to be there.
const GATHERING: Duration = Duration::from_mins(1);

/// What a client is slow with.
#[derive(Clone, Copy)]
enum Slow {
    Head,
    Body,
    Reader,
}

/// Measures and reports, with and without them taking turns.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let (mut alone, mut among) = (Offered::default(), Offered::default());
    let mut fewest = CLIENTS;
    for _ in 0..stage.options.rounds() {
        alone.append(&healthy(stage).await?);
        let crowd = Crowd::gather(&stage.docket.target).await?;
        among.append(&healthy(stage).await?);
        fewest = fewest.min(crowd.there());
        crowd.leave()?;
    }
    stage.report.add(Figure::rate("one task, a healthy client alone", &alone.taken));
    let note = format!("{fewest} slow clients are connected; {}", among.taken.describe());
    let figure = Figure::new("the same among 5,000 slow clients: p99", among.taken.millis(0.99), "ms").noting(note);
    stage.report.add(figure.against("alone", alone.taken.millis(0.99)).at_most(1.2));
    let bad = among.taken.bad_count() + among.refused.count;
    stage.report.add(Figure::new("the same: answers other than 2xx", bad as f64, "").at_most(0.0));
    Ok(())
}

async fn healthy(stage: &Stage) -> Result<Offered> {
    let paths: Arc<[String]> = stage.first.iter().take(1_000).map(|task| format!("/v1/tasks/{task}")).collect();
    let mut scripts: Vec<_> = (0..CONNECTIONS).map(|nth| Gets::many(&paths, nth)).collect();
    let lasting = Duration::from_secs_f64(stage.options.seconds().max(1.0) * 4.0);
    open(&stage.onlooker, &mut scripts, RATE, lasting).await
}

/// All of them, on a thread of their own: they must not slow down the clock of the healthy one.
struct Crowd {
    there: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Result<()>>,
}

impl Crowd {
    async fn gather(target: &Target) -> Result<Self> {
        let (there, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (target, counted, stopped) = (target.clone(), there.clone(), stop.clone());
        let thread = std::thread::Builder::new().name("slow".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                for nth in 0..CLIENTS {
                    let slow = [Slow::Head, Slow::Body, Slow::Reader][nth % 3];
                    tokio::spawn(again_and_again(slow, target.clone(), counted.clone()));
                    // Not together: they would be shown the door together, too, ten seconds later.
                    if nth % 5 == 0 {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                }
                while !stopped.load(Ordering::Relaxed) {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            });
            Ok(())
        })?;
        let crowd = Self { there, stop, thread };
        let asked = Instant::now();
        while crowd.there() < CLIENTS * 9 / 10 {
            anyhow::ensure!(asked.elapsed() < GATHERING, "only {} slow clients get in", crowd.there());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(crowd)
    }

    fn there(&self) -> usize {
        self.there.load(Ordering::Relaxed)
    }

    fn leave(self) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().ok().context("the slow clients' thread is gone")?
    }
}

/// Whoever is shown the door comes in again.
async fn again_and_again(slow: Slow, target: Target, there: Arc<AtomicUsize>) {
    loop {
        if let Ok(stream) = connect(&target).await {
            there.fetch_add(1, Ordering::Relaxed);
            let _ = dawdle(slow, stream, &target).await;
            there.fetch_sub(1, Ordering::Relaxed);
        }
        tokio::time::sleep(PACE).await;
    }
}

/// With as little room for answers as the system gives.
async fn connect(target: &Target) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4_096)?;
    Ok(socket.connect(target.address.parse()?).await?)
}

async fn dawdle(slow: Slow, mut stream: TcpStream, target: &Target) -> Result<()> {
    let key = target.key.as_deref().unwrap_or_default();
    let authority = format!("host: {}\r\nauthorization: Bearer {key}\r\n", target.address);
    match slow {
        Slow::Head => stream.write_all(format!("GET /v1/tasks HTTP/1.1\r\n{authority}x-slow: ").as_bytes()).await?,
        Slow::Body => {
            let head = "content-type: application/json\r\ncontent-length: 10000\r\n\r\n{\"title\": \"";
            stream.write_all(format!("POST /v1/tasks HTTP/1.1\r\n{authority}{head}").as_bytes()).await?;
        }
        Slow::Reader => {
            stream.write_all(format!("GET /v1/tasks?limit=200 HTTP/1.1\r\n{authority}\r\n").as_bytes()).await?;
        }
    }
    let mut few = [0; 16];
    loop {
        tokio::time::sleep(PACE).await;
        match slow {
            Slow::Head | Slow::Body => stream.write_all(b"x").await?,
            Slow::Reader => anyhow::ensure!(stream.read(&mut few).await? > 0, "the end"),
        }
    }
}
