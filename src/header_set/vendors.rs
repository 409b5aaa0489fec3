//! Headers named `x-<vendor>-session-id`: their owner, and the field that they carry.

use super::separators::{eq_ignoring_separators, normalize};
use crate::{FieldKey, ParentSessionId, SessionId, limits::ValueLimits};

/// Pattern by which a convention reads headers named `x-<vendor>-session-id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VendorPattern {
    pub(crate) vendors: Vendors,
    /// The field that `x-<vendor>-parent-session-id` carries.
    pub(crate) parent: FieldKey,
    /// Limits on the value. A value outside them is skipped.
    pub(crate) limits: ValueLimits,
    /// True if the vendor in the header's name is the client's name.
    pub(crate) names_client: bool,
}

/// Vendors whose headers a pattern reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendors {
    /// These vendors, in alphabetical order for binary search.
    Listed(&'static [&'static str]),
    /// All vendors, except names that do not stand for an agent: see [`is_no_agent`].
    Agents,
    /// All names of this form, even if they have it by accident.
    All,
}

/// Verdict of one pattern on a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The header carries this field.
    Carries(FieldKey),
    /// The pattern does not know the vendor. The next pattern decides.
    Unknown,
    /// The header has this form by accident. No later pattern decides.
    NotASession,
}

impl VendorPattern {
    /// Pattern for the agents of all vendors.
    pub(crate) const AGENTS: Self = Self {
        vendors: Vendors::Agents,
        parent: FieldKey::of::<ParentSessionId>(),
        limits: ValueLimits::new(),
        names_client: true,
    };

    /// Returns the verdict on the header `x-<vendor>-session-id`.
    pub(crate) fn verdict(&self, vendor: &str) -> Verdict {
        let field = if is_parent(vendor) {
            self.parent
        } else {
            FieldKey::of::<SessionId>()
        };
        match self.vendors {
            Vendors::All => Verdict::Carries(field),
            _ if is_no_agent(vendor) => Verdict::NotASession,
            Vendors::Listed(vendors) if !is_listed(vendors, vendor) => Verdict::Unknown,
            Vendors::Listed(_) | Vendors::Agents => Verdict::Carries(field),
        }
    }
}

/// Returns the verdict of the first pattern that knows the vendor.
pub(crate) fn verdict(patterns: &[VendorPattern], vendor: &str) -> Verdict {
    patterns
        .iter()
        .map(|pattern| pattern.verdict(vendor))
        .find(|verdict| *verdict != Verdict::Unknown)
        .unwrap_or(Verdict::Unknown)
}

/// Name of the form `x-<vendor>-session-id`.
pub(crate) struct VendorSession<'n> {
    pub(crate) vendor: &'n str,
    /// True if all separators are hyphens.
    pub(crate) is_exact: bool,
}

impl<'n> VendorSession<'n> {
    /// Parses a name in lower case, with any separators.
    pub(crate) fn parse(name: &'n str) -> Option<Self> {
        const START: &str = "x-";
        const END: &str = "-session-id";
        let vendor_end = name.len().checked_sub(END.len())?;
        let (start, rest) = name.split_at_checked(START.len())?;
        let (vendor, end) = rest.split_at_checked(vendor_end.checked_sub(START.len())?)?;
        if vendor.is_empty()
            || !eq_ignoring_separators(START.as_bytes(), start.as_bytes())
            || !eq_ignoring_separators(END.as_bytes(), end.as_bytes())
        {
            return None;
        }
        let is_exact =
            start == START && end == END && vendor.bytes().all(|byte| normalize(byte) == byte);
        Some(Self { vendor, is_exact })
    }
}

/// Returns true if a `User-Agent` begins with the vendor's name as a whole word.
pub(crate) fn is_agent_of(agent: &str, vendor: &str) -> bool {
    let Some((start, rest)) = agent.split_at_checked(vendor.len()) else {
        return false;
    };
    let ends_word = !rest.starts_with(|char: char| char.is_ascii_alphanumeric());
    start.eq_ignore_ascii_case(vendor) && ends_word
}

fn is_listed(vendors: &[&str], vendor: &str) -> bool {
    // `x-opencode-parent-session-id` is a header of the listed vendor `opencode`. If the
    // vendor's name is `parent` alone, there is nothing to cut.
    let end = vendor.len().checked_sub("-parent".len());
    let end = end.filter(|_| is_parent(vendor));
    let own = end.and_then(|end| vendor.get(..end)).unwrap_or(vendor);
    // Separators are equal here, so that a look-alike is listed too.
    let normalized = || own.bytes().map(normalize);
    vendors
        .binary_search_by(|known| known.bytes().cmp(normalized()))
        .is_ok()
}

