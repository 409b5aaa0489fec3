//! The headers by which a target knows a session, written down apart from the
//! crate's own table.

/// The place of the session in a header's value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Value,
    /// It is a JSON string.
    JsonString,
    /// It is this member of a JSON object.
    Member(&'static str),
    /// It is this member of baggage.
    Baggage(&'static str),
}

use Place::{Baggage, JsonString, Member, Value};

impl Place {
    pub(crate) fn find(self, value: &str) -> Option<String> {
        let json = || serde_json::from_str::<serde_json::Value>(value).unwrap();
        match self {
            Value => Some(value.to_owned()),
            JsonString => Some(json().as_str()?.to_owned()),
            Member(member) => Some(json().get(member)?.as_str()?.to_owned()),
            Baggage(key) => {
                let mut members = value.split(',').filter_map(|member| member.split_once('='));
                let (_, value) = members.find(|(name, _)| *name == key)?;
                let value = value.replace("%3D", "=").replace("%2B", "+");
                Some(value.replace("%25", "%"))
            }
        }
    }
}

/// The headers of this convention that carry a session.
pub(crate) fn session_headers(convention: &str) -> &'static [(&'static str, Place)] {
    match convention {
        "acme" => &[("x-acme-session-id", Value)],
        "amp" => &[("x-amp-thread-id", Value)],
        "bedrock" => &[("x-amzn-bedrock-request-metadata", Member("sessionId"))],
        "bifrost" => &[("x-bf-session-id", Value)],
        "claude-code" => &[("x-claude-code-session-id", Value)],
        "cline" => &[("x-task-id", Value)],
        "cloudflare-ai-gateway" => &[("cf-aig-metadata", Member("session_id"))],
        "coder" => &[("x-coder-chat-id", Value)],
        "codex" | "codex-turn-metadata" => &[("session-id", Value)],
        "copilot" => &[
            ("x-copilot-session-id", Value),
            ("x-client-session-id", Value),
        ],
        "crush" | "session-affinity" => &[("x-session-affinity", Value), ("x-session-id", Value)],
        "databricks" => &[("databricks-ai-gateway-request-tags", Member("session_id"))],
        "deepseek-harness" => &[("x-deepseek-harness-session-id", Value)],
        "dynamo" => &[("x-dynamo-session-id", Value)],
        "envoy-ai-gateway" | "goose" => &[("agent-session-id", Value)],
        "fireworks" => &[
            ("x-multi-turn-session-id", Value),
            ("x-session-affinity", Value),
        ],
        "grok" => &[("x-grok-conv-id", Value)],
        "helicone" => &[("helicone-session-id", Value)],
        "kilo-code" => &[("x-kilocode-taskid", Value)],
        "litellm" | "litellm-spend-logs" => &[("x-litellm-session-id", Value)],
        "llm-gateway" | "openrouter" | "vllm-router" => &[("x-session-id", Value)],
        "modal" => &[("modal-session-id", Value)],
        "mux" => &[("x-mux-workspace-id", Value)],
        "open-webui" => &[("x-openwebui-chat-id", Value)],
        "opencode" => &[("x-opencode-session", Value)],
        "pi" => &[("x-session-affinity", Value)],
        "portkey" => &[("x-portkey-metadata", Member("session_id"))],
        "roo-code" => &[("x-roo-task-id", Value)],
        "sglang" => &[("x-smg-routing-key", Value)],
        "tensorzero" => &[("tensorzero-otlp-traces-extra-attribute-session", JsonString)],
        "truefoundry" => &[("x-tfy-metadata", Member("session_id"))],
        "vertex" => &[("x-vertex-ai-session-id", Value)],
        "w3c" => &[("baggage", Baggage("session.id"))],
        "zenlayer" => &[("x-conversation-id", Value)],
        "zoo-code" => &[("x-zoo-task-id", Value)],
        "zoo-code-litellm" => &[("x-zoo-session-id", Value)],
        _ => &[],
    }
}
