//! Sets of header names. A look-up finds a name of the set and its look-alikes.
//!
//! | file | step |
//! |---|---|
//! | `prefilter.rs` | excludes most names outside the set by their first letters |
//! | `prefixes.rs` | the longest prefix of a name |
//! | `mod.rs` | `HeaderSet::find`: a name, a look-alike, a vendor's session, a prefix |
//! | `separators.rs` | comparison that ignores separators |
//! | `vendors.rs` | patterns of `x-<vendor>-session-id`, and the owner of such a name |
//! | `connection.rs` | headers that are nominated by `Connection` |
//! | `pairs.rs` | headers from pairs of name and value |
//! | `removal.rs` | `HeaderSet::remove_from`: headers, nominations, members of baggage |
//!
//! Invariant: a name and its look-alikes are in the same bucket, and all of them pass the
//! prefilter.

pub(crate) mod connection;
pub(crate) mod pairs;
pub(crate) mod prefilter;
mod prefixes;
mod removal;
pub(crate) mod separators;
pub(crate) mod vendors;

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, header::CONNECTION};

pub(crate) use self::removal::{Removable, Removal};
use self::{
    prefilter::Prefilter,
    prefixes::Prefixes,
    separators::{eq_ignoring_separators, normalize},
    vendors::{VendorPattern, VendorSession, Verdict, verdict},
};
use crate::encoding::baggage;

/// Set of header names. `N` is kept for each name, `P` for each prefix.
///
/// Every separator counts as `-`, as it does for some servers. So one look-up finds a
/// known name and its look-alikes.
#[derive(Clone, Debug)]
pub(crate) struct HeaderSet<N, P> {
    /// Names by their hash. The number of buckets is a power of two.
    buckets: Box<[Bucket<N>]>,
    prefixes: Prefixes<P>,
    patterns: Vec<VendorPattern>,
    /// Keys of the baggage members that belong to the set.
    baggage_keys: Vec<Cow<'static, str>>,
    /// First letters of all names and prefixes, of `Connection`, which may nominate them, and
    /// of `baggage`, if it may have members of the set.
    prefilter: Prefilter,
}

