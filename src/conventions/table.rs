//! The vendors' table. Adding a vendor is one entry here and one vector in
//! `tests/vectors`.
//!
//! Clients come first, then proxies and providers.

use crate::{Convention, ConventionBuilder};

conventions! {
    /// [Claude Code](https://code.claude.com).
    ///
    /// Its makers ask gateways to treat `x-claude-code-…` as an open list. The
    /// ids in `x-claude-remote-…` are a machine's that it runs on.
    claude_code = "claude-code" {
        source: "code.claude.com/docs/en/llm-gateway-protocol" by Documentation, "2026-11-21";
        client: "claude-code" "claude-cli/" "claude-code/";
        writes {
            SessionId or ConversationId or TaskId => "x-claude-code-session-id";
            AgentId => "x-claude-code-agent-id";
            ParentAgentId => "x-claude-code-parent-agent-id";
        }
        families: "x-claude-code-" "x-claude-remote-";
    }

    /// GitHub Copilot: its chat in editors and its command line.
    ///
    /// `x-interaction-id` is new with each turn of the user. The chat's
    /// `VScode-SessionId` is a window's, and is left alone.
    copilot = "copilot" {
        source: "microsoft/vscode-copilot-chat 31acd00a, `networking.ts`, `chatMLFetcher.ts`; the command line's by coder/aibridge, `session.go`" by Capture, "2026-11-21";
        client: "copilot" "githubcopilotchat/" "copilot/";
        writes {
            SessionId or ConversationId or TaskId => "x-copilot-session-id";
            SessionId or ConversationId or TaskId => "x-client-session-id";
            TurnId => "x-interaction-id";
            ParentAgentId => "x-parent-agent-id";
            MachineId => "x-client-machine-id" also "vscode-machineid";
            ProjectId => "x-github-repository-nwo";
        }
        reads {
            RequestId => "x-agent-task-id";
        }
        shared {
            RequestId => "x-request-id";
        }
        families: "x-copilot-";
    }

    /// [Kilo Code](https://github.com/Kilo-Org/kilocode), to its own gateway.
    ///
    /// The task is the conversation there. The `x-kilo-…` names are those of
    /// its command line.
    kilo_code = "kilo-code" {
        source: "Kilo-Org/kilocode, `packages/kilo-gateway/src/api/constants.ts` and `headers.ts` at 000a08d0; `llm.ts`" by Code, "2026-11-21";
        client: "kilo-code" "kilo-code/";
        writes {
            TaskId unless SessionId unless ConversationId => "x-kilocode-taskid";
            ParentTaskId or ParentSessionId => "x-kilocode-parent-taskid" also "x-kilocode-parenttaskid";
            OrganizationId => "x-kilocode-organizationid";
            ProjectId => "x-kilocode-projectid";
            MachineId => "x-kilocode-machineid";
            Mode => "x-kilocode-mode";
            ClientVersion => "x-kilocode-version";
        }
        fallbacks {
            ProjectId => "x-kilo-project";
        }
        reads {
            SessionId => "x-kilo-session";
            TurnId => "x-kilo-request";
        }
        families: "x-kilocode-" "x-kilo-";
    }

    /// [Zoo Code](https://github.com/Zoo-Code-Org/Zoo-Code), to its own gateway.
    ///
    /// The task is the conversation there.
    zoo_code = "zoo-code" {
        source: "Zoo Code, `ZooGatewayHandler` (`src/api/providers/zoo-gateway.ts`)" by Capture, "2026-11-21";
        client: "zoo-code" "zoo-code/";
        writes {
            TaskId unless SessionId unless ConversationId => "x-zoo-task-id";
            Mode => "x-zoo-mode";
            ClientVersion => "x-zoo-extension-version";
        }
        families: "x-zoo-";
    }

    /// [Zoo Code](https://github.com/Zoo-Code-Org/Zoo-Code), to a LiteLLM proxy.
    ///
    /// LiteLLM groups requests by it, as by any `x-<vendor>-session-id`.
    zoo_code_litellm = "zoo-code-litellm" {
        source: "Zoo Code, `lite-llm.ts`" by Capture, "2026-11-21";
        client: "zoo-code" "zoo-code/";
        writes {
            SessionId or ConversationId or TaskId => "x-zoo-session-id";
        }
        families: "x-zoo-";
    }

    /// [Roo Code](https://github.com/RooCodeInc/Roo-Code), to its own router.
    ///
    /// The task is the conversation there.
    roo_code = "roo-code" {
        source: "RooCodeInc/Roo-Code, `RooHandler` (`src/api/providers/roo.ts`)" by Code, "2026-11-21";
        client: "roo-code" "roocode/";
        writes {
            TaskId unless SessionId unless ConversationId => "x-roo-task-id";
            ClientVersion => "x-roo-app-version";
        }
        families: "x-roo-";
    }

    /// [Cline](https://github.com/cline/cline), to its own provider.
    ///
    /// Older versions send an empty `x-task-id` where there is no task; that is
    /// reported and counts for nothing.
    cline = "cline" {
        source: "cline/cline 21cb8d25, `sdk/packages/llms/src/providers/request-headers.ts`" by Code, "2026-11-21";
        client: "cline" "cline/";
        writes {
            TaskId unless SessionId unless ConversationId => "x-task-id";
            ClientVersion => "x-client-version";
        }
    }

    /// [OpenCode](https://opencode.ai) to its own providers, and what they
    /// want: Zen and Go answer 400 to a request without a session. So Zed and
    /// Goose send it there too.
    ///
    /// `x-opencode-request` is the id of the user's message, and not of one
    /// request. `x-opencode-client` says how OpenCode is used (`cli`).
    opencode = "opencode" {
        source: "anomalyco/opencode, `packages/opencode/src/session/llm/request.ts` at 05f35982, `packages/console/app/src/routes/zen/util/handler.ts` at 0098e632" by Code, "2026-11-21";
        client: "opencode" "opencode/";
        hosts: "opencode.ai";
        writes {
            SessionId or ConversationId or TaskId => "x-opencode-session";
            TurnId => "x-opencode-request";
            ProjectId => "x-opencode-project";
        }
        write_only {
            ClientName => "x-opencode-client";
        }
        families: "x-opencode-";
    }

    /// [Goose](https://github.com/aaif-goose/goose).
    goose = "goose" {
        source: "aaif-goose/goose, pull requests 5165 and 6626" by Issue, "2026-11-21";
        client: "goose";
        writes {
            SessionId or ConversationId or TaskId => "agent-session-id" also "goose-session-id";
        }
    }

    /// [Amp](https://ampcode.com). Its thread is the conversation.
    amp = "amp" {
        source: "captures of its requests" by Capture, "2026-11-21";
        client: "amp";
        writes {
            ConversationId unless SessionId or TaskId => "x-amp-thread-id";
            TurnId => "x-amp-message-id";
            Mode => "x-amp-feature";
        }
        families: "x-amp-";
    }

    /// [Factory](https://factory.ai)'s Droid. Its session stands in
    /// `x-session-id`, which [`session_affinity`] reads.
    droid = "droid" {
        source: "captures of its requests" by Capture, "2026-11-21";
        client: "droid" "factory-cli/";
        writes {
            TurnId => "x-assistant-message-id";
            OrganizationId => "x-factory-org-id";
        }
        families: "x-factory-";
    }

    /// [Cursor](https://cursor.com), to its own servers. Its session stands in
    /// `x-session-id`, which [`session_affinity`] reads.
    cursor = "cursor" {
        source: "captures of its requests" by Capture, "2026-11-21";
        client: "cursor";
        writes {
            ClientVersion => "x-cursor-client-version";
        }
        reads {
            RequestId => "x-original-request-id";
        }
        families: "x-cursor-";
    }

    /// [Mux](https://github.com/coder/mux). The workspace is the conversation.
    ///
    /// An id that can't stand in a header is sent as `b64:` and Base64; it is
    /// kept so, as every id is opaque.
    mux = "mux" {
        source: "coder/mux, the header `X-Mux-Workspace-Id`" by Capture, "2026-11-21";
        client: "mux";
        writes {
            ConversationId unless SessionId or TaskId => "x-mux-workspace-id";
        }
        families: "x-mux-";
    }

    /// xAI's [Grok](https://docs.x.ai) command line, and what xAI reads:
    /// requests with one `x-grok-conv-id` share a prompt cache.
    grok = "grok" {
        source: "docs.x.ai/developers/advanced-api-usage/prompt-caching/maximizing-cache-hits; the command line's by captures" by Capture, "2026-11-21";
        client: "grok";
        hosts: "api.x.ai";
        writes {
            ConversationId unless SessionId or TaskId => "x-grok-conv-id";
        }
        reads {
            SessionId => "x-grok-session-id";
            RequestId => "x-grok-req-id";
            AgentId => "x-grok-agent-id";
            TurnId => "x-grok-turn-idx";
            ClientVersion => "x-grok-client-version";
        }
        families: "x-grok-";
    }

    /// [Open WebUI](https://github.com/open-webui/open-webui). Its chat is the
    /// conversation.
    open_webui = "open-webui" {
        source: "open-webui/open-webui, the header `X-OpenWebUI-Chat-Id`" by Code, "2026-11-21";
        client: "open-webui";
        writes {
            ConversationId unless SessionId or TaskId => "x-openwebui-chat-id";
            UserId => "x-openwebui-user-id";
        }
        families: "x-openwebui-";
    }

    /// [Coder](https://coder.com)'s agents. Their chat is the conversation.
    coder = "coder" {
        source: "coder/aibridge, `session.go`" by Capture, "2026-11-21";
        client: "coder";
        writes {
            ConversationId unless SessionId or TaskId => "x-coder-chat-id";
        }
        families: "x-coder-";
    }

    /// DeepSeek's harness, as NVIDIA Dynamo reads it.
    deepseek_harness = "deepseek-harness" {
        source: "ai-dynamo/dynamo, `lib/llm/src/protocols/agents.rs` at 004e2c53" by Capture, "2026-11-21";
        client: "deepseek-harness";
        writes {
            SessionId or ConversationId or TaskId => "x-deepseek-harness-session-id";
            UserId => "x-deepseek-harness-user-id";
        }
        reads {
            ParentSessionId => "x-deepseek-harness-parent-session-id";
        }
        families: "x-deepseek-harness-";
    }

    /// OpenAI's [Codex](https://github.com/openai/codex).
    ///
    /// Names without a vendor in them are Codex's only where its `User-Agent`
    /// says so; else [`session_affinity`] reads them. Its
    /// `x-client-request-id` is the thread's id, and no request's; its
    /// `x-codex-window-id` is the thread's with a count, and tells nothing more.
    codex = "codex" {
        source: "openai/codex, `requests/headers.rs`, `core/src/responses_metadata.rs` at 15801f69; its pull requests 21757 and 22193" by Code, "2026-11-21";
        client: "codex" "codex-" "codex_" "codex/" "codex ";
        writes {
            SessionId or ConversationId or TaskId => "session-id" also "session_id" for_user_agents CODEX;
            ConversationId => "thread-id" also "thread_id" for_user_agents CODEX;
            ParentSessionId => "x-codex-parent-thread-id";
        }
        reads {
            SessionId => "conversation_id" for_user_agents CODEX;
        }
        families: "x-codex-";
    }

    /// [`codex`], with what its `x-codex-turn-metadata` tells: a JSON object
    /// that copies what its requests' bodies hold.
    #[cfg(feature = "json")]
    codex_turn_metadata = "codex-turn-metadata" {
        source: "openai/codex, `core/src/responses_metadata.rs` at 15801f69" by Code, "2026-11-21";
        extends: codex;
        json_reads "x-codex-turn-metadata" {
            SessionId => "session_id";
            ConversationId => "thread_id";
            ParentSessionId => "parent_thread_id";
            TurnId => "turn_id";
            MachineId => "installation_id";
        }
    }

    /// `x-<vendor>-session-id` of the vendors whose agents are known to send it,
    /// or whose header gateways are known to read. It writes nothing.
    ///
    /// They are Amp, Claude Code, Cline, Coder, Codex, Copilot, Crush, Cursor,
    /// DeepSeek's harness, Droid, Factory, Gemini CLI, Goose, Grok, Hermes,
    /// Kilo Code, Mecatl, Mux, OpenCode, Open WebUI, pi, Pochi, Qwen Code, Roo
    /// Code, Zed and Zoo Code, each under its usual names.
    known_vendors = "known-vendors" {
        source: "docs.litellm.ai/docs/proxy/request_headers; TabbyML/pochi, issue 1943; stacklok/mecatl, issues 543 and 549" by Documentation, "2026-11-24";
        vendors: Listed;
    }

    /// `x-<vendor>-session-id` of any other vendor. It writes nothing.
    ///
    /// [`known_vendors`] and the names that many agents share count first, unless
    /// the request's `User-Agent` begins with the vendor's name. A parent's header
    /// of this form is read as the parent's.
    ///
    /// Names that have the form by accident are not read: those of MCP, AWS and
    /// other owners, and those of analytics scripts such as PostHog's and
    /// Sentry's.
    any_vendor = "any-vendor" {
        source: "docs.litellm.ai/docs/proxy/request_headers; docs.subconscious.dev/features/session-headers" by Documentation, "2026-11-21";
        vendors: Any;
    }

    /// Names that no vendor owns: what OpenCode sends to providers that are
    /// not its own, and what Crush, pi and Droid send. Cloudflare's Workers AI
    /// keeps a session on one machine by the first.
    session_affinity = "session-affinity" {
        source: "anomalyco/opencode, `packages/opencode/src/session/llm/request.ts` at 05f35982; developers.cloudflare.com/workers-ai/features/prompt-caching" by Code, "2026-11-21";
        writes {
            SessionId or ConversationId or TaskId => "x-session-affinity";
            SessionId or ConversationId or TaskId => "x-session-id";
        }
        reads {
            SessionId => "session-id" also "session_id";
            ParentSessionId => "x-parent-session-id";
        }
    }

    /// [Crush](https://github.com/charmbracelet/crush). It sends a hash of its
    /// session's id, not the id.
    crush = "crush" {
        source: "charmbracelet/crush, issues 3277 and 3723" by Issue, "2026-11-21";
        client: "crush" "charm-crush/";
        writes {
            SessionId or ConversationId or TaskId => "x-session-id";
            SessionId or ConversationId or TaskId => "x-session-affinity";
        }
    }

    /// [pi](https://github.com/badlogic/pi-mono), where it is set to send its
    /// session.
    pi = "pi" {
        source: "badlogic/pi-mono 83378aad, `openai-codex-responses.ts`" by Code, "2026-11-21";
        client: "pi";
        writes {
            SessionId or ConversationId or TaskId => "x-session-affinity";
        }
        reads {
            SessionId => "session_id";
            SessionId => "x-session-id";
        }
    }

    /// W3C [Trace Context](https://www.w3.org/TR/trace-context/) and
    /// [Baggage](https://www.w3.org/TR/baggage/).
    ///
    /// Both headers are shared with others: `traceparent` is only read, and of
    /// `baggage` only these members are added and removed. A member whose key is
    /// one of these in another spelling, such as `user%2Eid`, is a
    /// [`LookAlike`](crate::Reason::LookAlike).
    ///
    /// Reading deviates from the standard in two ways, since baggage carries
    /// identity:
    ///
    /// - A value that is not UTF-8 once decoded is invalid. The standard replaces
    ///   its bytes by U+FFFD.
    /// - Baggage of more than 64 members or 8,192 bytes is invalid as a whole. The
    ///   standard lets a platform keep a part of it.
    ///
    /// `=` and `+` are written as `%3D` and `%2B`: OpenTelemetry for Rust cuts a
    /// value at `=`, and OpenTelemetry for Python reads `+` as a space. LiteLLM
    /// takes the session from baggage without decoding it, so write [`litellm`] for
    /// it instead.
    w3c = "w3c" {
        source: "w3.org/TR/trace-context, w3.org/TR/baggage; the keys are OpenTelemetry's `session.id` and `user.id`" by Documentation, "2026-11-21";
        w3c: traceparent;
        baggage {
            SessionId or ConversationId or TaskId => "session.id";
            UserId => "user.id";
        }
    }

    /// The [LiteLLM](https://docs.litellm.ai) proxy.
    ///
    /// It is read as LiteLLM reads it, with these differences:
    ///
    /// - `x-litellm-trace-id` is the session there and outranks the others, so it
    ///   is never written.
    /// - Of several headers named `x-<vendor>-session-id`, LiteLLM takes the first
    ///   on the wire. [`HeaderMap`](http::HeaderMap) does not keep that order when
    ///   a header is removed, so two that disagree are a
    ///   [`Conflict`](crate::Reason::Conflict), and no session is read.
    /// - A header on two lines, or a value that is no [`Id`](crate::Id), is invalid.
    /// - A member of baggage is percent-decoded, and its properties are ignored.
    ///
    /// Writing removes every name that LiteLLM would take for the session, also if
    /// there is no session to write: a parent's, and names that belong to another
    /// protocol, such as `x-amzn-bedrock-agentcore-runtime-session-id` and
    /// `x-mcp-session-id`. Write such a header after this convention if it has to
    /// pass through LiteLLM. MCP's own `Mcp-Session-Id` does not begin with `x-`,
    /// and is not touched.
    ///
    /// LiteLLM routes by `x-litellm-tags` and attributes spend to
    /// `x-litellm-agent-id`. Both are read only from a trusted request. The agent's
    /// id is not written, since the [`AgentId`](crate::AgentId) that a client sends
    /// is not one of LiteLLM's agents. To write it, add a rule:
    ///
    /// ```
    /// use tower_metadata_headers::{AgentId, Rule, conventions};
    ///
    /// let litellm = conventions::litellm()
    ///     .to_builder()
    ///     .rule(Rule::write_only::<AgentId>("x-litellm-agent-id").identity())
    ///     .build()?;
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    litellm = "litellm" {
        source: "litellm 1.110.2, `proxy/litellm_pre_call_utils.py`, `constants.py`; docs.litellm.ai/docs/proxy/request_headers" by Code, "2026-11-24";
        reads_first {
            SessionId => "x-litellm-trace-id";
        }
        writes {
            SessionId or ConversationId or TaskId => "x-litellm-session-id";
            UserId => "x-litellm-customer-id" also "x-litellm-end-user-id";
            Tags => "x-litellm-tags";
        }
        reads_identity {
            AgentId => "x-litellm-agent-id";
        }
        families: "x-litellm-spend-logs-";
        vendors: LiteLlm;
        reads_last {
            SessionId => "session-id" also "session_id" also "thread-id" also "conversation_id" limits WORD_8 for_user_agents CODEX;
            SessionId => "x-session-id" limits WORD_8;
        }
        baggage_last {
            SessionId => "session.id";
        }
    }

    /// [`litellm`], with all that it has no header for in a JSON object that
    /// LiteLLM keeps with the request's cost. The members are named like the
    /// fields, with underscores: `project_id`, `turn_id`.
    #[cfg(feature = "json")]
    litellm_spend_logs = "litellm-spend-logs" {
        source: "litellm 1.109.1, `proxy/litellm_pre_call_utils.py`" by Code, "2026-11-21";
        extends: litellm;
        json_rest "x-litellm-spend-logs-metadata";
    }

    /// [OpenRouter](https://openrouter.ai).
    ///
    /// The title and `HTTP-Referer` name the app in public rankings. They are
    /// the operator's to set: a client's name that was read from a request is
    /// not written to them. Set them by fields of your own, which nothing reads:
    ///
    /// ```
    /// use http::HeaderMap;
    /// use tower_metadata_headers::{Metadata, Rule, conventions, metadata_field};
    ///
    /// metadata_field! {
    ///     /// The app's title.
    ///     pub struct AppTitle("app-title"): Correlation as Text;
    /// }
    /// metadata_field! {
    ///     /// The app's address.
    ///     pub struct AppUrl("app-url"): Correlation;
    /// }
    ///
    /// let openrouter = conventions::openrouter()
    ///     .to_builder()
    ///     .rule(Rule::write_only::<AppTitle>("x-openrouter-title"))
    ///     .rule(Rule::write_only::<AppUrl>("http-referer"))
    ///     .build()?;
    ///
    /// let metadata = Metadata::new()
    ///     .with(AppTitle::try_from("Acme Agent")?)
    ///     .with(AppUrl::try_from("https://acme.example")?);
    /// let mut headers = HeaderMap::new();
    /// openrouter.write(&metadata, &mut headers);
    /// assert_eq!(headers["x-openrouter-title"], "Acme Agent");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    openrouter = "openrouter" {
        source: "openrouter.ai/docs/api/api-reference, openrouter.ai/docs/app-attribution.md" by Documentation, "2026-11-21";
        hosts: "openrouter.ai";
        writes {
            SessionId or ConversationId or TaskId => "x-session-id" limits MAX_256;
        }
        fallbacks {
            ClientName => "x-openrouter-title";
            ClientName => "x-title";
        }
    }

    /// [Helicone](https://docs.helicone.ai). What it has no header for becomes
    /// a property of the request.
    ///
    /// Helicone replaces a request's id that is no UUID of version 1 to 5.
    helicone = "helicone" {
        source: "Helicone/helicone, `worker/src/lib/models/HeliconeHeaders.ts` at 01c9048f" by Code, "2026-11-21";
        hosts: "*.helicone.ai";
        writes {
            SessionId or ConversationId or TaskId => "helicone-session-id";
            UserId => "helicone-user-id";
            RequestId => "helicone-request-id" limits UUID;
        }
        rest: "helicone-property-";
    }

    /// [Portkey](https://portkey.ai). Its metadata is a JSON object of strings
    /// of at most 128 characters.
    #[cfg(feature = "json")]
    portkey = "portkey" {
        source: "portkey.ai/docs/product/observability/metadata; Portkey-AI/gateway 669825cb, `src/globals.ts`" by Documentation, "2026-11-21";
        hosts: "api.portkey.ai";
        writes {
            TraceId => "x-portkey-trace-id";
        }
        json "x-portkey-metadata" {
            SessionId or ConversationId or TaskId => "session_id" limits MAX_128;
            UserId => "_user" limits MAX_128;
        }
        json_rest "x-portkey-metadata" limits MAX_128;
    }

    /// Cloudflare's [AI Gateway](https://developers.cloudflare.com/ai-gateway/).
    ///
    /// It keeps the first five entries of its metadata and drops the rest
    /// without a word; so these are written by rank, and what is over is
    /// reported.
    #[cfg(feature = "json")]
    cloudflare_ai_gateway = "cloudflare-ai-gateway" {
        source: "developers.cloudflare.com/ai-gateway/observability/custom-metadata, …/reference/limits" by Documentation, "2026-11-21";
        hosts: "gateway.ai.cloudflare.com";
        json "cf-aig-metadata" most 5 {
            SessionId or ConversationId or TaskId => "session_id";
            UserId => "user_id";
            ProjectId => "project_id";
            OrganizationId => "organization_id";
            AgentId => "agent_id";
            ClientName => "client_name";
        }
        json_rest "cf-aig-metadata";
    }

    /// [Fireworks](https://fireworks.ai), which keeps a session on one replica
    /// by the first of these that comes.
    fireworks = "fireworks" {
        source: "docs.fireworks.ai/guides/prompt-caching, docs.fireworks.ai/guides/rollout-inference" by Documentation, "2026-11-21";
        hosts: "api.fireworks.ai";
        writes {
            SessionId or ConversationId or TaskId => "x-multi-turn-session-id";
            SessionId or ConversationId or TaskId => "x-session-affinity";
        }
    }

    /// Google's Vertex AI, for Anthropic's models.
    vertex = "vertex" {
        source: "BerriAI/litellm, pull request 31898" by Issue, "2026-11-21";
        hosts: "aiplatform.googleapis.com";
        writes {
            SessionId or ConversationId or TaskId => "x-vertex-ai-session-id";
        }
    }

    /// Databricks' Unity AI Gateway. Its request tags are a JSON object of
    /// strings.
    #[cfg(feature = "json")]
    databricks = "databricks" {
        source: "docs.databricks.com/aws/en/ai-gateway/request-tagging" by Documentation, "2026-11-21";
        json "databricks-ai-gateway-request-tags" {
            SessionId or ConversationId or TaskId => "session_id";
        }
        json_rest "databricks-ai-gateway-request-tags";
    }

    /// [TrueFoundry](https://truefoundry.com)'s AI Gateway. Its metadata is a
    /// JSON object of strings of at most 128 characters.
    #[cfg(feature = "json")]
    truefoundry = "truefoundry" {
        source: "truefoundry.com/docs/ai-gateway/request-headers.md" by Documentation, "2026-11-21";
        json "x-tfy-metadata" {
            SessionId or ConversationId or TaskId => "session_id" limits MAX_128;
        }
        json_rest "x-tfy-metadata" limits MAX_128;
    }

    /// Amazon Bedrock's `InvokeModel`. The header is part of the request's
    /// signature: write it before signing.
    #[cfg(feature = "json")]
    bedrock = "bedrock" {
        source: "docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-request-metadata.html, API_RequestMetadataBaseFilters" by Documentation, "2026-11-21";
        json "x-amzn-bedrock-request-metadata" {
            SessionId or ConversationId or TaskId => "sessionId" limits AWS;
            ConversationId => "conversationId" limits AWS;
            TaskId => "taskId" limits AWS;
            UserId => "userId" limits AWS;
            ProjectId => "projectId" limits AWS;
            OrganizationId => "organizationId" limits AWS;
            AgentId => "agentId" limits AWS;
            RequestId => "requestId" limits AWS;
        }
    }

    /// OpenAI's API.
    ///
    /// `OpenAI-Organization` and `OpenAI-Project` take OpenAI's own ids, and
    /// bill by them; they are never filled from ours.
    openai = "openai" {
        source: "developers.openai.com/api/reference/overview" by Documentation, "2026-11-21";
        hosts: "api.openai.com";
        writes {
            RequestId => "x-client-request-id" limits MAX_512;
        }
    }

    /// Azure OpenAI. It answers 431 to more than ten custom headers; this
    /// writes one.
    azure_openai = "azure-openai" {
        source: "MicrosoftDocs/azure-ai-docs 8e4e7b4, `quotas-limits.md`; the Azure SDKs' correlation header" by Documentation, "2026-11-21";
        hosts: "*.openai.azure.com";
        writes {
            RequestId => "x-ms-client-request-id";
        }
    }

    /// NVIDIA [Dynamo](https://github.com/ai-dynamo/dynamo). Its session is an
    /// agent's, not a conversation's.
    dynamo = "dynamo" {
        source: "ai-dynamo/dynamo, `lib/llm/src/protocols/agents.rs` at 004e2c53" by Code, "2026-11-21";
        writes {
            SessionId or ConversationId or TaskId => "x-dynamo-session-id";
            ParentSessionId => "x-dynamo-parent-session-id";
        }
        families: "x-dynamo-";
    }

    /// The [vLLM](https://github.com/vllm-project/router) router, which keeps a
    /// session on one worker.
    vllm_router = "vllm-router" {
        source: "vllm-project/router, `docs/load_balancing/README.md` at 301790e7" by Documentation, "2026-11-21";
        writes {
            SessionId or ConversationId or TaskId => "x-session-id";
            UserId => "x-user-id";
        }
    }

    /// [SGLang](https://github.com/sgl-project/sglang)'s gateway, which skips a
    /// routing key of more than 128 bytes.
    sglang = "sglang" {
        source: "smg-project/smg-docs, `sticky-sessions.md` at 2fd123be" by Documentation, "2026-11-21";
        writes {
            SessionId or ConversationId or TaskId => "x-smg-routing-key" limits MAX_128;
        }
    }

    /// [Bifrost](https://github.com/maximhq/bifrost). What it has no header for
    /// becomes a dimension of its telemetry.
    bifrost = "bifrost" {
        source: "maximhq/bifrost, `docs/providers/session-affinity.mdx`, `core/schemas`" by Code, "2026-11-21";
        writes {
            SessionId or ConversationId or TaskId => "x-bf-session-id" limits MAX_255;
        }
        rest: "x-bf-dim-";
    }

    /// Envoy [AI Gateway](https://aigateway.envoyproxy.io), which puts the
    /// session on its spans and access logs.
    envoy_ai_gateway = "envoy-ai-gateway" {
        source: "envoyproxy/ai-gateway c217da8a, `internal/requestheaderattrs/resolve.go`" by Code, "2026-11-21";
        writes {
            SessionId or ConversationId or TaskId => "agent-session-id";
        }
    }

    /// [LLM Gateway](https://llmgateway.io). What it has no header for becomes
    /// metadata of the request.
    llm_gateway = "llm-gateway" {
        source: "docs.llmgateway.io/features/metadata, docs.llmgateway.io/features/sessions" by Documentation, "2026-11-21";
        hosts: "api.llmgateway.io";
        writes {
            SessionId or ConversationId or TaskId => "x-session-id";
        }
        rest: "x-llmgateway-";
    }

    /// [TensorZero](https://github.com/tensorzero/tensorzero)'s exported spans.
    /// Each value is a JSON string; it answers 400 to any other.
    #[cfg(feature = "json")]
    tensorzero = "tensorzero" {
        source: "tensorzero/tensorzero 7a6159a4, `crates/tensorzero-core/src/observability/mod.rs`" by Code, "2026-11-21";
        strings {
            SessionId or ConversationId or TaskId => "tensorzero-otlp-traces-extra-attribute-session";
            UserId => "tensorzero-otlp-traces-extra-attribute-user";
            ProjectId => "tensorzero-otlp-traces-extra-attribute-project";
            OrganizationId => "tensorzero-otlp-traces-extra-attribute-organization";
            AgentId => "tensorzero-otlp-traces-extra-attribute-agent";
            ClientName => "tensorzero-otlp-traces-extra-attribute-client";
        }
    }

    /// [Modal](https://modal.com), which keeps a session on one server.
    modal = "modal" {
        source: "harbor-framework/harbor, issue 2723" by Issue, "2026-11-21";
        writes {
            SessionId or ConversationId or TaskId => "modal-session-id";
        }
    }

    /// Zenlayer's AI gateway.
    zenlayer = "zenlayer" {
        source: "BerriAI/litellm, issue 41032" by Issue, "2026-11-21";
        writes {
            ConversationId unless SessionId or TaskId => "x-conversation-id";
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "the table is fixed, and a test builds all of it"
)]
fn from_table(builder: ConventionBuilder) -> Convention {
    builder.build().expect("the vendors' table is sound")
}
