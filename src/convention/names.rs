//! Finding known header names among those of a request, look-alikes included.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, header::CONNECTION};

use super::{
    prefilter::Prefilter,
    vendors::{VendorPattern, Verdict, verdict},
};

/// A set of header names: single ones, whole families that share a prefix,
/// and `x-<vendor>-session-id`.
///
/// Names are looked up by how a careless server would see them: separators
/// other than `-` count as `-`. So one look-up tells a known name and its
/// look-alikes from all others.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Names by their hash; a power of two of them.
    buckets: Vec<Vec<Name>>,
    families: Vec<(Cow<'static, str>, usize)>,
    vendors: Vec<VendorPattern>,
    /// First letters of all of them and of `Connection`.
    prefilter: Prefilter,
}

#[derive(Clone, Debug)]
struct Name {
    name: Cow<'static, str>,
    target: usize,
}

/// Meaning of a header's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// The name with this target, letter for letter.
    Name(usize),
    /// A look-alike of the name with this target, or of a family's.
    LookAlike(Option<usize>),
    /// `x-<vendor>-session-id`, for this vendor.
    Vendor(&'a str),
    /// Of the family with this target, with no meaning that is known.
    Family(usize),
}

impl Found<'_> {
    /// The target of the name that it is, or looks like.
    pub(super) const fn target(self) -> Option<usize> {
        match self {
            Self::Name(target) => Some(target),
            Self::LookAlike(target) => target,
            Self::Vendor(_) | Self::Family(_) => None,
        }
    }
}

impl Names {
    pub(super) fn new(
        names: impl IntoIterator<Item = (Cow<'static, str>, usize)>,
        families: impl IntoIterator<Item = (Cow<'static, str>, usize)>,
        vendors: impl IntoIterator<Item = VendorPattern>,
    ) -> Self {
        let names: Vec<_> = names.into_iter().collect();
        let mut set = Self {
            buckets: vec![Vec::new(); (names.len() * 2).next_power_of_two()],
            vendors: vendors.into_iter().collect(),
            ..Self::default()
        };
        set.also_match(&CONNECTION);
        for (name, target) in names {
            set.prefilter.add(name.as_bytes());
            let hash = set.hash(name.as_bytes());
            if let Some(bucket) = set.buckets.get_mut(hash) {
                bucket.push(Name { name, target });
            }
        }
        set.families = families.into_iter().collect();
        set.families.sort();
        set.families.dedup_by(|later, first| later.0 == first.0);
        for (family, _) in &set.families {
            set.prefilter.add(family.as_bytes());
        }
        set
    }

    /// Lets this name pass too, though it is none of the set.
    pub(super) fn also_match(&mut self, name: &HeaderName) {
        self.prefilter.add(name.as_str().as_bytes());
    }

    /// Returns true if a header may be one of these, or one that is let pass, as
    /// `Connection` is. Most are not, and are told from their first letters.
    #[inline]
    pub(super) fn might_contain(&self, name: &HeaderName) -> bool {
        self.prefilter.might_contain(name) || (!self.vendors.is_empty() && ends_in_d(name))
    }

    /// Returns true if one of the headers may be one of these, or `Connection`.
    #[inline]
    pub(super) fn might_contain_any(&self, headers: &HeaderMap) -> bool {
        // Nearly always none is, so looking at all of them costs less than
        // stopping at the first.
        let any = headers
            .keys()
            .fold(false, |any, name| any | self.prefilter.might_contain(name));
        any || (!self.vendors.is_empty() && headers.keys().any(ends_in_d))
    }

    /// Returns what a header's name is. The name is in lower case, as `http`
    /// keeps it.
    pub(super) fn find<'a>(&self, name: &'a str) -> Option<Found<'a>> {
        if let Some(found) = self.single(name) {
            return Some(found);
        }
        let session = self.vendor_session(name);
        // A vendor's session counts as such also where the vendor has a family.
        if let Some(Found::Vendor(_)) = session {
            return session;
        }
        self.of_family(name).or(session)
    }

    /// Returns the target of the family that a name belongs to.
    pub(super) fn family(&self, name: &str) -> Option<usize> {
        match self.of_family(name)? {
            Found::Family(target) => Some(target),
            _ => None,
        }
    }

    fn single<'a>(&self, name: &str) -> Option<Found<'a>> {
        let bytes = name.as_bytes();
        let bucket = self.buckets.get(self.hash(bytes))?;
        if let Some(known) = bucket.iter().find(|known| known.name == name) {
            return Some(Found::Name(known.target));
        }
        let mut bucket = bucket.iter();
        let twin = bucket.find(|known| eq_ignoring_separators(known.name.as_bytes(), bytes))?;
        Some(Found::LookAlike(Some(twin.target)))
    }

    /// Returns true if a name begins with a family's prefix, letter for letter or
    /// nearly so.
    fn of_family<'a>(&self, name: &str) -> Option<Found<'a>> {
        let begins = |family: &str| {
            let start = name.as_bytes().get(..family.len());
            start.is_some_and(|start| eq_ignoring_separators(family.as_bytes(), start))
        };
        let mut families = self.families.iter();
        let (family, target) = families.find(|(family, _)| begins(family))?;
        Some(if name.starts_with(family.as_ref()) {
            Found::Family(*target)
        } else {
            Found::LookAlike(None)
        })
    }