/// Names with the same hash. A boxed slice, because a `Vec` has room for four entries, and most
/// buckets have one, which is some hundred bytes long.
type Bucket<N> = Box<[(Cow<'static, str>, N)]>;

/// Match of a header's name with a set.
#[derive(Debug)]
pub(crate) enum Match<'s, 'n, N, P> {
    /// A name of the set.
    Exact(&'s N),
    /// A name with a prefix of the set, and without another match.
    Prefix(&'s P),
    /// `x-<vendor>-session-id`. The name may have a prefix of the set too.
    Vendor {
        vendor: &'n str,
        prefix: Option<&'s P>,
    },
    /// A look-alike of a name of the set, or of a name that a prefix or a pattern matches.
    LookAlike(Option<&'s N>),
}

impl<N, P> HeaderSet<N, P> {
    /// Creates a set. If prefixes are equal, the first is kept.
    pub(crate) fn new(
        names: Vec<(Cow<'static, str>, N)>,
        prefixes: Vec<(Cow<'static, str>, P)>,
        patterns: Vec<VendorPattern>,
        baggage_keys: Vec<Cow<'static, str>>,
    ) -> Self {
        let prefixes = Prefixes::new(prefixes);
        let mut prefilter = Prefilter::default();
        prefilter.add(CONNECTION.as_str().as_bytes());
        if !baggage_keys.is_empty() {
            // The header is not in the set, but its members are removed.
            prefilter.add(baggage::NAME.as_str().as_bytes());
        }
        for name in names.iter().map(|(name, _)| name).chain(prefixes.names()) {
            prefilter.add(name.as_bytes());
        }
        // At least twice as many buckets as names, so that most have at most one name.
        let count = (names.len() * 2).next_power_of_two();
        let mut buckets: Vec<Vec<_>> = (0..count).map(|_| Vec::new()).collect();
        for (name, kept) in names {
            let bucket = buckets.get_mut(hash(name.as_bytes(), count));
            debug_assert!(bucket.is_some(), "a hash is below the number of buckets");
            if let Some(bucket) = bucket {
                bucket.push((name, kept));
            }
        }
        Self {
            buckets: buckets.into_iter().map(Vec::into_boxed_slice).collect(),
            prefixes,
            patterns,
            baggage_keys,
            prefilter,
        }
    }

    /// Makes [`might_contain`](Self::might_contain) return true for this name too, which
    /// is not in the set.
    pub(crate) fn also_match(&mut self, name: &HeaderName) {
        self.prefilter.add(name.as_str().as_bytes());
    }

    /// Returns true if a name may be in the set, if it is `Connection`, or if it was added
    /// with [`also_match`](Self::also_match).
    #[inline]
    pub(crate) fn might_contain(&self, name: &HeaderName) -> bool {
        self.prefilter.might_contain(name) || (!self.patterns.is_empty() && ends_in_d(name))
    }

    /// Returns true if one of the headers may be in the set, or is `Connection`.
    #[inline]
    fn might_contain_any(&self, headers: &HeaderMap) -> bool {
        // Nearly always no header is in the set. So a loop over all of them, without a
        // branch for each, costs less than one that stops at the first.
        let any = headers
            .keys()
            .fold(false, |any, name| any | self.prefilter.might_contain(name));
        any || (!self.patterns.is_empty() && headers.keys().any(ends_in_d))
    }

    /// Returns the match of a header's name. The name is in lower case, as in a
    /// `HeaderName`.
    pub(crate) fn find<'n>(&self, name: &'n str) -> Option<Match<'_, 'n, N, P>> {
        self.find_name(name).or_else(|| self.find_pattern(name))
    }

    /// Returns true if a name is in the set or a look-alike of one that is.
    pub(crate) fn contains(&self, name: &HeaderName) -> bool {
        self.find(name.as_str()).is_some()
    }

    #[inline(always)]
    fn find_name<'n>(&self, name: &'n str) -> Option<Match<'_, 'n, N, P>> {
        let bucket = self.bucket(name);
        if let Some((_, kept)) = bucket.iter().find(|(known, _)| known == name) {
            return Some(Match::Exact(kept));
        }
        let (_, kept) = look_alikes(bucket, name).next()?;
        Some(Match::LookAlike(Some(kept)))
    }

    fn find_pattern<'n>(&self, name: &'n str) -> Option<Match<'_, 'n, N, P>> {
        let prefix = self.find_prefix(name);
        let session = VendorSession::parse(name).filter(|session| {
            matches!(verdict(&self.patterns, session.vendor), Verdict::Carries(_))
        });
        match session {
            // The pattern comes before the prefix, so that a session of a vendor with an
            // owned prefix is read.
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

    /// Returns the match with a prefix, exact or ignoring separators.
    fn find_prefix<'n>(&self, name: &'n str) -> Option<Match<'_, 'n, N, P>> {
        let (prefix, kept) = self.prefixes.find(name)?;
        Some(if name.starts_with(prefix.as_ref()) {
            Match::Prefix(kept)
        } else {
            Match::LookAlike(None)
        })
    }

    /// Returns the bucket of a name and all of its look-alikes.
    fn bucket(&self, name: &str) -> &[(Cow<'static, str>, N)] {
        let at = hash(name.as_bytes(), self.buckets.len());
        // There is at least one bucket, and a hash is below their number.
        self.buckets.get(at).map(AsRef::as_ref).unwrap_or_default()
    }
}

/// Returns an iterator over the entries of a bucket whose name equals a name, or is a
/// look-alike of it.
fn look_alikes<'s, N>(
    bucket: &'s [(Cow<'static, str>, N)],
    name: &str,
) -> impl Iterator<Item = &'s (Cow<'static, str>, N)> {
    bucket
        .iter()
        .filter(move |(known, _)| eq_ignoring_separators(known.as_bytes(), name.as_bytes()))
}

/// Returns the index of the bucket for a name and all of its look-alikes. The number of
/// buckets is a power of two.
///
/// It samples the length and three bytes, at the middle, at the end and at three quarters.
/// Vendors' names share their beginnings (`x-`) and many of their ends (`-id`), and the
/// comparison that follows costs less than hashing every byte would. Of the 76 names of
/// `clients()` (2026-11), at most 3 share a bucket.
///
/// An attacker cannot fill a bucket, because only the conventions' names are in the set. A
/// name of a request is only looked up.
fn hash(name: &[u8], buckets: usize) -> usize {
    let len = name.len();
    let mixed = [len / 2, len.wrapping_sub(1), len / 4 * 3]
        .into_iter()
        .fold(len, |mixed, at| mixed.wrapping_mul(31) ^ sample(name, at));
    (mixed ^ (mixed >> 7)) & buckets.saturating_sub(1)
}

/// Returns the byte at `at` as [`normalize`] returns it, or 0 if the name is empty.
fn sample(name: &[u8], at: usize) -> usize {
    name.get(at).map_or(0, |&byte| usize::from(normalize(byte)))
}

/// Returns true for every name that ends in `-session-id`, for its look-alikes, and for
/// few other names.
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
