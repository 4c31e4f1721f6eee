//! Where webhooks may lead: to public addresses, and to what the operator allows. A name is resolved by us, what it
//! resolves to is looked at, and exactly those addresses are connected to: a name that resolves to something else a moment
//! later leads nowhere else.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Url};

use crate::network::Network;

/// What is not the public internet, after the registries of special-purpose addresses (RFC 6890 and later), and
/// multicast.
const SPECIAL: [Network; 19] = [
    Network::v4(0, 0, 0, 8),
    Network::v4(10, 0, 0, 8),
    Network::v4(100, 64, 0, 10),
    Network::v4(127, 0, 0, 8),
    Network::v4(169, 254, 0, 16),
    Network::v4(172, 16, 0, 12),
    Network::v4(192, 0, 0, 24),
    Network::v4(192, 0, 2, 24),
    Network::v4(192, 88, 99, 24),
    Network::v4(192, 168, 0, 16),
    Network::v4(198, 18, 0, 15),
    Network::v4(198, 51, 100, 24),
    Network::v4(203, 0, 113, 24),
    Network::v4(224, 0, 0, 3),
    // Within 2000::/3: protocol assignments (Teredo among them), documentation, 6to4, documentation.
    Network::v6(0x2001, 0, 23),
    Network::v6(0x2001, 0xdb8, 32),
    Network::v6(0x2002, 0, 16),
    Network::v6(0x3fff, 0, 20),
    Network::v6(0x5f00, 0, 16),
];
/// All that is public of the sixth version: no mapped or translated addresses, nothing local.
const PUBLIC_V6: Network = Network::v6(0x2000, 0, 3);

fn is_public(address: IpAddr) -> bool {
    let global = address.is_ipv4() || PUBLIC_V6.contains(address);
    global && !SPECIAL.iter().any(|network| network.contains(address))
}

/// Which addresses may be connected to. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reach {
    allowed: Arc<[Network]>,
    /// Whether public ones may: not without encryption.
    public: bool,
}

impl Reach {
    /// With encryption: public addresses, and what is allowed.
    pub fn encrypted(allowed: &[Network]) -> Self {
        Self { allowed: allowed.into(), public: true }
    }

    /// Without: only what is allowed.
    pub fn plain(allowed: &[Network]) -> Self {
        Self { allowed: allowed.into(), public: false }
    }

    /// Whether this address may be connected to.
    pub fn admits(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|network| network.contains(address)) || (self.public && is_public(address))
    }

    /// Whether a URL may be tried: one that names an address is never resolved.
    pub fn admits_url(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        host.parse::<IpAddr>().map_or(true, |address| self.admits(address))
    }
}

/// The authorities in a file of certificates, one after another.
pub fn authorities(file: &Path) -> anyhow::Result<Vec<Certificate>> {
    let wrong = || {
        format!(
            "{}: set --webhook-authorities or DOCKET_WEBHOOK_AUTHORITIES to a file of certificates in PEM",
            file.display()
        )
    };
    let found = Certificate::from_pem_bundle(&std::fs::read(file).with_context(wrong)?).with_context(wrong)?;
    anyhow::ensure!(!found.is_empty(), "no certificate in {}", wrong());
    Ok(found)
}

/// The names that the system knows.
pub struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Names, as far as they lead to what may be connected to.
pub struct Admitted {
    /// What may be.
    pub reach: Reach,
    /// Who knows the names.
    pub names: Arc<dyn Resolve>,
}

impl Resolve for Admitted {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, found) = (self.reach.clone(), self.names.resolve(name));
        Box::pin(async move {
            let admitted: Vec<SocketAddr> = found.await?.filter(|found| reach.admits(found.ip())).collect();
            if admitted.is_empty() {
                return Err(NOT_ADMITTED.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

/// What is said of an address that may not be connected to.
pub const NOT_ADMITTED: &str = "the address is not a public one";

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(allowed: &[&str], url: &str) -> bool {
        let allowed: Vec<Network> = allowed.iter().map(|network| network.parse().expect("a network")).collect();
        Reach::encrypted(&allowed).admits_url(&Url::parse(url).expect(url))
    }

    #[test]
    fn what_is_public_or_allowed_is_admitted() {
        for public in
            ["https://93.184.215.14/", "https://[2606:4700::1111]/", "https://1.1.1.1:8443/", "https://172.32.0.1/"]
        {
            assert!(admits(&[], public), "{public}");
        }
        assert!(admits(&["10.0.0.0/8", "fd00::/8"], "https://10.2.3.4/"));
        assert!(admits(&["10.0.0.0/8", "fd00::/8"], "https://[fd12::1]/"));
        assert!(!Reach::plain(&[]).admits("93.184.215.14".parse().expect("an address")));
    }

    #[tokio::test]
    async fn names_that_lead_inside_are_not_resolved() {
        let resolve =
            |reach, name: &str| Admitted { reach, names: Arc::new(System) }.resolve(name.parse().expect("a name"));
        for name in ["localhost", "localhost."] {
            assert!(resolve(Reach::encrypted(&[]), name).await.is_err());
        }
        let local: Network = "127.0.0.0/8".parse().expect("a network");
        let mut found = resolve(Reach::plain(&[local]), "localhost").await.expect("addresses");
        assert!(found.all(|found| found.ip().is_loopback()));
    }
}
