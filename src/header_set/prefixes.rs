use std::borrow::Cow;

use super::separators::normalize;

/// Prefixes of header names, each with its data. A look-up does not depend on their number:
/// it compares only at the separators of a name.
#[derive(Clone, Debug)]
pub(super) struct Prefixes<P> {
    /// Sorted by their bytes, each once. Every prefix ends in a hyphen, and its separators
    /// are hyphens.
    sorted: Vec<(Cow<'static, str>, P)>,
    /// A bit for each length of a prefix, so that most separators need no search. The last
    /// bit is for all greater lengths.
    lengths: u64,
}

impl<P> Prefixes<P> {
    /// Creates a set. If prefixes are equal, the first is kept.
    pub(super) fn new(mut prefixes: Vec<(Cow<'static, str>, P)>) -> Self {
        // The sort is stable, so the first of equal prefixes is kept.
        prefixes.sort_by(|(one, _), (other, _)| one.cmp(other));
        prefixes.dedup_by(|(later, _), (first, _)| later == first);
        let bits = prefixes.iter().map(|(prefix, _)| length_bit(prefix.len()));
        Self {
            lengths: bits.fold(0, |all, bit| all | bit),
            sorted: prefixes,
        }
    }

    /// Returns an iterator over the prefixes.
    pub(super) fn names(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        self.sorted.iter().map(|(prefix, _)| prefix)
    }

    /// Returns the longest prefix of a name, ignoring separators, with its data.
    pub(super) fn find(&self, name: &str) -> Option<&(Cow<'static, str>, P)> {
        if self.sorted.is_empty() {
            return None;
        }
        let name = name.as_bytes();
        let separators = name.iter().enumerate().rev();
        separators
            .filter(|&(at, &byte)| {
                self.lengths & length_bit(at + 1) != 0 && normalize(byte) == b'-'
            })
            .find_map(|(at, _)| self.exact(name.get(..=at)?))
    }

    /// Returns the prefix that equals a text, ignoring separators.
    fn exact(&self, text: &[u8]) -> Option<&(Cow<'static, str>, P)> {
        let order = |prefix: &Cow<'static, str>| {
            let text = text.iter().map(|&byte| normalize(byte));
            prefix.bytes().cmp(text)
        };
        let at = self.sorted.binary_search_by(|(prefix, _)| order(prefix));
        self.sorted.get(at.ok()?)
    }
}

const fn length_bit(len: usize) -> u64 {
    1 << if len < 63 { len } else { 63 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_prefix_is_found_whatever_the_separators() {
        let names = ["x-a-", "x-a-b-", "x-c-", "x-a-b-", "y-a-"];
        let long = format!("x-{}-", "l".repeat(100));
        let prefixes = names.map(|name| (Cow::Borrowed(name), name.len()));
        let prefixes = Prefixes::new(
            [(long.clone().into(), 0)]
                .into_iter()
                .chain(prefixes)
                .collect(),
        );
        for (name, expected) in [
            ("x-a-c", Some("x-a-")),
            ("x-a-b-c", Some("x-a-b-")),
            ("x_a.b-c", Some("x-a-b-")),
            ("x-a-b", Some("x-a-")),
            ("x-a-", Some("x-a-")),
            ("x-ab-c", None),
            ("x-a", None),
            ("", None),
            ("---", None),
        ] {
            let found = prefixes.find(name).map(|(prefix, _)| &**prefix);
            assert_eq!(found, expected, "{name}");
        }
        assert!(prefixes.find(&format!("{long}x")).is_some());
        assert!(Prefixes::<()>::new(Vec::new()).find("x-a-b").is_none());
    }
}
