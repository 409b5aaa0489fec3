use std::borrow::Cow;

use http::{HeaderMap, HeaderName, header::CONNECTION};

use super::{Convention, ConventionBuilder, baggage, connection, names::Names};

use crate::encoding::Encoding;

/// Headers that belong to a set of conventions, with their look-alikes, and
/// members of baggage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owned {
    headers: Names,
    members: Vec<Cow<'static, str>>,
}

impl Owned {
    pub(super) fn new<'a>(builders: impl IntoIterator<Item = &'a ConventionBuilder>) -> Self {
        let mut names = Vec::new();
        let mut families = Vec::new();
        let mut members = Vec::new();
        let mut vendors = Vec::new();
        for builder in builders {
            for rule in &builder.rules {
                if rule.encoding == Encoding::Baggage {
                    members.extend(rule.member.clone());
                } else if !rule.is_shared() {
                    names.extend(rule.owned_names().map(|name| (name.clone(), 0)));
                }
            }
            names.extend(builder.rest_header().map(|name| (name.clone(), 0)));
            families.extend(builder.families.iter().map(|family| (family.clone(), 0)));
            vendors.extend(builder.vendors);
        }
        Self {
            headers: Names::new(names, families, vendors),
            members,
        }
    }

    /// Collects what belongs to any of several conventions.
    pub(crate) fn from_conventions<'a>(
        conventions: impl IntoIterator<Item = &'a Convention>,
    ) -> Self {
        Self::new(
            conventions
                .into_iter()
                .map(|convention| &convention.0.builder),
        )
    }

    #[inline]
    pub(crate) fn remove_from(&self, headers: &mut HeaderMap) {
        // Most requests have none of them.
        if self.headers.might_contain_any(headers) {
            self.remove_found(headers);
        }
        if !self.members.is_empty() {
            baggage::remove(headers, &self.members);
        }
    }

    #[cold]
    fn remove_found(&self, headers: &mut HeaderMap) {
        let owned = |name: &&HeaderName| {
            self.headers.might_contain(name) && self.headers.find(name.as_str()).is_some()
        };
        // Allocates only where there is something to remove.
        let owned: Vec<HeaderName> = headers.keys().filter(owned).cloned().collect();
        for name in owned {
            headers.remove(name);
        }
        self.unlist_from_connection(headers);
    }

    /// Sees to it that no hop removes what is to be written: `Connection` may
    /// not name it.
    pub(crate) fn unlist_from_connection(&self, headers: &mut HeaderMap) {
        if headers.contains_key(CONNECTION) {
            connection::retract(headers, |name| {
                self.headers.find(name.as_str()).is_some()
                    || (!self.members.is_empty() && name.as_str() == "baggage")
            });
        }
    }
}
