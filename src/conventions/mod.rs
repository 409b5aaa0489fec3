//! The spellings that are out there: one function for each vendor.
//!
//! Each is made once; a call costs one atomic. What a header is mapped to
//! follows what its value is, not what its vendor calls it.
//!
//! A header with several fields carries the first that the metadata has: an
//! agent that knows only its task still has a session at LiteLLM.

#[macro_use]
mod macros;
mod table;

pub use self::table::*;
use crate::{Convention, Extractor};

/// Every client's spelling, for a gateway to read.
///
/// Where several headers carry one field, the first of these counts:
///
/// 1. headers that only one client sends, under its own name:
///    [`claude_code`], [`copilot`], [`kilo_code`], [`zoo_code`],
///    [`zoo_code_litellm`], [`opencode`];
/// 2. [`codex`], whose `session-id` has no vendor in it;
/// 3. [`any_vendor`], for `x-<vendor>-session-id`;
/// 4. what a proxy defines, and people often set by hand, once for all
///    conversations: [`litellm`], [`openrouter`];
/// 5. [`session_affinity`]: names that many clients share.
///
/// So the name that says most about its sender wins over one that anybody may
/// have set. Two headers that disagree are reported as
/// [`Reason::Conflict`](crate::Reason::Conflict); the one that counts stands.
/// Two of equal weight, as `x-a-session-id` and `x-b-session-id` are, void each
/// other.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tower_metadata_headers::{SessionId, conventions};
///
/// let mut headers = HeaderMap::new();
/// headers.append("x-session-id", HeaderValue::from_static("generic"));
/// headers.append("x-claude-code-session-id", HeaderValue::from_static("claude's"));
///
/// let extracted = conventions::clients().read(&headers);
/// assert_eq!(extracted.metadata.get::<SessionId>().unwrap().as_str(), "claude's");
/// assert_eq!(extracted.faults.len(), 1);
/// ```
#[must_use]
pub fn clients() -> Extractor {
    static CLIENTS: std::sync::OnceLock<Extractor> = std::sync::OnceLock::new();
    CLIENTS
        .get_or_init(|| {
            Extractor::new([
                claude_code(),
                copilot(),
                kilo_code(),
                zoo_code(),
                zoo_code_litellm(),
                opencode(),
                codex(),
                any_vendor(),
                litellm(),
                openrouter(),
                session_affinity(),
            ])
        })
        .clone()
}

/// The convention with this name, for configuration.
///
/// ```
/// use tower_metadata_headers::conventions;
///
/// assert_eq!(conventions::by_name("claude-code").unwrap().name(), "claude-code");
/// assert!(conventions::by_name("claude").is_none());
/// ```
#[must_use]
pub fn by_name(name: &str) -> Option<Convention> {
    all().find(|convention| convention.name() == name)
}
