//! Built-in conventions: one function for each client, proxy and provider.
//!
//! A convention is built on first use, and each call costs one atomic operation. A header
//! is mapped to a field by the meaning of its value, not by the vendor's name for it.
//!
//! If a header may carry several fields, the first that the metadata has is written. So an
//! agent that sets only its task still has a session in LiteLLM.
//!
//! # Left out
//!
//! Known on 2026-11-25, and not among the conventions:
//!
//! - LangSmith's `baggage` members, which its SDK reads only beside the `langsmith-trace` that
//!   its own tracer writes, together with members of its own;
//! - Respan's `X-Data-Respan-Params`, a JSON object in Base64, which only its clients' code
//!   documents;
//! - Augment's `x-request-session-id`, because other software sends that name too, and no
//!   `User-Agent` of Augment is known;
//! - Kiro's `amz-sdk-invocation-id`, which every AWS SDK sends;
//! - agents that send ids in the body only, such as Gemini CLI, Qwen Code and Kimi Code. Only
//!   the client's name is read from their requests;
//! - proxies whose operator names the header, such as Kong, APISIX, agentgateway and the vLLM
//!   production stack. [Build](Convention::builder) a convention of your own for them, or
//!   define it in a file (feature `serde`).

#[macro_use]
mod entry;
mod header;
mod responses;
mod similar;
mod table;
mod unknown;

#[cfg(feature = "serde")]
pub(crate) use self::similar::similar;
use self::{entry::BuiltIn, table::BUILT_IN};
pub use self::{responses::responses, table::*, unknown::UnknownConvention};
use crate::{Convention, ConventionSet};

/// Returns an iterator over every built-in convention, in the table's order.
///
/// The feature `json` adds the conventions that write or read JSON: `codex-turn-metadata`,
/// `litellm-spend-logs`, `portkey`, `cloudflare-ai-gateway`, `databricks`, `truefoundry`,
/// `bedrock` and `tensorzero`. Any crate in the build may enable the feature. So to write or
/// read, select conventions by name instead of with this function.
pub fn all() -> impl Iterator<Item = Convention> {
    BUILT_IN.iter().map(|built_in| built_in().convention())
}

/// Returns the conventions of all known clients, for a gateway to read.
///
/// If several headers carry one field, the first of these names takes precedence:
///
/// 1. a name that contains the client's name, for example of [`claude_code`] or
///    [`kilo_code`];
/// 2. a name without a vendor, if the `User-Agent` is the client's own: [`codex`];
/// 3. a name without a vendor that few clients send: [`cline`], [`goose`];
/// 4. `x-<vendor>-session-id` of a known agent, or of an agent whose `User-Agent` begins
///    with the vendor's name: [`known_vendors`];
/// 5. a name that many clients send: [`session_affinity`], and with it [`crush`] and
///    [`pi`];
/// 6. `x-<vendor>-session-id` of any other vendor: [`any_vendor`];
/// 7. a name that a proxy defines, and that people often set by hand, once for all
///    conversations: [`litellm`], [`openrouter`];
/// 8. a name that a standard defines: [`w3c`].
///
/// So a name that identifies its sender takes precedence over a name that anyone may set.
///
/// If two headers disagree, the one of lower precedence is ignored, and reported as
/// [`Reason::Conflict`](crate::Reason::Conflict). If two headers of equal precedence
/// disagree, for example `x-a-session-id` and `x-b-session-id`, the field is left empty,
/// and headers of lower precedence are not used instead.
///
/// The session, the conversation and the task are three names of one id, so the same order
/// applies across these fields. A client's own task takes precedence over an
/// `x-session-id`, which is ignored and reported. If one client sends several of these
/// fields, all of them are read.
///
/// The client that sent the request is read as [`ClientName`](crate::ClientName). Its
/// sources, in order of precedence, are the `User-Agent`, a header that only one client
/// sends, the title that is shown to people (`X-Title`), and the vendor in
/// `x-<vendor>-session-id`.
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
            // The others are not built, because they take more memory than all clients.
            let mut clients: Vec<_> = BUILT_IN
                .iter()
                .map(|built_in| built_in())
                .filter(|built_in| built_in.precedence().is_some())
                .collect();
            // The sort is stable, so conventions of equal precedence keep the table's order.
            clients.sort_by_key(|built_in| built_in.precedence());
            clients.into_iter().map(BuiltIn::convention).collect()
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
    /// Returns the built-in convention with this name, for configuration.
    ///
    /// A vendor's other names are accepted too, for example `xai` for `grok`, `azure` for
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
    /// Returns an error if no convention has this name. The error suggests a similar name,
    /// if there is one.
    pub fn by_name(name: &str) -> Result<Self, UnknownConvention> {
        BUILT_IN
            .iter()
            .map(|built_in| built_in())
            .find(|built_in| built_in.name() == name || built_in.aliases().contains(&name))
            .map(BuiltIn::convention)
            .ok_or_else(|| UnknownConvention::new(name))
    }
}
