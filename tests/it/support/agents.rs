//! Clients by their `User-Agent`, independent of the crate's table.

use http::{HeaderMap, HeaderName, HeaderValue, header::USER_AGENT};
use tower_metadata_headers::{Convention, Rule};

/// Clients, each with a `User-Agent` that it sends and the version in it.
pub(crate) const AGENTS: &[(&str, &str, &str)] = &[
    (
        "claude-code",
        "claude-cli/2.1.273 (external, cli)",
        "2.1.273",
    ),
    ("claude-code", "claude-code/2.1.273", "2.1.273"),
    ("copilot", "GitHubCopilotChat/0.42.0", "0.42.0"),
    (
        "copilot",
        "copilot/0.0.374 (linux v24.11.0) term/unknown",
        "0.0.374",
    ),
    ("kilo-code", "Kilo-Code/3.2.1", "3.2.1"),
    ("zoo-code", "Zoo-Code/3.84.4", "3.84.4"),
    ("roo-code", "RooCode/3.36.2", "3.36.2"),
    ("cline", "Cline/3.41.0", "3.41.0"),
    (
        "opencode",
        "opencode/1.0.220 ai-sdk/provider-utils/4.0.0 runtime/bun/1.3.4",
        "1.0.220",
    ),
    ("droid", "factory-cli/0.27.1", "0.27.1"),
    (
        "codex",
        "codex_cli_rs/0.131.0 (Debian 13; x86_64) xterm-256color",
        "0.131.0",
    ),
    ("codex", "codex-tui/0.131.0", "0.131.0"),
    ("crush", "Charm-Crush/0.18.4", "0.18.4"),
];

/// A `User-Agent` of Codex.
pub(crate) const CODEX: &str = "codex_cli_rs/0.131.0 (Debian 13; x86_64) xterm-256color";

/// Returns true if a convention writes headers that are read only from one
/// client.
pub(crate) fn writes_for_one_client(convention: &Convention) -> bool {
    let mut rules = convention.rules();
    rules.any(|rule| rule.is_written() && rule.user_agents().len() > 0)
}

/// Sets the `User-Agent` of Codex.
pub(crate) fn pretend_codex(headers: &mut HeaderMap) {
    let agent = HeaderValue::from_static(CODEX);
    headers.try_insert(USER_AGENT, agent).unwrap();
}

/// Sets a `User-Agent` with which the rule is read, if it is not read with any.
pub(crate) fn pretend(rule: &Rule, headers: &mut HeaderMap) {
    let reads = |agent: &str| {
        let mut prefixes = rule.user_agents();
        prefixes.any(|prefix| agent.to_ascii_lowercase().starts_with(prefix))
    };
    if rule.user_agents().len() > 0 {
        let known = AGENTS.iter().find(|(_, agent, _)| reads(agent));
        let (_, agent, _) = known.expect("each rule's client is listed");
        let agent = HeaderValue::from_static(agent);
        headers.try_insert(USER_AGENT, agent).unwrap();
    }
}

/// Returns the client, and its version if the `User-Agent` has one, that a
/// reader of this convention identifies.
pub(crate) fn identified<'c>(
    convention: &'c Convention,
    headers: &HeaderMap,
) -> Option<(&'c str, Option<&'static str>)> {
    let client = convention.client()?;
    let agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    let known = AGENTS
        .iter()
        .find(|(name, known, _)| *name == client && Some(*known) == agent);
    if let Some((_, _, version)) = known {
        return Some((client, Some(version)));
    }
    let own = |name: &HeaderName| {
        let mut families = convention.owned_prefixes();
        families.any(|family| name.as_str().starts_with(family))
    };
    // Any client of a provider sends the provider's headers.
    let is_provider = convention.hosts().len() > 0;
    (!is_provider && headers.keys().any(own)).then_some((client, None))
}
