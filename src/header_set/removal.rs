use http::{HeaderMap, HeaderName};

use super::{HeaderSet, connection, look_alikes};
use crate::encoding::baggage;

/// Data of a name in a set whose headers can be removed.
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
    /// Removes the headers of the set, look-alikes included, its members of baggage, and
    /// all of their nominations in `Connection`.
    #[inline]
    pub(crate) fn remove_from(&self, headers: &mut HeaderMap) {
        // Most requests have no header of the set.
        if self.might_contain_any(headers) {
            self.remove_found(headers);
        }
        if !self.baggage_keys.is_empty() {
            baggage::remove(headers, &self.baggage_keys);
        }
    }

    #[cold]
    fn remove_found(&self, headers: &mut HeaderMap) {
        // An empty `Vec` does not allocate.
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

    /// Removes the headers of the set from `Connection`, so that the next hop does not
    /// remove the headers that are written.
    pub(crate) fn unlist_from_connection(&self, headers: &mut HeaderMap) {
        connection::unlist(headers, |name| {
            self.owns(name) || (!self.baggage_keys.is_empty() && name.as_str() == "baggage")
        });
    }

    /// Returns true if headers with this name are removed. A header that other software
    /// uses too is removed only if its name is a look-alike of an owned one, or if a prefix
    /// or a pattern matches it.
    fn owns(&self, name: &HeaderName) -> bool {
        let name = name.as_str();
        look_alikes(self.bucket(name), name).any(|(_, kept)| kept.is_owned())
            || self.find_pattern(name).is_some()
    }
}