/// First words that do not name a vendor: in `x-request-id` and names like it, and in
/// prefixes that have another owner. Sorted for binary search.
const OTHER_OWNERS: &[&str] = &[
    "amz",
    "amzn",
    "auth",
    "b3",
    "cache",
    "client",
    "content",
    "correlation",
    "envoy",
    "forwarded",
    "goog",
    "http",
    "ms",
    "original",
    "real",
    "request",
    "session",
    "stainless",
];

/// First words of the headers with which analytics and monitoring scripts link a person's
/// page views. Sorted for binary search.
const ANALYTICS: &[&str] = &[
    "amplitude",
    "bugsnag",
    "datadog",
    "dd",
    "dynatrace",
    "fullstory",
    "hotjar",
    "logrocket",
    "matomo",
    "mixpanel",
    "newrelic",
    "posthog",
    "rudderstack",
    "segment",
    "sentry",
];

/// Returns true if headers that begin with `x-<vendor>-` have another owner.
pub(crate) fn has_other_owner(vendor: &str) -> bool {
    let mut words = words(vendor);
    // A string has at least one word, which may be empty. If it has only one, the first is
    // also the last.
    let first = words.next().unwrap_or_default();
    words.last().unwrap_or(first) == "mcp" || OTHER_OWNERS.binary_search(&first).is_ok()
}

/// Returns true if `x-<vendor>-session-id` is not a conversation with an agent: MCP's
/// transport session, the container of a remote Claude Code, the session of an analytics
/// script, or a header with another owner.
pub(crate) fn is_no_agent(vendor: &str) -> bool {
    // A string has at least one word, which may be empty.
    let first = words(vendor).next().unwrap_or_default();
    has_other_owner(vendor)
        || ANALYTICS.binary_search(&first).is_ok()
        || words(vendor).eq(["claude", "remote"])
}

/// Returns true if `x-<vendor>-session-id` carries the session of a parent.
pub(crate) fn is_parent(vendor: &str) -> bool {
    words(vendor).last() == Some("parent")
}

/// Returns an iterator over the words of a name, with any separators between them.
fn words(vendor: &str) -> impl Iterator<Item = &str> {
    vendor.split(|char: char| !char.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_binary_search() {
        for list in [OTHER_OWNERS, ANALYTICS] {
            assert!(list.is_sorted());
        }
    }

    #[test]
    fn verdict_of_the_first_pattern_that_knows_the_vendor_counts() {
        let session = Verdict::Carries(FieldKey::of::<SessionId>());
        let parent = Verdict::Carries(FieldKey::of::<ParentSessionId>());
        let listed = VendorPattern {
            vendors: Vendors::Listed(&["opencode", "pochi"]),
            ..VendorPattern::AGENTS
        };
        let all = VendorPattern {
            vendors: Vendors::All,
            parent: FieldKey::of::<SessionId>(),
            ..VendorPattern::AGENTS
        };
        let clients = [listed, VendorPattern::AGENTS, all];
        for (vendor, expected) in [
            ("pochi", session),
            ("unheard-of", session),
            ("opencode-parent", parent),
            ("unheard-of-parent", parent),
            ("posthog", Verdict::NotASession),
            ("claude-remote", Verdict::NotASession),
            ("acme-mcp", Verdict::NotASession),
            ("amzn-bedrock-agentcore-runtime", Verdict::NotASession),
        ] {
            assert_eq!(verdict(&clients, vendor), expected, "{vendor}");
            assert_eq!(verdict(&[all], vendor), session, "{vendor}");
        }
        let listed = [listed];
        assert_eq!(verdict(&listed, "pochi"), session);
        assert_eq!(verdict(&listed, "opencode-parent"), parent);
        assert_eq!(verdict(&listed, "unheard-of"), Verdict::Unknown);
        assert_eq!(verdict(&[], "pochi"), Verdict::Unknown);
    }

    #[test]
    fn user_agent_names_a_vendor_by_a_whole_word() {
        for agent in ["acme/1.0", "Acme-CLI/2 (x)", "ACME", "acme_rs"] {
            assert!(is_agent_of(agent, "acme"), "{agent}");
        }
        for agent in ["acmeist/1.0", "my-acme/1", "acm", "", "ac\u{e9}me"] {
            assert!(!is_agent_of(agent, "acme"), "{agent}");
        }
    }
}
