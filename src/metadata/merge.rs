use std::{cmp::Ordering, iter};

use super::{Entry, Metadata};

impl Metadata {
    /// Adds the fields of `fallback` that are not present. A field that is in both keeps
    /// its value in `self`, unless it is [generated](Self::generated) there.
    pub fn merge(&mut self, fallback: &Self) {
        if self.is_empty() {
            self.clone_from(fallback);
            return;
        }
        let is_new = |entry: &Entry| self.value(entry.key).is_none() || self.gives_way(entry.key);
        if fallback.entries().iter().any(is_new) {
            // All fields at once, in one allocation.
            let merged = merged(self.entries(), fallback.entries());
            *self = Self::sorted(merged.clone().count(), merged.cloned());
        }
        self.remove_outranked_sessions();
    }
}

/// Returns an iterator over the fields of two lists in the order of their keys. Of a field in
/// both, the first list's counts, unless it is generated and the other's is not.
fn merged<'m>(
    first: &'m [Entry],
    fallback: &'m [Entry],
) -> impl Iterator<Item = &'m Entry> + Clone {
    let mut first = first.iter().peekable();
    let mut fallback = fallback.iter().peekable();
    iter::from_fn(move || {
        let order = match (first.peek(), fallback.peek()) {
            (Some(one), Some(other)) => one.key.cmp(&other.key),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => first.next(),
            Ordering::Greater => fallback.next(),
            Ordering::Equal => {
                let (one, other) = (first.next()?, fallback.next()?);
                let gives_way = one.key.is_generated() && !other.key.is_generated();
                Some(if gives_way { other } else { one })
            }
        }
    })
}
