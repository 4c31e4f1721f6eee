//! Who speaks for others. What proxies say of those whose requests they pass on is believed of the proxies that the operator
//! names; anybody else could say it of themselves.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};

use crate::network::Network;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// How those a proxy speaks for have reached it: `https`, if by TLS.
pub const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The proxies that are believed. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Arc<[Network]>);

impl Proxies {
    /// Those in these networks.
    pub fn new(networks: &[Network]) -> Self {
        Self(networks.into())
    }

    /// Who asks with these headers over a connection from `peer`. What is not to be believed is taken out of them.
    pub fn client(&self, peer: SocketAddr, headers: &mut HeaderMap) -> SocketAddr {
        if self.include(peer.ip()) {
            return self.spoken_for(headers).map_or(peer, |client| SocketAddr::new(client, 0));
        }
        headers.remove(PROTO);
        peer
    }

    fn include(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address.to_canonical()))
    }

    /// Each proxy adds at the end whom it has heard: the last who is none is who asks. What stands before that was said by
    /// whoever that is.
    fn spoken_for(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let mut last = None;
        for line in headers.get_all(FOR).iter().rev() {
            for address in line.to_str().ok()?.rsplit(',') {
                let Some(address) = read(address.trim()) else { return last };
                last = Some(address);
                if !self.include(address) {
                    return last;
                }
            }
        }
        last
    }
}

/// An address, beside which some proxies name a port.
fn read(text: &str) -> Option<IpAddr> {
    text.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip())).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, lines: &[&str]) -> (String, bool) {
        let proxies = Proxies::new(&["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().expect("a network")));
        let mut headers = HeaderMap::from_iter([(PROTO, HeaderValue::from_static("https"))]);
        for line in lines {
            headers.append(FOR, HeaderValue::from_str(line).expect("a value"));
        }
        let peer = SocketAddr::new(peer.parse().expect("an address"), 4_000);
        let client = proxies.client(peer, &mut headers);
        (client.ip().to_string(), headers.contains_key(PROTO))
    }

    #[test]
    fn proxies_are_believed_and_nobody_else() {
        for (peer, lines, expected, is_believed) in [
            ("192.0.2.1", &["203.0.113.5"][..], "192.0.2.1", false),
            ("192.0.2.1", &["10.0.0.1"], "192.0.2.1", false),
            ("10.0.0.1", &[], "10.0.0.1", true),
            ("10.0.0.1", &["203.0.113.5"], "203.0.113.5", true),
            ("::ffff:10.0.0.1", &["203.0.113.5"], "203.0.113.5", true),
            ("fd00::1", &["2001:db8::7"], "2001:db8::7", true),
            ("10.0.0.1", &["203.0.113.5:7777"], "203.0.113.5", true),
            ("10.0.0.1", &["[2001:db8::7]:80"], "2001:db8::7", true),
        ] {
            assert_eq!(client(peer, lines), (expected.to_owned(), is_believed), "{peer} {lines:?}");
        }
    }

    #[test]
    fn what_a_client_says_of_itself_is_not_believed_through_proxies() {
        for (lines, expected) in [
            (&["1.1.1.1, 203.0.113.5"][..], "203.0.113.5"),
            (&["1.1.1.1", "203.0.113.5"], "203.0.113.5"),
            (&["1.1.1.1, 203.0.113.5, 10.0.0.7"], "203.0.113.5"),
            (&["1.1.1.1, 203.0.113.5", "10.0.0.7,10.0.0.8"], "203.0.113.5"),
            (&["1.1.1.1, unknown, 10.0.0.7"], "10.0.0.7"),
            (&["10.0.0.9, 10.0.0.7"], "10.0.0.9"),
            (&["unknown"], "10.0.0.1"),
            (&[""], "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.1", lines).0, expected, "{lines:?}");
        }
    }
}
