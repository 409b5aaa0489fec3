//! Names that conventions are known by besides their own, and those of others.

/// Other names of a convention's vendor, each with the convention's own name.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("amazon-bedrock", "bedrock"),
    ("ampcode", "amp"),
    ("aws-bedrock", "bedrock"),
    ("azure", "azure-openai"),
    ("azure-open-ai", "azure-openai"),
    ("azureopenai", "azure-openai"),
    ("cf-ai-gateway", "cloudflare-ai-gateway"),
    ("cf-aig", "cloudflare-ai-gateway"),
    ("charm-crush", "crush"),
    ("claude", "claude-code"),
    ("claude-cli", "claude-code"),
    ("claudecode", "claude-code"),
    ("cloudflare", "cloudflare-ai-gateway"),
    ("cloudflare-aig", "cloudflare-ai-gateway"),
    ("cloudflare-workers-ai", "session-affinity"),
    ("codex-cli", "codex"),
    ("copilot-chat", "copilot"),
    ("copilot-cli", "copilot"),
    ("databricks-ai-gateway", "databricks"),
    ("envoy-aigw", "envoy-ai-gateway"),
    ("factory", "droid"),
    ("factory-droid", "droid"),
    ("fireworks-ai", "fireworks"),
    ("github-copilot", "copilot"),
    ("google-vertex", "vertex"),
    ("google-vertex-ai", "vertex"),
    ("kilo", "kilo-code"),
    ("kilocode", "kilo-code"),
    ("lite-llm", "litellm"),
    ("litellm-proxy", "litellm"),
    ("llmgateway", "llm-gateway"),
    ("nvidia-dynamo", "dynamo"),
    ("open-ai", "openai"),
    ("open-code", "opencode"),
    ("open-router", "openrouter"),
    ("openai-codex", "codex"),
    ("openwebui", "open-webui"),
    ("pi-mono", "pi"),
    ("portkey-ai", "portkey"),
    ("roo", "roo-code"),
    ("roo-cline", "roo-code"),
    ("roocode", "roo-code"),
    ("sglang-router", "sglang"),
    ("smg", "sglang"),
    ("tfy", "truefoundry"),
    ("true-foundry", "truefoundry"),
    ("vertex-ai", "vertex"),
    ("vertexai", "vertex"),
    ("workers-ai", "session-affinity"),
    ("x-ai", "grok"),
    ("xai", "grok"),
    ("zoo", "zoo-code"),
    ("zoocode", "zoo-code"),
];

/// Names of vendors that have no convention here. One of them is not a slip of
/// the pen for another vendor's: `groq` is not `grok`.
pub(super) const OTHERS: &[&str] = &[
    "ai21",
    "aider",
    "aleph-alpha",
    "anthropic",
    "anyscale",
    "augment",
    "baseten",
    "braintrust",
    "cerebras",
    "codeium",
    "codestral",
    "cody",
    "cohere",
    "continue",
    "deepinfra",
    "deepseek",
    "devin",
    "featherless",
    "friendli",
    "gemini",
    "gemini-cli",
    "groq",
    "huggingface",
    "hyperbolic",
    "jina",
    "junie",
    "kimi",
    "kong",
    "lambda",
    "langfuse",
    "langsmith",
    "llama",
    "llama-cpp",
    "llamacpp",
    "lm-studio",
    "lmstudio",
    "localai",
    "lovable",
    "minimax",
    "mistral",
    "moonshot",
    "nebius",
    "nim",
    "novita",
    "nvidia",
    "ollama",
    "perplexity",
    "qwen",
    "qwen-code",
    "replicate",
    "replit",
    "sagemaker",
    "sambanova",
    "tabnine",
    "tgi",
    "together",
    "together-ai",
    "vercel",
    "vllm",
    "voyage",
    "watsonx",
    "windsurf",
    "zai",
    "zed",
    "zhipu",
];

/// Returns the name of the convention that this is an alias of.
pub(super) fn resolved(alias: &str) -> Option<&'static str> {
    let at = ALIASES
        .binary_search_by_key(&alias, |(alias, _)| alias)
        .ok()?;
    ALIASES.get(at).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conventions::MAKERS;

    #[test]
    fn lists_are_sorted_and_collide_neither_with_conventions_nor_with_each_other() {
        assert!(ALIASES.is_sorted_by(|(one, _), (other, _)| one < other));
        assert!(OTHERS.is_sorted_by(|one, other| one < other));
        let is_convention = |name: &str| MAKERS.iter().any(|(known, _)| *known == name);
        for (alias, _) in ALIASES {
            assert!(!is_convention(alias), "{alias}");
            assert!(!OTHERS.contains(alias), "{alias}");
        }
        for other in OTHERS {
            assert!(!is_convention(other), "{other}");
        }
    }

    #[cfg(feature = "json")]
    #[test]
    fn each_alias_is_of_a_convention() {
        for (alias, name) in ALIASES {
            let found = crate::Convention::by_name(alias).unwrap();
            assert_eq!(found.name(), *name, "{alias}");
        }
    }
}
