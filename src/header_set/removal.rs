use http::{HeaderMap, HeaderName, header::CONNECTION};

use super::{HeaderSet, Match, connection, look_alikes};
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

/// Headers of a request to remove, which a pass over the headers has found, so that their
/// names are not looked up again.
#[derive(Debug, Default)]
pub(crate) struct Removal {
    names: Vec<HeaderName>,
    /// True if `Connection` or `baggage` may list names or members of the set.
    lists: bool,
    /// True if the pass ended early, so that any header may be in the set.
    is_partial: bool,
}

impl Removal {
    /// Removal after a pass that ended early.
    pub(crate) fn partial() -> Self {
        Self {
            is_partial: true,
            ..Self::default()
        }
    }

    /// Returns the names of the headers to remove. There are none if the pass ended early, which
    /// is a fault.
    #[cfg(feature = "tracing")]
    pub(crate) fn names(&self) -> &[HeaderName] {
        &self.names
    }

    /// Adds a header whose name has no match in the set.
    #[inline]
    pub(crate) fn add_unmatched(&mut self, name: &HeaderName) {
        self.lists |= *name == CONNECTION;
    }

    /// Adds a header whose name has this match, if it is to be removed. Returns true if it
    /// is.
    pub(crate) fn add<N: Removable, P>(
        &mut self,
        set: &HeaderSet<N, P>,
        found: &Match<'_, '_, N, P>,
        name: &HeaderName,
    ) -> bool {
        let is_owned = match found {
            Match::Prefix(_) | Match::Vendor { .. } | Match::LookAlike(None) => true,
            Match::Exact(kept) if kept.is_owned() => true,
            Match::Exact(_) | Match::LookAlike(Some(_)) => set.owns(name),
        };
        if is_owned {
            if self.names.is_empty() {
                // Few clients send more headers, so one allocation is enough.
                self.names.reserve_exact(8);
            }
            self.names.push(name.clone());
        } else {
            self.lists |= *name == baggage::NAME;
        }
        is_owned
    }
}

impl<N: Removable, P> HeaderSet<N, P> {
    /// Removes the headers that a pass has found, as [`remove_from`](Self::remove_from)
    /// does.
    pub(crate) fn remove(&self, removal: Removal, headers: &mut HeaderMap) {
        if removal.is_partial {
            self.remove_from(headers);
            return;
        }
        for name in removal.names {
            headers.remove(name);
        }
        if removal.lists {
            self.unlist_from_connection(headers);
            baggage::remove(headers, &self.baggage_keys);
        }
    }

    /// Removes the headers of the set, look-alikes included, its members of baggage, and
    /// all of their nominations in `Connection`.
    #[inline]
    pub(crate) fn remove_from(&self, headers: &mut HeaderMap) {
        // Most requests have no header of the set, no `Connection` and no `baggage`.
        if self.might_contain_any(headers) {
            self.remove_found(headers);
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
        if !self.baggage_keys.is_empty() {
            baggage::remove(headers, &self.baggage_keys);
        }
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
