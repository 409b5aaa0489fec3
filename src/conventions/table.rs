//! The vendors' table. Adding a vendor is one entry here and one vector in
//! `tests/vectors`.

use crate::{Builder, Convention};

conventions! {
    /// [Zoo Code](https://github.com/Zoo-Code-Org/Zoo-Code), to its own gateway.
    ///
    /// The task is the conversation there.
    zoo_code = "zoo-code" {
        source: "Zoo Code, `ZooGatewayHandler` (`src/api/providers/zoo-gateway.ts`)",
        checked: "2026-11-21",
        writes {
            TaskId or SessionId or ConversationId => "x-zoo-task-id";
            Mode => "x-zoo-mode";
            ClientVersion => "x-zoo-extension-version";
        }
        reads {}
        families { "x-zoo-" }
    }

    /// [Zoo Code](https://github.com/Zoo-Code-Org/Zoo-Code), to a LiteLLM proxy.
    ///
    /// LiteLLM groups requests by it, as by any `x-<vendor>-session-id` with 8
    /// or more letters, digits, `_` and `-`.
    zoo_code_litellm = "zoo-code-litellm" {
        source: "Zoo Code, `lite-llm.ts`",
        checked: "2026-11-21",
        writes {
            SessionId or ConversationId or TaskId => "x-zoo-session-id";
        }
        reads {}
        families {}
    }

    /// [Kilo Code](https://github.com/Kilo-Org/kilocode), to its own gateway.
    ///
    /// The task is the conversation there. The `x-kilo-…` names are those of
    /// its command line.
    kilo_code = "kilo-code" {
        source: "Kilo-Org/kilocode, `packages/kilo-gateway/src/api/constants.ts` and `headers.ts` at 000a08d0; `llm.ts`",
        checked: "2026-11-21",
        writes {
            TaskId or SessionId or ConversationId => "x-kilocode-taskid";
            ParentTaskId or ParentSessionId => "x-kilocode-parent-taskid" also "x-kilocode-parenttaskid";
            OrganizationId => "x-kilocode-organizationid";
            ProjectId => "x-kilocode-projectid" also "x-kilo-project";
            MachineId => "x-kilocode-machineid";
            Mode => "x-kilocode-mode";
            ClientVersion => "x-kilocode-version";
        }
        reads {
            SessionId => "x-kilo-session";
            TurnId => "x-kilo-request";
        }
        families { "x-kilocode-" "x-kilo-" }
    }

    /// The [LiteLLM](https://docs.litellm.ai) proxy.
    ///
    /// `x-litellm-trace-id` is read as LiteLLM reads it, which takes it for the
    /// session and lets it outrank the others; so it is never written. Of the
    /// headers named `x-<vendor>-session-id` the first on the wire counts, and
    /// only with 8 or more letters, digits, `_` and `-`. LiteLLM takes a
    /// parent's header of that form for the session too, and so does this.
    litellm = "litellm" {
        source: "litellm 1.109.1, `proxy/litellm_pre_call_utils.py`, `constants.py`; docs.litellm.ai/docs/proxy/request_headers",
        checked: "2026-11-21",
        writes {
            SessionId or ConversationId or TaskId => "x-litellm-session-id";
            UserId => "x-litellm-customer-id" also "x-litellm-end-user-id";
            AgentId => "x-litellm-agent-id";
            Tags => "x-litellm-tags";
        }
        reads {
            SessionId => "x-litellm-trace-id";
        }
        families {}
        vendors: LiteLlm
    }

    /// [Claude Code](https://code.claude.com).
    ///
    /// Its makers ask gateways to treat `x-claude-code-…` as an open list. The
    /// ids in `x-claude-remote-…` are a machine's that it runs on.
    claude_code = "claude-code" {
        source: "code.claude.com/docs/en/llm-gateway-protocol",
        checked: "2026-11-21",
        writes {
            SessionId or ConversationId or TaskId => "x-claude-code-session-id";
            AgentId => "x-claude-code-agent-id";
            ParentAgentId => "x-claude-code-parent-agent-id";
        }
        reads {}
        families { "x-claude-code-" "x-claude-remote-" }
    }

    /// GitHub Copilot: its chat in editors and its command line.
    ///
    /// `x-interaction-id` is new with each turn of the user. The chat's
    /// `VScode-SessionId` is a window's, and is left alone.
    copilot = "copilot" {
        source: "microsoft/vscode-copilot-chat 31acd00a, `networking.ts`, `chatMLFetcher.ts`; the command line's by coder/aibridge, `session.go`",
        checked: "2026-11-21",
        writes {
            SessionId or ConversationId or TaskId => "x-copilot-session-id";
            SessionId or ConversationId or TaskId => "x-client-session-id";
            TurnId => "x-interaction-id";
            RequestId => "x-request-id";
            ParentAgentId => "x-parent-agent-id";
            MachineId => "x-client-machine-id" also "vscode-machineid";
            ProjectId => "x-github-repository-nwo";
        }
        reads {
            RequestId => "x-agent-task-id";
        }
        families {}
    }

    /// OpenAI's [Codex](https://github.com/openai/codex).
    ///
    /// Its `x-client-request-id` is the thread's id, and no request's; it is
    /// left alone.
    codex = "codex" {
        source: "openai/codex, `requests/headers.rs`, `core/src/responses_metadata.rs` at 15801f69; its pull requests 21757 and 22193",
        checked: "2026-11-21",
        writes {
            SessionId or ConversationId or TaskId => "session-id" also "session_id";
            ConversationId => "thread-id" also "thread_id";
            ParentSessionId => "x-codex-parent-thread-id";
        }
        reads {
            SessionId => "conversation_id";
        }
        families { "x-codex-" }
    }

    /// [OpenRouter](https://openrouter.ai).
    ///
    /// The title is the app's, and shows in public rankings. The other half of
    /// the attribution, `HTTP-Referer`, is the app's address, which no
    /// well-known field is; add it with
    /// [`to_builder`](crate::Convention::to_builder).
    openrouter = "openrouter" {
        source: "openrouter.ai/docs/api/api-reference, openrouter.ai/docs/app-attribution.md",
        checked: "2026-11-21",
        writes {
            SessionId or ConversationId or TaskId => "x-session-id";
            ClientName => "x-openrouter-title" also "x-title";
        }
        reads {}
        families {}
    }

    /// [OpenCode](https://opencode.ai) to its own providers, and what they
    /// want: Zen and Go answer 400 to a request without a session.
    ///
    /// `x-opencode-request` is the id of the user's message, and not of one
    /// request.
    opencode = "opencode" {
        source: "anomalyco/opencode, `packages/opencode/src/session/llm/request.ts` at 05f35982, `packages/console/app/src/routes/zen/util/handler.ts` at 0098e632",
        checked: "2026-11-21",
        writes {
            SessionId or ConversationId or TaskId => "x-opencode-session";
            TurnId => "x-opencode-request";
            ProjectId => "x-opencode-project";
            ClientName => "x-opencode-client";
        }
        reads {}
        families { "x-opencode-" }
    }

    /// Names that no vendor owns: what OpenCode sends to providers that are
    /// not its own, and Crush and pi too. Fireworks and Cloudflare's Workers AI
    /// keep a session on one machine by them.
    session_affinity = "session-affinity" {
        source: "anomalyco/opencode, `packages/opencode/src/session/llm/request.ts` at 05f35982; docs.fireworks.ai/guides/prompt-caching; developers.cloudflare.com/workers-ai/features/prompt-caching",
        checked: "2026-11-21",
        writes {
            SessionId or ConversationId or TaskId => "x-session-affinity";
            SessionId or ConversationId or TaskId => "x-session-id";
        }
        reads {
            ParentSessionId => "x-parent-session-id";
        }
        families {}
    }

    /// Any other vendor that follows the usual scheme: Pochi, Mecatl, Hermes,
    /// Grok's command line, and those to come. It writes nothing.
    ///
    /// A parent's header of this form is read as the parent's. Those of MCP
    /// and AWS, which have the form by accident, are not read.
    any_vendor = "any-vendor" {
        source: "docs.litellm.ai/docs/proxy/request_headers; docs.subconscious.dev/features/session-headers",
        checked: "2026-11-21",
        writes {}
        reads {}
        families {}
        vendors: Any
    }
}

