//! Headers named `x-<vendor>-session-id`: whose they are, and what they carry.

use super::{ValueLimits, names::normalize};
use crate::{FieldKey, ParentSessionId, SessionId, convention::Charset};

/// A pattern by which a convention reads `x-<vendor>-session-id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendors {
    /// The vendors in [`LISTED`].
    Listed,
    /// Every vendor but those of [`is_no_client`].
    Any,
    /// Every name that LiteLLM's own scan takes, by LiteLLM's rules.
    LiteLlm,
}

/// Verdict of one pattern on a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The header carries this field.
    Carries(FieldKey),
    /// The pattern does not know the vendor; the next one decides.
    Unknown,
    /// The header has the form by accident. No later pattern is asked.
    NotASession,
}

impl Vendors {
    /// Returns what the header `x-<vendor>-session-id` carries.
    pub(super) fn verdict(self, vendor: &str) -> Verdict {
        let field = if is_parent(vendor) {
            FieldKey::of::<ParentSessionId>()
        } else {
            FieldKey::of::<SessionId>()
        };
        match self {
            // LiteLLM takes a parent's id for the session.
            Self::LiteLlm => Verdict::Carries(FieldKey::of::<SessionId>()),
            _ if is_no_client(vendor) => Verdict::NotASession,
            Self::Listed if !is_listed(vendor) => Verdict::Unknown,
            Self::Listed | Self::Any => Verdict::Carries(field),
        }
    }

    /// Returns the limits outside which the pattern skips a value.
    pub(super) const fn limits(self) -> ValueLimits {
        match self {
            // litellm 1.110.2, `proxy/litellm_pre_call_utils.py`.
            Self::LiteLlm => ValueLimits::new().min_len(8).charset(Charset::Word),
            Self::Listed | Self::Any => ValueLimits::new(),
        }
    }

    /// Returns the vendors that the pattern knows; none if it knows all.
    pub(super) fn listed(self) -> &'static [&'static str] {
        match self {
            Self::Listed => LISTED,
            Self::Any | Self::LiteLlm => &[],
        }
    }

    /// Returns true if the vendor in the name is the client's name.
    pub(super) const fn names_client(self) -> bool {
        !matches!(self, Self::LiteLlm)
    }
}

/// Returns the verdict of the first pattern that knows the vendor.
pub(super) fn verdict(patterns: &[Vendors], vendor: &str) -> Verdict {
    let mut verdicts = patterns.iter().map(|pattern| pattern.verdict(vendor));
    let known = verdicts.find(|verdict| *verdict != Verdict::Unknown);
    known.unwrap_or(Verdict::Unknown)
}

/// Returns the vendor in a name of lower case that is `x-<vendor>-session-id`.
pub(super) fn vendor_of(name: &str) -> Option<&str> {
    let vendor = name.strip_prefix("x-")?.strip_suffix("-session-id")?;
    (!vendor.is_empty()).then_some(vendor)
}

/// Returns true if a `User-Agent` begins with the vendor as a whole word.
pub(super) fn is_agent_of(agent: &str, vendor: &str) -> bool {
    let Some((start, rest)) = agent.split_at_checked(vendor.len()) else {
        return false;
    };
    let ends_word = !rest.starts_with(|char: char| char.is_ascii_alphanumeric());
    start.eq_ignore_ascii_case(vendor) && ends_word
}

/// Vendors whose agents are known to send such a header, or whose header
/// gateways are known to read.
const LISTED: &[&str] = &[
    "amp",
    "claude-code",
    "cline",
    "coder",
    "codex",
    "copilot",
    "crush",
    "cursor",
    "deepseek-harness",
    "droid",
    "factory",
    "gemini-cli",
    "goose",
    "grok",
    "hermes",
    "kilo",
    "kilo-code",
    "kilocode",
    "mecatl",
    "mux",
    "open-webui",
    "opencode",
    "openwebui",
    "pi",
    "pochi",
    "qwen",
    "qwen-code",
    "roo",
    "roo-code",
    "zed",
    "zoo",
    "zoo-code",
];

fn is_listed(vendor: &str) -> bool {
    // A sub-agent's parent: `x-opencode-parent-session-id`.
    let parent = vendor.len().checked_sub("-parent".len());
    let own = parent.filter(|_| is_parent(vendor));
    let own = own.and_then(|end| vendor.get(..end)).unwrap_or(vendor);
    // Separators count as equal, so that a look-alike is known too.
    let normalized = || own.bytes().map(normalize);
    LISTED
        .binary_search_by(|known| known.bytes().cmp(normalized()))
        .is_ok()
}

/// First words of vendors' names that would make headers of somebody else's:
/// `x-request-id`'s relatives, and prefixes that have an owner.
const OTHERS: &[&str] = &[
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

/// First words of the names by which analytics and monitoring scripts tie a
/// person's page views together.
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

/// Returns true if headers that begin with `x-<vendor>-` belong to somebody
/// else.
pub(super) fn has_other_owner(vendor: &str) -> bool {
    let mut words = words(vendor);
    let first = words.next().unwrap_or_default();
    words.last().unwrap_or(first) == "mcp" || OTHERS.binary_search(&first).is_ok()
}

/// Returns true if `x-<vendor>-session-id` is no conversation with an agent:
/// MCP's transport session, the container that Claude Code runs in remotely, an
/// analytics script's session, and headers that have another owner.
pub(super) fn is_no_client(vendor: &str) -> bool {
    let first = words(vendor).next().unwrap_or_default();
    has_other_owner(vendor)
        || ANALYTICS.binary_search(&first).is_ok()
        || words(vendor).eq(["claude", "remote"])
}

/// Returns true if `x-<vendor>-session-id` names the session of a parent.
pub(super) fn is_parent(vendor: &str) -> bool {
    words(vendor).last() == Some("parent")
}

/// Returns the words of a name, which any separators join in a look-alike.
fn words(vendor: &str) -> impl Iterator<Item = &str> {
    vendor.split(|char: char| !char.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_the_search() {
        for list in [LISTED, OTHERS, ANALYTICS] {
            assert!(list.is_sorted());
        }
    }

    #[test]
    fn verdict_of_the_first_pattern_that_knows_the_vendor_counts() {
        let session = Verdict::Carries(FieldKey::of::<SessionId>());
        let parent = Verdict::Carries(FieldKey::of::<ParentSessionId>());
        let clients = [Vendors::Listed, Vendors::Any, Vendors::LiteLlm];
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
            assert_eq!(verdict(&[Vendors::LiteLlm], vendor), session, "{vendor}");
        }
        let listed = [Vendors::Listed];
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