    /// Takes `x-<vendor>-session-id` apart.
    fn vendor_session<'a>(&self, name: &'a str) -> Option<Found<'a>> {
        const START: &str = "x-";
        const END: &str = "-session-id";
        let vendor = name.len().checked_sub(END.len())?;
        let (start, rest) = name.split_at_checked(START.len())?;
        let (vendor, end) = rest.split_at_checked(vendor.checked_sub(START.len())?)?;
        if vendor.is_empty()
            || !eq_ignoring_separators(START.as_bytes(), start.as_bytes())
            || !eq_ignoring_separators(END.as_bytes(), end.as_bytes())
            || !matches!(verdict(&self.vendors, vendor), Verdict::Carries(_))
        {
            return None;
        }
        let exact =
            start == START && end == END && vendor.bytes().all(|byte| normalize(byte) == byte);
        Some(if exact {
            Found::Vendor(vendor)
        } else {
            Found::LookAlike(None)
        })
    }

    /// The bucket of a name and of all its look-alikes. It takes samples only:
    /// names share much of their text.
    fn hash(&self, bytes: &[u8]) -> usize {
        let len = bytes.len();
        let mixed = [len / 2, len.wrapping_sub(1), len / 4 * 3]
            .into_iter()
            .fold(len, |mixed, at| mixed.wrapping_mul(31) ^ sample(bytes, at));
        (mixed ^ (mixed >> 7)) & self.buckets.len().saturating_sub(1)
    }
}

/// As all names do that end in `-session-id`.
#[inline]
fn ends_in_d(name: &HeaderName) -> bool {
    name.as_str().as_bytes().last() == Some(&b'd')
}

fn sample(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at)
        .map_or(0, |&byte| usize::from(normalize(byte)))
}

/// Returns true if two names of lower case differ in nothing but separators.
pub(super) fn eq_ignoring_separators(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .all(|(&left, &right)| left == right || normalize(left) == normalize(right))
}

/// Every character of a name that is no letter or digit separates words.
#[inline]
pub(super) fn normalize(byte: u8) -> u8 {
    NORMALIZED.get(usize::from(byte)).copied().unwrap_or(b'-')
}

const NORMALIZED: [u8; 256] = normalized();

const fn normalized() -> [u8; 256] {
    let mut normalized = [b'-'; 256];
    let mut rest: &mut [u8] = &mut normalized;
    let mut byte = 0_u8;
    while let [first, others @ ..] = rest {
        if byte.is_ascii_alphanumeric() {
            *first = byte.to_ascii_lowercase();
        }
        byte = byte.wrapping_add(1);
        rest = others;
    }
    normalized
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN_SEPARATORS: &str = "!#$%&'*+.^_`|~";

    fn names() -> Names {
        Names::new(
            [("x-zoo-task-id", 0), ("session-id", 1), ("session_id", 2)]
                .map(|(name, target)| (Cow::Borrowed(name), target)),
            [(Cow::Borrowed("x-zoo-"), 7)],
            [VendorPattern::AGENTS],
        )
    }

    #[test]
    fn finds_each_name_letter_for_letter() {
        assert_eq!(names().find("x-zoo-task-id"), Some(Found::Name(0)));
        assert_eq!(names().find("session-id"), Some(Found::Name(1)));
        assert_eq!(names().find("session_id"), Some(Found::Name(2)));
        assert_eq!(names().find("session-ids"), None);
        assert_eq!(names().find(""), None);
        assert_eq!(Names::default().find("session-id"), None);
    }

    #[test]
    fn tells_every_look_alike() {
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
                    let found = names().find(&twin);
                    let is_family = twin.starts_with("x-zoo-") && name == "x-zoo-new";
                    match found {
                        Some(Found::LookAlike(_)) => {}
                        Some(Found::Name(2)) => assert_eq!(twin, "session_id"),
                        Some(Found::Family(7)) => assert!(is_family, "{twin}"),
                        _ => panic!("{twin}: {found:?}"),
                    }
                }
            }
        }
    }

    #[test]
    fn takes_vendors_sessions_apart() {
        assert_eq!(
            names().find("x-pochi-session-id"),
            Some(Found::Vendor("pochi"))
        );
        assert_eq!(names().find("x-a-b-session-id"), Some(Found::Vendor("a-b")));
        for other in [
            "x-session-id",
            "x--session-id",
            "x-mcp-session-id",
            "pochi-session-id",
            "x-pochi-session-id-v2",
        ] {
            assert_eq!(names().find(other), None, "{other}");
        }
    }

    #[test]
    fn knows_a_family_by_its_start() {
        assert_eq!(names().find("x-zoo-anything"), Some(Found::Family(7)));
        assert_eq!(names().find("x.zoo-anything"), Some(Found::LookAlike(None)));
        assert_eq!(names().find("x-zoom"), None);
    }
}