/// [`litellm`], with all that it has no header for in
/// `x-litellm-spend-logs-metadata`: a JSON object, which LiteLLM keeps with the
/// request's cost.
///
/// The members are named like the fields, with underscores: `project_id`,
/// `turn_id`.
///
/// Source: litellm 1.109.1, `proxy/litellm_pre_call_utils.py`; checked 2026-11-21.
#[cfg(feature = "json")]
#[must_use]
pub fn litellm_spend_logs() -> Convention {
    use crate::{Rule, field::KNOWN};

    static CONVENTION: std::sync::OnceLock<Convention> = std::sync::OnceLock::new();
    CONVENTION
        .get_or_init(|| {
            let litellm = litellm();
            let has_header = |key| litellm.reads().any(|(_, field)| field == key);
            let rest = KNOWN.iter().filter(|&&key| !has_header(key));
            let builder = rest.fold(litellm.to_builder(), |builder, &key| {
                let member = key.name().replace('-', "_");
                builder.rule(Rule::member_of(
                    key,
                    "x-litellm-spend-logs-metadata",
                    member,
                ))
            });
            from_table(builder.name("litellm-spend-logs"))
        })
        .clone()
}

/// Every convention that this crate knows.
pub fn all() -> impl Iterator<Item = Convention> {
    #[cfg(feature = "json")]
    return table().chain([litellm_spend_logs()]);
    #[cfg(not(feature = "json"))]
    table()
}

#[expect(
    clippy::expect_used,
    reason = "the table is fixed, and a test builds all of it"
)]
fn from_table(builder: Builder) -> Convention {
    builder.build().expect("the vendors' table is sound")
}
