use std::{borrow::Cow, collections::BTreeMap, net::Ipv6Addr};

use http::Uri;

use super::{
    authority::{Authority, default_port, ipv6},
    host::{Host, Port, check_name},
};

/// Index of the configured hosts, in maps: a lookup is logarithmic in their number.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Names and IPv4 addresses, in lower case.
    exact: BTreeMap<String, PortEntries>,
    /// Suffixes of wildcards: a dot and a name, in lower case.
    below: BTreeMap<String, PortEntries>,
    ipv6: BTreeMap<Ipv6Addr, PortEntries>,
}

/// Ports of a host, each with its index among all entries. The first match counts.
type PortEntries = Vec<(Port, usize)>;

impl Index {
    pub(super) fn add(&mut self, host: Host, port: Port, at: usize) {
        let entries = match host {
            Host::Exact(name) => self.exact.entry(name).or_default(),
            Host::Below(end) => self.below.entry(end).or_default(),
            Host::Ipv6(address) => self.ipv6.entry(address).or_default(),
        };
        entries.push((port, at));
    }

    /// Returns the index of the first entry that matches a URI.
    pub(super) fn find(&self, uri: &Uri) -> Option<usize> {
        let Authority { host, port } = Authority::of(uri)?;
        let default = default_port(uri);
        let first = |entries: Option<&PortEntries>| {
            entries?
                .iter()
                .find(|(pattern, _)| pattern.matches(port, default))
                .map(|&(_, at)| at)
        };
        if let Some(address) = ipv6(host) {
            return first(self.ipv6.get(&address));
        }
        let name = lower(host.strip_suffix('.').unwrap_or(host));
        let exact = first(self.exact.get(&*name));
        if self.below.is_empty() {
            return exact;
        }
        let below = name
            .match_indices('.')
            .filter_map(|(at, _)| first(self.below.get(name.get(at..)?)))
            .min();
        match below {
            // A wildcard matches only valid labels before its dot, not `..example`.
            Some(below) if check_name(&name).is_ok() => exact.into_iter().chain([below]).min(),
            _ => exact,
        }
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    // A fold without branches is vectorized. Most names are in lower case already.
    let is_upper = |any, byte: u8| any | byte.is_ascii_uppercase();
    if name.bytes().fold(false, is_upper) {
        return name.to_ascii_lowercase().into();
    }
    name.into()
}
