//! Clients by their `User-Agent`, independent of the crate's table.

use http::{HeaderMap, HeaderName, HeaderValue, header::USER_AGENT};
use tower_metadata_headers::{Convention, Rule};

/// Clients, each with a `User-Agent` that it sends and the version in it. The version is empty
/// if it has none.
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
    ("kilo-code", "kilo/stable/7.4.1/vscode", "7.4.1"),
    ("kilo-code", "opencode-kilo-provider/7.4.1", "7.4.1"),
    ("zoo-code", "ZooCode/3.90.0", "3.90.0"),
    (
        "roo-code",
        "roo-code/3.36.2 (linux 6.12; x64) node/24.11.0",
        "3.36.2",
    ),
    ("opencode", "opencode/stable/2.0.4/cli", "2.0.4"),
    ("mux", "xum/0.21.0", "0.21.0"),
    ("grok", "grok-pager/0.9.1 grok-shell/0.9.1", "0.9.1"),
    ("deepseek-harness", "deepseek-harness/0.4.0", "0.4.0"),
    ("crush", "Charm Crush/0.18.4", "0.18.4"),
    ("pi", "pi (linux 6.12; x64)", ""),
    ("mistral-vibe", "mistral-vibe/1.4.0", "1.4.0"),
    (
        "gemini-cli",
        "GeminiCLI/0.21.2/gemini-3-pro (linux; x64)",
        "0.21.2",
    ),
    ("kimi-code", "kimi-code-cli/0.14.0", "0.14.0"),
    ("pochi", "PochiCli/0.6.4", "0.6.4"),
    ("qwen-code", "QwenCode/0.5.1 (linux; x64)", "0.5.1"),
    ("letta-code", "letta-code/0.12.3", "0.12.3"),
    ("continue-cli", "Continue-CLI/1.5.7", "1.5.7"),
    ("zed", "Zed/0.221.3 (linux; x86_64)", "0.221.3"),
    ("hermes", "HermesAgent/0.9.2", "0.9.2"),
    ("hermes", "codex_cli_rs/0.0.0 (Hermes Agent)", ""),
    ("zcode", "ZCode/3.2.0", "3.2.0"),
    ("junie", "Junie/2025.3", "2025.3"),
    ("openai-agents", "Agents/Python 0.9.3", "0.9.3"),
    ("agent-framework", "agent-framework-python/1.2.0", "1.2.0"),
    ("pydantic-ai", "pydantic-ai/1.44.0", "1.44.0"),
    ("autogen", "autogen-python/0.7.5", "0.7.5"),
    ("google-adk", "google-adk/1.25.1 gl-python/3.13.5", "1.25.1"),
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
        return Some((client, Some(*version).filter(|version| !version.is_empty())));
    }
    let own = |name: &HeaderName| {
        let mut families = convention.owned_prefixes();
        families.any(|family| name.as_str().starts_with(family))
    };
    // Any client of a provider sends the provider's headers.
    let is_provider = convention.hosts().len() > 0;
    (!is_provider && headers.keys().any(own)).then_some((client, None))
}
