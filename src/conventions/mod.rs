//! The spellings that are out there: one function for each client, proxy and
//! provider.
//!
//! Each is made once; a call costs one atomic. What a header is mapped to
//! follows what its value is, not what its vendor calls it.
//!
//! A header with several fields carries the first that the metadata has: an
//! agent that knows only its task still has a session at LiteLLM.

#[macro_use]
mod macros;
mod aliases;
mod table;
mod unknown;

use self::table::MAKERS;
pub use self::{table::*, unknown::UnknownConvention};
use crate::{Convention, ConventionSet};

/// Returns the conventions of all known clients, for a gateway to read.
///
/// If several headers carry one field, the first of these counts:
///
/// 1. headers that only one client sends, under its own name: [`claude_code`],
///    [`copilot`], [`kilo_code`], [`zoo_code`], [`zoo_code_litellm`],
///    [`roo_code`], [`opencode`], [`amp`], [`droid`], [`cursor`], [`mux`],
///    [`grok`], [`open_webui`], [`coder`], [`deepseek_harness`];
/// 2. names without a vendor that few clients send, or that the `User-Agent`
///    shows to be one client's: [`codex`], [`cline`], [`goose`];
/// 3. [`known_vendors`], for `x-<vendor>-session-id` of known agents, and of an
///    agent whose `User-Agent` begins with the vendor's name;
/// 4. names that many clients share: [`session_affinity`], and with it [`crush`]
///    and [`pi`];
/// 5. [`any_vendor`], for `x-<vendor>-session-id` of anyone else;
/// 6. what a proxy defines, and people often set by hand, once for all
///    conversations: [`litellm`], [`openrouter`];
/// 7. [`w3c`].
///
/// So the name that says most about its sender wins over one that anybody may
/// have set. Two headers that disagree are reported as
/// [`Reason::Conflict`](crate::Reason::Conflict); the one that counts stands.
/// If two headers of equal precedence disagree, as `x-a-session-id` and
/// `x-b-session-id` may, the field is left unset, and no header of lower
/// precedence takes their place.
///
/// The session, the conversation and the task are one thing under three names,
/// so the same order holds across these three fields: a client's own task wins
/// over an `x-session-id`, which is then ignored and reported. Those of one
/// client stand side by side.
///
/// The program that sent the request is read too, as
/// [`ClientName`](crate::ClientName): by its own `User-Agent`, else by a
/// header that only it sends, else by the title that it shows people
/// (`X-Title`), else by the vendor in `x-<vendor>-session-id`.
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
            ConventionSet::new([
                claude_code(),
                copilot(),
                kilo_code(),
                zoo_code(),
                zoo_code_litellm(),
                roo_code(),
                opencode(),
                amp(),
                droid(),
                cursor(),
                mux(),
                grok(),
                open_webui(),
                coder(),
                deepseek_harness(),
                codex(),
                cline(),
                goose(),
                known_vendors(),
                session_affinity(),
                crush(),
                pi(),
                any_vendor(),
                litellm(),
                openrouter(),
                w3c(),
            ])
        })
        .clone()
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
        let make = |name: &str| {
            let (_, make) = MAKERS.iter().find(|(known, _)| *known == name)?;
            Some(make())
        };
        make(name)
            .or_else(|| make(aliases::resolved(name)?))
            .ok_or_else(|| UnknownConvention::new(name))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn documentation_of_an_alias_has_the_terms_of_its_rule() {
        let session = "[`SessionId`](crate::SessionId)";
        assert_eq!(
            conventions!(@aliases SessionId (WORD_8; CODEX) "session_id" "thread-id"),
            format!(
                "\n| `session_id` | {session} | read: at least 8 letters, digits, `_` and `-`, \
                 from a `User-Agent` that begins with `codex` |\
                 \n| `thread-id` | {session} | read: at least 8 letters, digits, `_` and `-`, \
                 from a `User-Agent` that begins with `codex` |"
            ),
        );
        assert_eq!(
            conventions!(@aliases SessionId (;) "session_id"),
            format!("\n| `session_id` | {session} | read |"),
        );
        assert_eq!(conventions!(@aliases SessionId (; CODEX)), "");
    }
}
