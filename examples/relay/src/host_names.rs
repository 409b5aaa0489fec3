//! Names that requests may be for.

use std::{fmt, net::IpAddr, sync::Arc};

use http::{HeaderValue, Request, header::HOST, uri::Authority};

/// Set of host names: all that public DNS does not have, and the operator's own.
#[derive(Clone, Debug, Default)]
pub struct HostNames(Arc<[String]>);

/// Top-level domains for local use: RFC 6761, RFC 6762, and ICANN's reservation of 2024.
const LOCAL_DOMAINS: [&str; 3] = [".localhost", ".local", ".internal"];

impl HostNames {
    /// Creates a set with these names of the operator.
    ///
    /// # Errors
    ///
    /// Returns an error if a name is invalid, or has a port.
    pub fn new(names: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let own = |name: String| match name.parse::<Authority>() {
            Ok(host) if host.host() == name => Ok(normal(&name)),
            _ => Err(format!("{name:?} must be a host name without a port")),
        };
        let names: Result<_, _> = names.into_iter().map(own).collect();
        names.map(Self)
    }

    /// Returns true if the operator has named none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns true if a request is for one of the names, or for an IP address.
    ///
    /// A request without a host is allowed, because no browser sends one.
    pub(crate) fn allow<B>(&self, request: &Request<B>) -> bool {
        let header = request.headers().get(HOST).map(HeaderValue::as_bytes);
        match (request.uri().authority(), header) {
            (Some(authority), _) => self.contain(authority),
            (None, Some(host)) => Authority::try_from(host).is_ok_and(|host| self.contain(&host)),
            (None, None) => true,
        }
    }

    fn contain(&self, authority: &Authority) -> bool {
        let host = authority.host();
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            return true;
        }
        let name = normal(host);
        let is_single = !name.is_empty() && !name.contains('.');
        is_single
            || LOCAL_DOMAINS.iter().any(|domain| name.ends_with(domain))
            || self.0.contains(&name)
    }
}

/// Returns a name in lower case, without the dot of the root.
fn normal(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_lowercase()
}

/// Shows the operator's names.
impl fmt::Display for HostNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}
