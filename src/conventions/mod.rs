//! Built-in conventions: one function for each client, proxy and provider.
//!
//! Each convention is built once, and a call costs one atomic. A header is mapped to a field
//! by its value, and not by the vendor's word for it.
//!
//! A header with several fields carries the first field that the metadata has. So an agent
//! that knows only its task still has a session at LiteLLM.
//!
//! ```
//! use tower_metadata_headers::{Convention, conventions};
//!
//! let opencode = conventions::opencode();
//! assert_eq!(opencode.hosts(), ["opencode.ai"]);
//! assert_eq!(opencode.name(), Convention::by_name("opencode")?.name());
//! # Ok::<(), tower_metadata_headers::UnknownConvention>(())
//! ```

#[macro_use]
mod entry;
mod header;
mod table;
mod unknown;

use self::{entry::BuiltIn, table::BUILT_IN};
pub use self::{table::*, unknown::UnknownConvention};
use crate::{Convention, ConventionSet};

/// Returns an iterator over every built-in convention, in the table's order.
///
/// The feature `json` adds the conventions that write or read JSON: `codex-turn-metadata`,
/// `litellm-spend-logs`, `portkey`, `cloudflare-ai-gateway`, `databricks`, `truefoundry`,
/// `bedrock` and `tensorzero`. Any crate in the build may turn the feature on, so choose
/// conventions by name, and not by this iterator.
pub fn all() -> impl Iterator<Item = Convention> {
    BUILT_IN.iter().map(|built_in| built_in().convention())
}

/// Returns the conventions of all known clients, for a gateway to read.
///
/// If several headers carry one field, the first of these counts:
///
/// 1. names with the client's name in them, such as those of [`claude_code`] and
///    [`kilo_code`];
/// 2. names without a vendor in them that count only from the client's own
///    `User-Agent`: [`codex`];
/// 3. names without a vendor in them that few clients send: [`cline`], [`goose`];
/// 4. [`known_vendors`], for `x-<vendor>-session-id` of known agents, and of an
///    agent whose `User-Agent` begins with the vendor's name;
/// 5. names that many clients send: [`session_affinity`], and with it [`crush`]
///    and [`pi`];
/// 6. [`any_vendor`], for `x-<vendor>-session-id` of any other vendor;
/// 7. names that a proxy defines, and that people often set by hand, once for all
///    conversations: [`litellm`], [`openrouter`];
/// 8. names of a standard: [`w3c`].
///
/// If two headers of one field disagree, they are reported as
/// [`Reason::Conflict`](crate::Reason::Conflict), and the header of higher precedence counts.
/// If two headers of equal precedence disagree, such as `x-a-session-id` and
/// `x-b-session-id`, the field is left unset, and no header of lower precedence is used
/// instead.
///
/// The session, the conversation and the task are one thing under three names, so the order
/// applies across these three fields. For example, a client's own task counts before
/// `x-session-id`, which is then ignored and reported. The fields of one client do not
/// exclude each other.
///
/// The program that sent the request is read as [`ClientName`](crate::ClientName). The first
/// of these counts: its `User-Agent`, a header that only it sends, the title that it shows
/// people (`X-Title`), the vendor in `x-<vendor>-session-id`.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tower_metadata_headers::{ClientName, SessionId, conventions};
///
/// let mut headers = HeaderMap::new();
/// headers.append("x-session-id", HeaderValue::from_static("generic"));
/// headers.append("x-claude-code-session-id", HeaderValue::from_static("claude's"));
///
/// let extracted = conventions::clients().read(&headers);
/// assert_eq!(extracted.metadata.get::<SessionId>().unwrap().as_str(), "claude's");
/// assert_eq!(extracted.metadata.get::<ClientName>().unwrap().as_str(), "claude-code");
/// assert_eq!(extracted.faults.len(), 1);
/// ```
#[must_use]
pub fn clients() -> ConventionSet {
    static CLIENTS: std::sync::OnceLock<ConventionSet> = std::sync::OnceLock::new();
    CLIENTS
        .get_or_init(|| {
            let mut clients: Vec<_> = BUILT_IN
                .iter()
                .map(|built_in| built_in())
                .filter(|built_in| built_in.precedence().is_some())
                .collect();
            clients.sort_by_key(|built_in| built_in.precedence());
            clients.iter().map(|client| client.convention()).collect()
        })
        .clone()
}

/// Returns an iterator over the other names of a built-in convention.
pub(crate) fn aliases(convention: &Convention) -> impl Iterator<Item = &'static str> {
    BUILT_IN
        .iter()
        .map(|built_in| built_in())
        .filter(|built_in| built_in.name() == convention.name())
        .flat_map(|built_in| built_in.aliases().iter().copied())
}

impl Convention {
    /// Returns the convention with this name, for configuration.
    ///
    /// A vendor's other names will do, such as `xai` for `grok`, `azure` for
    /// `azure-openai` or `kilocode` for `kilo-code`.
    ///
    /// ```
    /// use tower_metadata_headers::Convention;
    ///
    /// assert_eq!(Convention::by_name("claude-code")?.name(), "claude-code");
    /// assert_eq!(Convention::by_name("xai")?.name(), "grok");
    /// assert_eq!(
    ///     Convention::by_name("opncode").unwrap_err().to_string(),
    ///     "no convention is named `opncode`; did you mean `opencode`?",
    /// );
    /// # Ok::<(), tower_metadata_headers::UnknownConvention>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if no convention has this name. The error suggests the
    /// nearest name, if one is near.
    pub fn by_name(name: &str) -> Result<Self, UnknownConvention> {
        BUILT_IN
            .iter()
            .map(|built_in| built_in())
            .find(|built_in| built_in.name() == name || built_in.aliases().contains(&name))
            .map(BuiltIn::convention)
            .ok_or_else(|| UnknownConvention::new(name))
    }
}
