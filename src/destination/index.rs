use std::{borrow::Cow, collections::BTreeMap, net::Ipv6Addr};

use http::Uri;

use super::{
    authority::{Authority, default_port, ipv6},
    host::{Host, Port, checked},
};

/// Hosts, so that finding one costs little more for a thousand than for one.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Names and IPv4 addresses, in lower case.
    exact: BTreeMap<String, Places>,
    /// A dot and a name, in lower case, for all below it.
    below: BTreeMap<String, Places>,
    ipv6: BTreeMap<Ipv6Addr, Places>,
}

/// Ports of a host, each with its index among all hosts; the first counts.
type Places = Vec<(Port, usize)>;

impl Index {
    pub(super) fn add(&mut self, host: Host, port: Port, at: usize) {
        let places = match host {
            Host::Exact(name) => self.exact.entry(name).or_default(),
            Host::Below(end) => self.below.entry(end).or_default(),
            Host::Ipv6(address) => self.ipv6.entry(address).or_default(),
        };
        places.push((port, at));
    }

    /// Returns the index of the first host that matches a URI.
    pub(super) fn find(&self, uri: &Uri) -> Option<usize> {
        let Authority { host, port } = Authority::of(uri)?;
        let own = default_port(uri);
        let first = |places: Option<&Places>| {
            let mut places = places?.iter();
            let (_, at) = places.find(|(wanted, _)| wanted.matches(port, own))?;
            Some(*at)
        };
        if let Some(address) = ipv6(host) {
            return first(self.ipv6.get(&address));
        }
        let name = lower(host.strip_suffix('.').unwrap_or(host));
        let exact = first(self.exact.get(&*name));
        if self.below.is_empty() {
            return exact;
        }
        let dots = name.match_indices('.');
        let below = dots.filter_map(|(at, _)| first(self.below.get(name.get(at..)?)));
        match below.min() {
            // What stands before the dot must be labels.
            Some(below) if checked(&name).is_ok() => exact.into_iter().chain([below]).min(),
            _ => exact,
        }
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    // Looks at all bytes without a branch, many at a time.
    let is_upper = |any, byte: u8| any | byte.is_ascii_uppercase();
    if name.bytes().fold(false, is_upper) {
        return name.to_ascii_lowercase().into();
    }
    name.into()
}
