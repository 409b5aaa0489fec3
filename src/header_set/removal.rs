use http::{HeaderMap, HeaderName};

use super::{HeaderSet, alike, connection};
use crate::encoding::baggage;

/// Value that a set keeps for a name.
pub(crate) trait Removable {
    /// Returns true if headers with the name are removed.
    fn is_owned(&self) -> bool;
}

impl Removable for () {
    fn is_owned(&self) -> bool {
        true
    }
}

impl<N: Removable, P> HeaderSet<N, P> {
    /// Removes the headers of the set, look-alikes included, and its members of baggage.
    /// `Connection` no longer nominates any of them.
    #[inline]
    pub(crate) fn remove_from(&self, headers: &mut HeaderMap) {
        // Most requests have none of them.
        if self.might_contain_any(headers) {
            self.remove_found(headers);
        }
        if !self.baggage_keys.is_empty() {
            baggage::remove(headers, &self.baggage_keys);
        }
    }

    #[cold]
    fn remove_found(&self, headers: &mut HeaderMap) {
        // Allocates only if there is something to remove.
        let owned: Vec<HeaderName> = headers
            .keys()
            .filter(|name| self.might_contain(name) && self.owns(name))
            .cloned()
            .collect();
        for name in owned {
            headers.remove(name);
        }
        self.unlist_from_connection(headers);
    }

    /// Removes the nominations of the set's headers from `Connection`, so that no hop removes
    /// them.
    pub(crate) fn unlist_from_connection(&self, headers: &mut HeaderMap) {
        connection::unlist(headers, |name| {
            self.owns(name) || (!self.baggage_keys.is_empty() && name.as_str() == "baggage")
        });
    }

    /// Returns true if headers with this name are removed: if the name or one that it looks
    /// like is owned, or if a prefix or a pattern covers it.
    fn owns(&self, name: &HeaderName) -> bool {
        let name = name.as_str();
        let mut alike = alike(self.bucket(name), name);
        alike.any(|(_, kept)| kept.is_owned()) || self.find_pattern(name).is_some()
    }
}
