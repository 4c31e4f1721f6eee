//! What is inside is never reached, however it is spelled, whoever leads there, and whatever it is called.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use docket_api::network::Network;
use docket_api::webhooks::{Outgoing, Sender};
use docket_domain::webhook::Fields;
use docket_projections::Attempt;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uuid::Uuid;

/// Of every network that is not the public internet, and where clouds keep what their machines may know.
const INSIDE: [[u8; 4]; 24] = [
    [127, 0, 0, 1],
    [127, 0, 0, 53],
    [127, 255, 255, 254],
    [0, 0, 0, 0],
    [10, 0, 0, 1],
    [10, 255, 255, 255],
    [172, 16, 0, 1],
    [172, 31, 255, 255],
    [192, 168, 0, 1],
    [192, 168, 255, 255],
    [169, 254, 169, 254],
    [169, 254, 170, 2],
    [100, 64, 0, 1],
    [100, 100, 100, 200],
    [192, 0, 0, 192],
    [192, 0, 2, 1],
    [192, 88, 99, 1],
    [198, 18, 0, 1],
    [198, 19, 255, 255],
    [198, 51, 100, 1],
    [203, 0, 113, 1],
    [224, 0, 0, 1],
    [240, 0, 0, 1],
    [255, 255, 255, 255],
];

const INSIDE_V6: [&str; 18] = [
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "::0.0.0.1",
    "fe80::1",
    "FE80::0001",
    "febf::1",
    "fec0::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fd00:ec2::254",
    "ff02::1",
    "100::1",
    "2001:db8::1",
    "2001:10::1",
    "3fff::1",
    "5f00::1",
];

/// What is no address, but leads to one.
const NAMES: [&str; 15] = [
    "localhost.",
    "127.0.0.1.nip.io",
    "10-0-0-1.sslip.io",
    "localtest.me",
    "metadata.google.internal",
    "metadata",
    "instance-data",
    "kubernetes.default.svc",
    "host.docker.internal",
    "rebind.example",
    "EXAMPLE.ORG",
    "example.org.",
    "xn--bcher-kva.example",
    "1.1.1.1.example",
    "0x7f000001.example",
];

/// Digits that are made into the usual ones.
const DIGITS: [[char; 10]; 4] = [
    ['０', '１', '２', '３', '４', '５', '６', '７', '８', '９'],
    ['⓪', '①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨'],
    ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'],
    ['𝟎', '𝟏', '𝟐', '𝟑', '𝟒', '𝟓', '𝟔', '𝟕', '𝟖', '𝟗'],
];

/// All ways to write an address of the fourth version.
fn spellings([a, b, c, d]: [u8; 4]) -> Vec<String> {
    let (dotted, whole) = (format!("{a}.{b}.{c}.{d}"), u32::from_be_bytes([a, b, c, d]));
    let (low, lower) = (whole & 0xff_ffff, whole & 0xffff);
    let (high, rest) = (whole >> 16, whole & 0xffff);
    let mut all = vec![
        format!("{dotted}."),
        format!("{whole}"),
        format!("{whole}."),
        format!("0x{whole:x}"),
        format!("0X{whole:X}"),
        format!("0x{whole:016x}"),
        format!("0{whole:o}"),
        format!("000000{whole:o}"),
        format!("{a}.{low}"),
        format!("{a}.0x{low:x}"),
        format!("{a}.{b}.{lower}"),
        format!("{a}.{b}.0{lower:o}"),
        format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("0x{a:x}.0{b:o}.{c}.{d}"),
        format!("{a}.{b}.{c}.0x{d:02x}"),
        dotted.replace('.', "\u{3002}"),
        dotted.replace('.', "\u{ff0e}"),
        dotted.replace('.', "\u{ff61}"),
        dotted.replace('.', "%2e"),
        dotted.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat(),
        format!("[::ffff:{dotted}]"),
        format!("[::ffff:{high:x}:{rest:x}]"),
        format!("[0:0:0:0:0:FFFF:{high:04X}:{rest:04X}]"),
        format!("[::ffff:0:{dotted}]"),
        format!("[::{dotted}]"),
        format!("[64:ff9b::{dotted}]"),
        format!("[64:ff9b::{high:x}:{rest:x}]"),
        format!("[64:ff9b:1::{dotted}]"),
        format!("[2002:{high:x}:{rest:x}::]"),
        format!("[2002:{high:x}:{rest:x}::1]"),
        format!("[2001:0:{high:x}:{rest:x}::1]"),
        format!("[2001:0:4136:e378:8000:63bf:{:x}:{:x}]", !high & 0xffff, !rest & 0xffff),
        format!("[fe80::5efe:{dotted}]"),
    ];
    for digits in DIGITS {
        all.push(dotted.chars().map(|sign| sign.to_digit(10).map_or(sign, |digit| digits[digit as usize])).collect());
    }
    all.push(dotted);
    all
}

/// What stands where a host stands in a URL; none twice.
fn hosts() -> BTreeSet<String> {
    let mut all: BTreeSet<String> = INSIDE.into_iter().flat_map(spellings).collect();
    all.extend(INSIDE_V6.map(|address| format!("[{address}]")));
    all.extend(["[fe80::1%25lo]", "[fe80::1%lo]", "[::1%25lo]"].map(str::to_owned));
    all.extend(["localhost", "LOCALHOST", "loc%61lhost", "ｌｏｃａｌｈｏｓｔ"].map(str::to_owned));
    all.extend(["user@127.0.0.1", "1.1.1.1@127.0.0.1", "a:b@[::1]", "%00@127.0.0.1"].map(str::to_owned));
    all.extend(["127.0\t.0.1", "127.0.0.1\\@1.1.1.1", "\\127.0.0.1", "/127.0.0.1", "0"].map(str::to_owned));
    all
}

