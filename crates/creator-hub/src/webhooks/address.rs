//! Where webhooks may lead: to the public internet only, whatever a name is made to resolve to.
//!
//! The check is made where the name is resolved, for each connection, and the connection goes to the addresses that
//! were checked: a name that changes between check and connection gains nothing.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::fetch::address::is_public;

/// Bytes an endpoint's address may have.
const LONGEST: usize = 2_000;

/// The endpoint does not lead to the public internet.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("The address does not lead to the public internet, so nothing was sent.")]
pub(super) struct NotPublic;

/// An address that may be posted to, or why not. With `private`, for development, plain HTTP to this machine is
/// allowed too.
pub(crate) fn endpoint(text: &str, private: bool) -> Result<Url, &'static str> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err("Use an address of at most 2000 bytes.");
    }
    let url = Url::parse(text).map_err(|_| "Use an address as in https://example.org/hooks.")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Leave the user name and password out: deliveries are signed instead.");
    }
    if url.fragment().is_some() {
        return Err("Leave out what follows the #: it is never sent.");
    }
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err("Use an address as in https://example.org/hooks."),
    };
    match url.scheme() {
        "https" => {}
        "http" if private && here => {}
        _ => return Err("Use https://, so that nobody on the way can read along."),
    }
    if !private && (here || literal(&url).is_some_and(|address| !is_public(address))) {
        return Err("Use an address on the public internet.");
    }
    Ok(url)
}

/// The address, where the host is one.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host() {
        Some(Host::Ipv4(address)) => Some(address.into()),
        Some(Host::Ipv6(address)) => Some(address.into()),
        _ => None,
    }
}

/// Resolves names to public addresses only.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicOnly {
    /// For development: to any address.
    pub(super) private: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            // Port 0 is replaced by the one of the address that is asked for.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One private address among public ones is no accident.
            if !private && !found.iter().all(|address| is_public(address.ip())) {
                return Err(NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_posted_to() {
        for good in ["https://example.org/hooks", "https://example.org:8443/a?b=c", "https://93.184.216.34/"]
        {
            assert!(endpoint(good, false).is_ok(), "{good}");
        }
        for bad in [
            "",
            "example.org",
            "http://example.org/",
            "ftp://example.org/",
            "https://me:secret@example.org/",
            "https://example.org/#top",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://10.0.0.1/",
        ] {
            assert!(endpoint(bad, false).is_err(), "{bad}");
        }
    }

    #[test]
    fn development_may_post_to_this_machine() {
        for good in ["http://127.0.0.1:3000/", "http://localhost:3000/", "https://10.0.0.1/"] {
            assert!(endpoint(good, true).is_ok(), "{good}");
        }
        assert!(endpoint("http://10.0.0.1/", true).is_err(), "plain HTTP leaves the machine");
    }
}
