//! Sets of header names, look-alikes included: a name comes in, a `Match` goes out.
//!
//! | file | step |
//! |---|---|
//! | `prefilter.rs` | excludes most names by three of their letters |
//! | `mod.rs` | `HeaderSet::find`: the name itself, a look-alike, a vendor's session, a prefix |
//! | `separators.rs` | comparison that ignores separators |
//! | `vendors.rs` | patterns of `x-<vendor>-session-id`, and the owners of such names |
//! | `connection.rs` | names that `Connection` nominates |
//! | `pairs.rs` | headers from pairs of name and value |
//! | `removal.rs` | `HeaderSet::remove_from`: headers, nominations, members of baggage |
//!
//! Invariant: every look-alike of a name has the name's bucket and passes the prefilter.

pub(crate) mod connection;
pub(crate) mod pairs;
pub(crate) mod prefilter;
mod removal;
pub(crate) mod separators;
pub(crate) mod vendors;

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, header::CONNECTION};

pub(crate) use self::removal::Removable;
use self::{
    prefilter::Prefilter,
    separators::{eq_ignoring_separators, normalize},
    vendors::{VendorPattern, VendorSession, Verdict, verdict},
};

/// Set of header names, with what is kept for a name (`N`) and for a prefix (`P`).
///
/// Every separator counts as `-`, because servers that map names to variables see them so.
/// One look-up finds a name and its look-alikes.
#[derive(Clone, Debug)]
pub(crate) struct HeaderSet<N, P> {
    /// Names by their hash; a power of two of them.
    buckets: Vec<Vec<(Cow<'static, str>, N)>>,
    prefixes: Vec<(Cow<'static, str>, P)>,
    patterns: Vec<VendorPattern>,
    /// Keys of the members of baggage that are removed with the set.
    baggage_keys: Vec<Cow<'static, str>>,
    /// First letters of all of them and of `Connection`.
    prefilter: Prefilter,
}

/// Match of a header's name with a set.
#[derive(Debug)]
pub(crate) enum Match<'s, 'n, N, P> {
    /// A name of the set, byte by byte.
    Exact(&'s N),
    /// A name with a prefix of the set, and no meaning that is known.
    Prefix(&'s P),
    /// `x-<vendor>-session-id`, which may begin with a prefix of the set too.
    Vendor {
        vendor: &'n str,
        prefix: Option<&'s P>,
    },
    /// A look-alike of a name of the set, or of a name that would be in it by a prefix or
    /// a pattern.
    LookAlike(Option<&'s N>),
}

impl<N, P> HeaderSet<N, P> {
    /// Creates a set. Of equal prefixes, the first is kept.
    pub(crate) fn new(
        names: Vec<(Cow<'static, str>, N)>,
        mut prefixes: Vec<(Cow<'static, str>, P)>,
        patterns: Vec<VendorPattern>,
        baggage_keys: Vec<Cow<'static, str>>,
    ) -> Self {
        // The sort is stable, so the first of equal prefixes stays.
        prefixes.sort_by(|(one, _), (other, _)| one.cmp(other));
        prefixes.dedup_by(|(later, _), (first, _)| later == first);
        let mut prefilter = Prefilter::default();
        prefilter.add(CONNECTION.as_str().as_bytes());
        let prefix_names = prefixes.iter().map(|(prefix, _)| prefix);
        for name in names.iter().map(|(name, _)| name).chain(prefix_names) {
            prefilter.add(name.as_bytes());
        }
        // At most half full, so that most buckets have one name or none.
        let count = (names.len() * 2).next_power_of_two();
        let mut buckets: Vec<Vec<_>> = (0..count).map(|_| Vec::new()).collect();
        for (name, kept) in names {
            if let Some(bucket) = buckets.get_mut(hash(name.as_bytes(), count)) {
                bucket.push((name, kept));
            }
        }
        Self {
            buckets,
            prefixes,
            patterns,
            baggage_keys,
            prefilter,
        }
    }

    /// Lets [`might_contain`](Self::might_contain) return true for a name outside the set.
    pub(crate) fn also_match(&mut self, name: &HeaderName) {
        self.prefilter.add(name.as_str().as_bytes());
    }

    /// Returns true if a header may be in the set. It is always true for `Connection`, and
    /// for the names of [`also_match`](Self::also_match).
    #[inline]
    pub(crate) fn might_contain(&self, name: &HeaderName) -> bool {
        self.prefilter.might_contain(name) || (!self.patterns.is_empty() && ends_in_d(name))
    }

    /// Returns true if one of the headers may be in the set, or is `Connection`.
    #[inline]
    fn might_contain_any(&self, headers: &HeaderMap) -> bool {
        // Nearly always none is, so checking all of them without a branch costs less than
        // stopping at the first.
        let any = headers
            .keys()
            .fold(false, |any, name| any | self.prefilter.might_contain(name));
        any || (!self.patterns.is_empty() && headers.keys().any(ends_in_d))
    }

    /// Returns the match of a header's name in lower case.
    pub(crate) fn find<'n>(&self, name: &'n str) -> Option<Match<'_, 'n, N, P>> {
        self.find_name(name).or_else(|| self.find_pattern(name))
    }

    /// Returns true if a header's name is in the set, or looks like one that is.
    pub(crate) fn contains(&self, name: &HeaderName) -> bool {
        self.find(name.as_str()).is_some()
    }

    fn find_name<'n>(&self, name: &'n str) -> Option<Match<'_, 'n, N, P>> {
        let bucket = self.bucket(name);
        if let Some((_, kept)) = bucket.iter().find(|(known, _)| known == name) {
            return Some(Match::Exact(kept));
        }
        let (_, kept) = alike(bucket, name).next()?;
        Some(Match::LookAlike(Some(kept)))
    }

    fn find_pattern<'n>(&self, name: &'n str) -> Option<Match<'_, 'n, N, P>> {
        let prefix = self.find_prefix(name);
        let session = VendorSession::parse(name).filter(|session| {
            matches!(verdict(&self.patterns, session.vendor), Verdict::Carries(_))
        });
        match session {
            // A vendor's session counts as such also if the vendor has a prefix.
            Some(session) if session.is_exact => Some(Match::Vendor {
                vendor: session.vendor,
                prefix: match prefix {
                    Some(Match::Prefix(kept)) => Some(kept),
                    _ => None,
                },
            }),
            session => prefix.or(session.map(|_| Match::LookAlike(None))),
        }
    }

    /// Returns the match with a prefix, byte by byte or ignoring separators.
    fn find_prefix<'n>(&self, name: &'n str) -> Option<Match<'_, 'n, N, P>> {
        let (prefix, kept) = self.prefixes.iter().find(|(prefix, _)| {
            let start = name.as_bytes().get(..prefix.len());
            start.is_some_and(|start| eq_ignoring_separators(prefix.as_bytes(), start))
        })?;
        Some(if name.starts_with(prefix.as_ref()) {
            Match::Prefix(kept)
        } else {
            Match::LookAlike(None)
        })
    }

    /// Returns the names with the hash of this name, which include all of its look-alikes.
    fn bucket(&self, name: &str) -> &[(Cow<'static, str>, N)] {
        let at = hash(name.as_bytes(), self.buckets.len());
        self.buckets.get(at).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Returns an iterator over the names of a bucket that a name equals or looks like.
fn alike<'s, N>(
    bucket: &'s [(Cow<'static, str>, N)],
    name: &str,
) -> impl Iterator<Item = &'s (Cow<'static, str>, N)> {
    let is_alike = move |known: &str| eq_ignoring_separators(known.as_bytes(), name.as_bytes());
    bucket.iter().filter(move |(known, _)| is_alike(known))
}

/// Returns the bucket, of a power of two of them, for a name and all of its look-alikes.
///
/// It samples the length and three bytes, at the middle, the end and three quarters:
/// vendors' names share their beginnings (`x-`) and many of their ends (`-id`), and
/// hashing every byte would cost more than the comparison that follows.
fn hash(name: &[u8], buckets: usize) -> usize {
    let len = name.len();
    let mixed = [len / 2, len.wrapping_sub(1), len / 4 * 3]
        .into_iter()
        .fold(len, |mixed, at| mixed.wrapping_mul(31) ^ sample(name, at));
    (mixed ^ (mixed >> 7)) & buckets.saturating_sub(1)
}

fn sample(name: &[u8], at: usize) -> usize {
    name.get(at).map_or(0, |&byte| usize::from(normalize(byte)))
}

/// Returns true for all names that end in `-session-id`, and for few others.
#[inline]
fn ends_in_d(name: &HeaderName) -> bool {
    name.as_str().as_bytes().last() == Some(&b'd')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN_SEPARATORS: &str = "!#$%&'*+.^_`|~";

    fn set() -> HeaderSet<u8, u8> {
        let names = [("x-zoo-task-id", 0), ("session-id", 1), ("session_id", 2)];
        HeaderSet::new(
            names.map(|(name, kept)| (name.into(), kept)).into(),
            vec![("x-zoo-".into(), 7)],
            vec![VendorPattern::AGENTS],
            Vec::new(),
        )
    }

    #[track_caller]
    fn assert_found(name: &str, expected: &str) {
        assert_eq!(format!("{:?}", set().find(name)), expected, "{name}");
    }

    #[test]
    fn name_is_found_byte_by_byte() {
        assert_found("x-zoo-task-id", "Some(Exact(0))");
        assert_found("session-id", "Some(Exact(1))");
        assert_found("session_id", "Some(Exact(2))");
        assert_found("session-ids", "None");
        assert_found("", "None");
        let empty = HeaderSet::<(), ()>::new(Vec::new(), Vec::new(), Vec::new(), Vec::new());
        assert!(empty.find("session-id").is_none());
    }

    #[test]
    fn name_with_another_separator_is_a_look_alike() {
        for separator in TOKEN_SEPARATORS.chars() {
            for name in [
                "x-zoo-task-id",
                "session-id",
                "x-pochi-session-id",
                "x-zoo-new",
            ] {
                for (at, _) in name.match_indices('-') {
                    let mut twin = name.to_owned();
                    twin.replace_range(at..=at, &separator.to_string());
                    let is_of_prefix = twin.starts_with("x-zoo-") && name == "x-zoo-new";
                    match set().find(&twin) {
                        Some(Match::LookAlike(_)) => {}
                        Some(Match::Exact(2)) => assert_eq!(twin, "session_id"),
                        Some(Match::Prefix(7)) => assert!(is_of_prefix, "{twin}"),
                        found => panic!("{twin}: {found:?}"),
                    }
                }
            }
        }
    }

    #[test]
    fn session_id_of_any_vendor_is_found() {
        let vendor =
            |vendor, prefix| format!("Some(Vendor {{ vendor: {vendor:?}, prefix: {prefix} }})");
        assert_found("x-pochi-session-id", &vendor("pochi", "None"));
        assert_found("x-a-b-session-id", &vendor("a-b", "None"));
        assert_found("x-zoo-session-id", &vendor("zoo", "Some(7)"));
        for other in [
            "x-session-id",
            "x--session-id",
            "x-mcp-session-id",
            "pochi-session-id",
            "x-pochi-session-id-v2",
        ] {
            assert_found(other, "None");
        }
    }

    #[test]
    fn name_with_a_prefix_is_found() {
        assert_found("x-zoo-anything", "Some(Prefix(7))");
        assert_found("x.zoo-anything", "Some(LookAlike(None))");
        assert_found("x-zoom", "None");
    }
}