/// Counts who connects to this machine, under whatever address of it.
async fn listener() -> (u16, Arc<AtomicUsize>) {
    let listener = match TcpListener::bind("[::]:0").await {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind("0.0.0.0:0").await.expect("a port"),
    };
    let (port, count) = (listener.local_addr().expect("an address").port(), Arc::<AtomicUsize>::default());
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 8_192]).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await;
        }
    });
    (port, count)
}

async fn send(sender: &Sender, url: &str) -> Attempt {
    let fields = Fields { url: url.to_owned(), secret_generation: 1, ..Fields::default() };
    sender.send(Uuid::nil(), &fields, Outgoing { id: "0-1", body: "{}" }).await
}

/// Whether it was refused before anything was connected to.
fn is_refused(url: &str, attempt: &Attempt) -> bool {
    let said = attempt.error.as_deref().unwrap_or_default();
    attempt.status.is_none() && (said == "the address is not a public one" || Url::parse(url).is_err())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_an_address_inside_is_connected_to() {
    let (port, count) = listener().await;
    let sender = Sender::new(&[], &[], b"secret").expect("a sender");
    let hosts = hosts();
    assert!(hosts.len() > 800, "{}", hosts.len());
    let mut understood = 0;
    for host in &hosts {
        for url in [format!("https://{host}:{port}/"), format!("http://{host}:{port}/"), format!("https://{host}/")] {
            understood += usize::from(Url::parse(&url).is_ok());
            let attempt = send(&sender, &url).await;
            assert!(is_refused(&url, &attempt), "{url}: {attempt:?}");
        }
    }
    assert!(understood > 2 * hosts.len(), "{understood} of {} are URLs", 3 * hosts.len());
    assert_eq!(count.load(Ordering::SeqCst), 0);
    // Whoever may go there is seen.
    let local: Network = "127.0.0.0/8".parse().expect("a network");
    let sender = Sender::new(&[local], &[], b"secret").expect("a sender");
    assert_eq!(send(&sender, &format!("http://2130706433:{port}/")).await.status, Some(204));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

/// Says each time something else of every name, and in the end always the same.
struct Fickle {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Resolve for Fickle {
    fn resolve(&self, _: Name) -> Resolving {
        let nth = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let found: Vec<_> = self.answers[nth].iter().map(|address| SocketAddr::new(*address, 0)).collect();
        Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
    }
}

fn asking(answers: Vec<Vec<IpAddr>>, networks: &[&str]) -> Sender {
    let networks: Vec<Network> = networks.iter().map(|network| network.parse().expect("a network")).collect();
    let names = Arc::new(Fickle { answers, asked: AtomicUsize::new(0) });
    Sender::asking(names, &networks, &[], b"secret").expect("a sender")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_leads_inside() {
    let (port, count) = listener().await;
    let v6 = INSIDE_V6.iter().map(|address| address.parse().expect("an address"));
    let addresses: Vec<IpAddr> =
        INSIDE.map(|address| IpAddr::from(Ipv4Addr::from(address))).into_iter().chain(v6).collect();
    let mapped = INSIDE.map(|address| IpAddr::from(Ipv4Addr::from(address).to_ipv6_mapped()));
    for address in addresses.iter().copied().chain(mapped) {
        let sender = asking(vec![vec![address]], &[]);
        for url in NAMES.iter().flat_map(|name| [format!("https://{name}:{port}/"), format!("http://{name}:{port}/")]) {
            let attempt = send(&sender, &url).await;
            assert!(is_refused(&url, &attempt), "{url} at {address}: {attempt:?}");
        }
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

/// Here what may be reached is 127.0.0.2, as the internet would be, and 127.0.0.1 is inside.
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Answers on 127.0.0.2, each time so; the port.
async fn outside(answer: String) -> u16 {
    let listener = TcpListener::bind((OUTSIDE, 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 8_192]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_inside_a_moment_later_leads_nowhere() {
    let port = outside("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned()).await;
    let inside = TcpListener::bind((LOCAL, port)).await.expect("the same port");
    let sender = asking(vec![vec![OUTSIDE], vec![LOCAL, OUTSIDE], vec![LOCAL]], &["127.0.0.2/32"]);
    let url = format!("http://rebind.example:{port}/");
    assert_eq!(send(&sender, &url).await.status, Some(204));
    // Of several addresses only those that may be.
    assert_eq!(send(&sender, &url).await.status, Some(204));
    for _ in 0..10 {
        let attempt = send(&sender, &url).await;
        assert!(is_refused(&url, &attempt), "{attempt:?}");
    }
    let came = tokio::time::timeout(std::time::Duration::from_millis(1), inside.accept()).await;
    assert!(came.is_err(), "somebody came");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_elsewhere() {
    let (port, count) = listener().await;
    for status in [301, 302, 303, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} Elsewhere\r\nLocation: http://127.0.0.2:{port}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let outside = outside(answer).await;
        let sender = asking(vec![vec![OUTSIDE]], &["127.0.0.2/32"]);
        let attempt = send(&sender, &format!("http://127.0.0.2:{outside}/")).await;
        assert_eq!((attempt.status, attempt.error), (Some(status), Some(format!("answered {status}"))));
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}
