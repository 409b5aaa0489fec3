//! Finding known header names among those of a request, look-alikes included.

use std::borrow::Cow;

/// A set of header names: single ones, whole families that share a prefix,
/// and `x-<vendor>-session-id`.
///
/// Names are looked up by how a careless server would see them: separators
/// other than `-` count as `-`. So one look-up tells a known name and its
/// look-alikes from all others.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    names: Vec<Name>,
    /// Where each hash's names begin in `order`; one more than there are hashes.
    starts: Vec<usize>,
    /// Indices in `names`, sorted by hash.
    order: Vec<usize>,
    families: Vec<Cow<'static, str>>,
    vendors: bool,
}

#[derive(Clone, Debug)]
struct Name {
    name: Cow<'static, str>,
    target: usize,
}

/// What a header's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// The name with this target, letter for letter.
    Name(usize),
    /// A look-alike of the name with this target, or of a family's.
    LookAlike(Option<usize>),
    /// `x-<vendor>-session-id`, for this vendor.
    Vendor(&'a str),
    /// Of a family that belongs to a vendor, with no meaning that is known.
    Family,
}

impl Names {
    pub(super) fn new(
        names: impl IntoIterator<Item = (Cow<'static, str>, usize)>,
        families: impl IntoIterator<Item = Cow<'static, str>>,
        vendors: bool,
    ) -> Self {
        let names: Vec<Name> = names
            .into_iter()
            .map(|(name, target)| Name { name, target })
            .collect();
        let hashes = (names.len() * 2).next_power_of_two();
        let mut order: Vec<usize> = (0..names.len()).collect();
        let hash_of = |index: &usize| {
            names
                .get(*index)
                .map_or(0, |name| hash(name.name.as_bytes(), hashes))
        };
        order.sort_by_key(hash_of);
        let starts = (0..=hashes)
            .map(|hash| order.partition_point(|index| hash_of(index) < hash))
            .collect();
        let mut families: Vec<_> = families.into_iter().collect();
        families.sort();
        families.dedup();
        Self {
            names,
            starts,
            order,
            families,
            vendors,
        }
    }

    /// What a header's name is. The name is in lower case, as `http` keeps it.
    pub(super) fn find<'a>(&self, name: &'a str) -> Option<Found<'a>> {
        let bytes = name.as_bytes();
        let mut found = None;
        for known in self.with_hash_of(bytes) {
            if known.name == name {
                return Some(Found::Name(known.target));
            }
            if found.is_none() && alike(known.name.as_bytes(), bytes) {
                found = Some(Found::LookAlike(Some(known.target)));
            }
        }
        if found.is_some() {
            return found;
        }
        let family = self.families.iter().find(|family| {
            bytes
                .get(..family.len())
                .is_some_and(|start| alike(family.as_bytes(), start))
        });
        match family {
            Some(family) if name.starts_with(family.as_ref()) => Some(Found::Family),
            Some(_) => Some(Found::LookAlike(None)),
            None if self.vendors => vendor_session(name),
            None => None,
        }
    }

    fn with_hash_of(&self, bytes: &[u8]) -> impl Iterator<Item = &Name> {
        let at = hash(
            bytes,
            self.starts.len() - usize::from(!self.starts.is_empty()),
        );
        let range = match self.starts.get(at..) {
            Some([start, end, ..]) => *start..*end,
            _ => 0..0,
        };
        self.order
            .get(range)
            .unwrap_or_default()
            .iter()
            .filter_map(|&index| self.names.get(index))
    }
}

/// A hash that is the same for look-alikes, below `hashes`, which is a power
/// of two. It takes samples only: names share much of their text.
fn hash(bytes: &[u8], hashes: usize) -> usize {
    let sample = |at: usize| bytes.get(at).map_or(0, |&byte| usize::from(fold(byte)));
    let len = bytes.len();
    let mixed = [len / 2, len.wrapping_sub(1), len / 4 * 3]
        .into_iter()
        .fold(len, |mixed, at| mixed.wrapping_mul(31) ^ sample(at));
    (mixed ^ (mixed >> 7)) & hashes.saturating_sub(1)
}

/// Whether two names of lower case differ in nothing but separators.
pub(super) fn alike(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .all(|(&left, &right)| left == right || fold(left) == fold(right))
}

/// Every character of a name that is no letter or digit separates words.
const fn fold(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() {
        byte
    } else {
        b'-'
    }
}

/// Takes `x-<vendor>-session-id` apart.
fn vendor_session(name: &str) -> Option<Found<'_>> {
    const START: &str = "x-";
    const END: &str = "-session-id";
    let vendor = name.len().checked_sub(END.len())?;
    let (start, rest) = name.split_at_checked(START.len())?;
    let (vendor, end) = rest.split_at_checked(vendor.checked_sub(START.len())?)?;
    if vendor.is_empty()
        || !alike(START.as_bytes(), start.as_bytes())
        || !alike(END.as_bytes(), end.as_bytes())
    {
        return None;
    }
    let exact = start == START && end == END && vendor.bytes().all(|byte| fold(byte) == byte);
    Some(if exact {
        Found::Vendor(vendor)
    } else {
        Found::LookAlike(None)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN_SEPARATORS: &str = "!#$%&'*+.^_`|~";

    fn names() -> Names {
        Names::new(
            [("x-zoo-task-id", 0), ("session-id", 1), ("session_id", 2)]
                .map(|(name, target)| (Cow::Borrowed(name), target)),
            [Cow::Borrowed("x-zoo-")],
            true,
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
                        Some(Found::Family) => assert!(is_family, "{twin}"),
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
            "pochi-session-id",
            "x-pochi-session-id-v2",
        ] {
            assert_eq!(names().find(other), None, "{other}");
        }
    }

    #[test]
    fn knows_a_family_by_its_start() {
        assert_eq!(names().find("x-zoo-anything"), Some(Found::Family));
        assert_eq!(names().find("x.zoo-anything"), Some(Found::LookAlike(None)));
        assert_eq!(names().find("x-zoom"), None);
    }
}
