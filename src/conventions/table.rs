//! Table of vendors. A new vendor needs one entry here and one file in `tests/vectors`.
//!
//! Clients come first, then proxies and providers.

use super::{entry::*, header::*};
#[cfg(feature = "json")]
use crate::RequestLimits;
use crate::{
    Charset, Convention, FieldKey, Precedence, Tags, ValueLimits,
    fields::*,
    header_set::vendors::{VendorPattern, Vendors},
};

conventions!(
    /// [Claude Code](https://code.claude.com).
    ///
    /// Its documentation asks gateways to treat `x-claude-code-…` as an open list. The prompt
    /// of the user is the turn. Claude Code sends its id only to a gateway, and only with
    /// `CLAUDE_CODE_GATEWAY_HINT_HEADERS=1`, with hints such as the class of the request, which
    /// are passed on to another gateway. The ids in `x-claude-remote-…` belong to the machine
    /// on which it runs.
    pub static claude_code: Entry = Entry {
        name: "claude-code",
        aliases: &["claude", "claude-cli", "claudecode"],
        provenance: documentation(
            "code.claude.com/docs/en/llm-gateway-protocol; the changelog of 2.1.283",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "claude-code",
            agents: &[
                "claude-cli/",
                "claude-code/",
                "claudecode/",
                "vscode_claude_code/",
            ],
        }),
        headers: &[
            session("x-claude-code-session-id"),
            header::<TurnId>("x-claude-code-prompt-id"),
            header::<AgentId>("x-claude-code-agent-id"),
            header::<ParentAgentId>("x-claude-code-parent-agent-id"),
        ],
        owned_prefixes: &["x-claude-code-", "x-claude-remote-"],
        passed_on: &[
            "x-claude-code-agent-type",
            "x-claude-code-compaction",
            "x-claude-code-context-compacted",
            "x-claude-code-prev-tool-durations",
            "x-claude-code-request-class",
        ],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// GitHub Copilot: its chat in editors and its command line.
    ///
    /// `x-interaction-id` is new with each turn of the user. `x-agent-task-id` is the id of
    /// an agent from the command line, and of the request from the chat. The chat's
    /// `VScode-SessionId` is the id of a window, and is not read.
    ///
    /// No client is known that sends `x-copilot-session-id` to a model. LiteLLM reads it.
    pub static copilot: Entry = Entry {
        name: "copilot",
        aliases: &["copilot-chat", "copilot-cli", "github-copilot"],
        provenance: code(
            "microsoft/vscode, `extensions/copilot/…/networking.ts` at 00d624e7; \
             github/copilot-sdk, `nodejs/src/generated/rpc.ts` at cc0438d6; \
             coder/aibridge, `session.go`",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "copilot",
            agents: &["githubcopilotchat/", "copilot/"],
        }),
        headers: &[
            session("x-copilot-session-id"),
            session("x-client-session-id"),
            header::<TurnId>("x-interaction-id"),
            header::<ParentAgentId>("x-parent-agent-id"),
            header::<MachineId>("x-client-machine-id").aliases(&["vscode-machineid"]),
            header::<ProjectId>("x-github-repository-nwo"),
            read_only::<AgentId>("x-agent-task-id").for_user_agents(&["copilot/"]),
            read_only::<RequestId>("x-agent-task-id"),
            shared::<RequestId>("x-request-id"),
        ],
        owned_prefixes: &["x-copilot-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Kilo Code](https://github.com/Kilo-Org/kilocode) with its own gateway.
    ///
    /// Its task is the conversation. Its command line sends the `x-kilo-…` names.
    pub static kilo_code: Entry = Entry {
        name: "kilo-code",
        aliases: &["kilo", "kilocode"],
        provenance: code(
            "Kilo-Org/kilocode, `packages/kilo-gateway/src/api/constants.ts` and \
             `headers.ts` at 000a08d0; `llm.ts`",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "kilo-code",
            agents: &["kilo-code/", "kilo/", "opencode-kilo-provider"],
        }),
        headers: &[
            session_as_task("x-kilocode-taskid"),
            header::<ParentTaskId>("x-kilocode-parent-taskid")
                .or_else(&[FieldKey::of::<ParentSessionId>()])
                .aliases(&["x-kilocode-parenttaskid"]),
            header::<OrganizationId>("x-kilocode-organizationid"),
            header::<ProjectId>("x-kilocode-projectid"),
            header::<MachineId>("x-kilocode-machineid"),
            header::<Mode>("x-kilocode-mode"),
            header::<ClientVersion>("x-kilocode-version"),
            read_only::<ProjectId>("x-kilo-project").low_precedence(),
            read_only::<SessionId>("x-kilo-session"),
            read_only::<TurnId>("x-kilo-request"),
        ],
        owned_prefixes: &["x-kilocode-", "x-kilo-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Zoo Code](https://github.com/Zoo-Code-Org/Zoo-Code) with its own gateway.
    ///
    /// Its task is the conversation.
    pub static zoo_code: Entry = Entry {
        name: "zoo-code",
        aliases: &["zoo", "zoocode"],
        provenance: code(
            "Zoo-Code-Org/Zoo-Code 0313bb86, `src/api/providers/__tests__/zoo-gateway.spec.ts`",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "zoo-code",
            agents: ZOO_CODE,
        }),
        headers: &[
            session_as_task("x-zoo-task-id"),
            header::<Mode>("x-zoo-mode"),
            header::<ClientVersion>("x-zoo-extension-version"),
        ],
        owned_prefixes: &["x-zoo-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Zoo Code](https://github.com/Zoo-Code-Org/Zoo-Code) with a LiteLLM proxy.
    ///
    /// LiteLLM groups requests by this header, as by any `x-<vendor>-session-id`.
    pub static zoo_code_litellm: Entry = Entry {
        name: "zoo-code-litellm",
        provenance: code(
            "Zoo-Code-Org/Zoo-Code, `src/api/providers/lite-llm.ts`",
            "2026-11-25",
        ),
        client: Some(Client {
            name: "zoo-code",
            agents: ZOO_CODE,
        }),
        headers: &[session("x-zoo-session-id")],
        owned_prefixes: &["x-zoo-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Roo Code](https://github.com/RooCodeInc/Roo-Code) with its own router.
    ///
    /// Its task is the conversation.
    pub static roo_code: Entry = Entry {
        name: "roo-code",
        aliases: &["roo", "roo-cline", "roocode"],
        provenance: code(
            "RooCodeInc/Roo-Code, `RooHandler` (`src/api/providers/roo.ts`)",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "roo-code",
            agents: &["roocode/", "roo-code/"],
        }),
        headers: &[
            session_as_task("x-roo-task-id"),
            header::<ClientVersion>("x-roo-app-version"),
        ],
        owned_prefixes: &["x-roo-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Cline](https://github.com/cline/cline) with its own provider.
    ///
    /// If there is no task, older versions send an empty `x-task-id`. The empty header is
    /// reported, and counts as absent.
    pub static cline: Entry = Entry {
        name: "cline",
        provenance: code(
            "cline/cline 21cb8d25, `sdk/packages/llms/src/providers/request-headers.ts`",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "cline",
            agents: &["cline/"],
        }),
        headers: &[
            session_as_task("x-task-id"),
            header::<ClientVersion>("x-client-version"),
        ],
        precedence: Some(Precedence::FewClients),
        ..Entry::EMPTY
    };

    /// [OpenCode](https://opencode.ai) with its own providers, Zen and Go.
    ///
    /// Go answers 400 to a request without a session, and Zen counts such a request by
    /// workspace or address. So Zed, Goose, Cline and others send these providers a session
    /// too.
    ///
    /// Since version 1.18, OpenCode sends the session in `x-opencode-session-id` too. Beside
    /// it, `x-opencode-session` is a key of affinity: in the requests of a sub-agent, it is
    /// the session of the parent. So it is not read then, and is no conflict. Zen and Go read
    /// only `x-opencode-session`, so only it is written.
    ///
    /// `x-opencode-request` is the id of the user's message, not of a request.
    /// `x-opencode-client` is the way in which OpenCode is used, for example `cli`.
    pub static opencode: Entry = Entry {
        name: "opencode",
        aliases: &["open-code"],
        provenance: code(
            "anomalyco/opencode, `packages/core/src/session/model-request.ts` at 0330149c, \
             `packages/console/app/src/routes/zen/util/handler.ts` at 0098e632",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "opencode",
            agents: &["opencode/"],
        }),
        hosts: &["opencode.ai"],
        headers: &[
            read_only::<SessionId>("x-opencode-session-id"),
            read_only::<ParentSessionId>("x-opencode-parent-session-id"),
            affinity("x-opencode-session"),
            session("x-opencode-session"),
            header::<TurnId>("x-opencode-request"),
            header::<ProjectId>("x-opencode-project"),
            write_only::<ClientName>("x-opencode-client"),
        ],
        owned_prefixes: &["x-opencode-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Goose](https://github.com/aaif-goose/goose).
    pub static goose: Entry = Entry {
        name: "goose",
        provenance: code(
            "aaif-goose/goose, `crates/goose/src/session_context.rs` at 3390865d",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "goose",
            agents: &[],
        }),
        headers: &[session("agent-session-id").aliases(&["goose-session-id"])],
        precedence: Some(Precedence::FewClients),
        ..Entry::EMPTY
    };

    /// [Amp](https://ampcode.com). Its thread is the conversation.
    ///
    /// That `x-amp-message-id` is the turn, and that `x-amp-feature` stands for the mode, could
    /// not be verified.
    pub static amp: Entry = Entry {
        name: "amp",
        aliases: &["ampcode"],
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "amp",
            agents: &[],
        }),
        headers: &[
            session_as_conversation("x-amp-thread-id"),
            header::<TurnId>("x-amp-message-id"),
            header::<Mode>("x-amp-mode"),
            read_only::<Mode>("x-amp-feature").low_precedence(),
            read_only::<MachineId>("x-amp-installation-id"),
            read_only::<UserId>("x-amp-user"),
            header::<ClientVersion>("x-amp-client-version"),
        ],
        owned_prefixes: &["x-amp-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Factory](https://factory.ai)'s Droid. Its session is in `x-session-id`, which
    /// [`session_affinity`] reads. `x-assistant-message-id` is new with every request.
    pub static droid: Entry = Entry {
        name: "droid",
        aliases: &["factory", "factory-droid"],
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "droid",
            agents: &["factory-cli/"],
        }),
        headers: &[
            header::<RequestId>("x-assistant-message-id"),
            header::<OrganizationId>("x-factory-org-id"),
        ],
        owned_prefixes: &["x-factory-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Cursor](https://cursor.com) with its own servers. Its session is in `x-session-id`,
    /// which [`session_affinity`] reads.
    pub static cursor: Entry = Entry {
        name: "cursor",
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "cursor",
            agents: &[],
        }),
        headers: &[
            header::<ClientVersion>("x-cursor-client-version"),
            read_only::<RequestId>("x-original-request-id"),
        ],
        owned_prefixes: &["x-cursor-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Mux](https://github.com/coder/mux). Its workspace is the conversation.
    ///
    /// Mux sends an id that is not valid in a header as `b64:` and Base64. Such an id is not
    /// decoded, because every id is opaque.
    pub static mux: Entry = Entry {
        name: "mux",
        provenance: code("coder/mux, `providerOptions.ts` at f2160b19", "2026-11-24"),
        client: Some(Client {
            name: "mux",
            agents: &["mux/", "xum/"],
        }),
        headers: &[session_as_conversation("x-mux-workspace-id")],
        owned_prefixes: &["x-mux-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// xAI's [Grok](https://docs.x.ai) command line, and xAI's API.
    ///
    /// Requests with the same `x-grok-conv-id` share a prompt cache. `x-grok-agent-id` is the
    /// id of the installation, not of an agent. `x-grok-client-identifier` names one of the
    /// command line's programs, all of which are `grok` here.
    pub static grok: Entry = Entry {
        name: "grok",
        aliases: &["x-ai", "xai"],
        provenance: code(
            "xai-org/grok-build, `crates/codegen/xai-grok-sampler/src/client.rs` at 19d42e35; \
             docs.x.ai/developers/advanced-api-usage/prompt-caching/maximizing-cache-hits",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "grok",
            agents: &["grok-pager/", "grok-shell/", "grok-build/", "grok-cli/"],
        }),
        hosts: &["api.x.ai"],
        headers: &[
            session_as_conversation("x-grok-conv-id"),
            read_only::<SessionId>("x-grok-session-id"),
            read_only::<RequestId>("x-grok-req-id"),
            read_only::<MachineId>("x-grok-agent-id"),
            read_only::<UserId>("x-grok-user-id"),
            read_only::<TurnId>("x-grok-turn-idx"),
            read_only::<ClientVersion>("x-grok-client-version"),
        ],
        owned_prefixes: &["x-grok-"],
        passed_on: &["x-grok-client-identifier"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Open WebUI](https://github.com/open-webui/open-webui), if its operator lets it
    /// forward information on users. Its chat is the conversation, and the assistant's message
    /// is the turn. The operator can rename the headers, and send a signed token instead of
    /// the user.
    pub static open_webui: Entry = Entry {
        name: "open-webui",
        aliases: &["openwebui"],
        provenance: code(
            "open-webui/open-webui, `backend/open_webui/utils/headers.py` at 0790441f",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "open-webui",
            agents: &[],
        }),
        headers: &[
            session_as_conversation("x-openwebui-chat-id"),
            header::<TurnId>("x-openwebui-message-id"),
            header::<UserId>("x-openwebui-user-id"),
        ],
        owned_prefixes: &["x-openwebui-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Coder](https://coder.com)'s agents. Their chat is the conversation.
    ///
    /// In the request of a sub-chat, `x-coder-chat-id` is the chat at the root.
    pub static coder: Entry = Entry {
        name: "coder",
        provenance: code(
            "coder/coder, `chatprovider_server.go` at dbc9af65, `useragent.go` at 199bdad2",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "coder",
            agents: &["coder-agents/"],
        }),
        headers: &[
            read_only::<ConversationId>("x-coder-subchat-id"),
            read_only::<ParentSessionId>("x-coder-chat-id").only_with("x-coder-subchat-id"),
            session_as_conversation("x-coder-chat-id"),
            header::<UserId>("x-coder-owner-id"),
        ],
        owned_prefixes: &["x-coder-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// DeepSeek's harness. Its user is an anonymous id of the installation. NVIDIA Dynamo
    /// reads the session of a parent too, which the harness does not send.
    pub static deepseek_harness: Entry = Entry {
        name: "deepseek-harness",
        provenance: code(
            "deepseek-ai/deepseek-harness, `packages/llm/llm-deepseek/src/adapter.ts` at b150a551",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "deepseek-harness",
            agents: &["deepseek-harness/"],
        }),
        headers: &[
            session("x-deepseek-harness-session-id"),
            header::<UserId>("x-deepseek-harness-user-id"),
            read_only::<ParentSessionId>("x-deepseek-harness-parent-session-id"),
        ],
        owned_prefixes: &["x-deepseek-harness-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// OpenAI's [Codex](https://github.com/openai/codex).
    ///
    /// Names without a vendor are read only if the `User-Agent` is Codex's. Otherwise
    /// [`session_affinity`] reads them. Codex's `x-client-request-id` is the id of the
    /// thread, not of a request. Its `x-codex-window-id` is the id of the thread with a
    /// count. `originator` names the program. Kilo Code, Roo Code and pi send
    /// it to OpenAI too. It counts if nothing else tells the client.
    ///
    /// OpenAI's server needs more headers than have a field, such as the state of a turn.
    /// Between Codex and OpenAI, write this convention, which passes them on.
    pub static codex: Entry = Entry {
        name: "codex",
        aliases: &["codex-cli", "openai-codex"],
        provenance: code(
            "openai/codex, `requests/headers.rs`, `core/src/responses_metadata.rs` at \
             15801f69; its pull requests 21757 and 22193",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "codex",
            agents: CODEX,
        }),
        headers: &[
            session("session-id")
                .aliases(&["session_id"])
                .for_user_agents(CODEX),
            header::<ConversationId>("thread-id")
                .aliases(&["thread_id"])
                .for_user_agents(CODEX),
            header::<ParentSessionId>("x-codex-parent-thread-id"),
            read_only::<SessionId>("conversation_id").for_user_agents(CODEX),
            read_only::<MachineId>("x-codex-installation-id"),
            shared::<ConversationId>("x-client-request-id").for_user_agents(CODEX),
            shared::<ClientName>("originator").literal(),
        ],
        owned_prefixes: &["x-codex-"],
        passed_on: &[
            "x-codex-beta-features",
            "x-codex-routing-hint",
            "x-codex-turn-metadata",
            "x-codex-turn-state",
            "x-codex-window-id",
        ],
        precedence: Some(Precedence::OwnUserAgent),
        ..Entry::EMPTY
    };

    /// [`codex`], and the members of its `x-codex-turn-metadata`: a JSON object that repeats
    /// metadata of the request's body.
    ///
    /// The object takes precedence. The newest versions send a key of affinity in
    /// `session-id`: a fork that is not stored sends the session of its parent.
    #[cfg(feature = "json")]
    pub static codex_turn_metadata: Entry = Entry {
        name: "codex-turn-metadata",
        provenance: code(
            "openai/codex, `core/src/responses_metadata.rs` at 15801f69",
            "2026-11-24",
        ),
        extends: Some(codex),
        headers: &[
            read_only::<SessionId>("session-id")
                .aliases(&["session_id"])
                .for_user_agents(CODEX)
                .only_with("x-codex-turn-metadata")
                .low_precedence(),
            member::<SessionId>("x-codex-turn-metadata", "session_id").read_only(),
            member::<ConversationId>("x-codex-turn-metadata", "thread_id").read_only(),
            member::<ParentSessionId>("x-codex-turn-metadata", "parent_thread_id").read_only(),
            member::<TurnId>("x-codex-turn-metadata", "turn_id").read_only(),
            member::<MachineId>("x-codex-turn-metadata", "installation_id").read_only(),
            member::<AgentId>("x-codex-turn-metadata", "agent_name").read_only(),
        ],
        ..Entry::EMPTY
    };

    /// `x-<vendor>-session-id` of known vendors. Either their agents send it, or gateways
    /// read it. This convention writes nothing.
    ///
    /// The vendors are Amp, Claude Code, Cline, Coder, Codex, Copilot, Crush, Cursor,
    /// DeepSeek's harness, Droid, Factory, Gemini CLI, Goose, Grok, Hermes,
    /// Kilo Code, Mecatl, Mux, OpenCode, Open WebUI, pi, Pochi, Qwen Code, Roo
    /// Code, Zed and Zoo Code, each under its usual names. The vendor is read as
    /// [`ClientName`](crate::ClientName), and `x-<vendor>-parent-session-id` as
    /// [`ParentSessionId`](crate::ParentSessionId).
    pub static known_vendors: Entry = Entry {
        name: "known-vendors",
        provenance: documentation(
            "docs.litellm.ai/docs/proxy/request_headers; TabbyML/pochi, issue 1943; \
             stacklok/mecatl, issues 543 and 549",
            "2026-11-24",
        ),
        session_ids: Some(VendorPattern {
            vendors: Vendors::Listed(KNOWN_VENDORS),
            ..VendorPattern::AGENTS
        }),
        precedence: Some(Precedence::KnownVendors),
        ..Entry::EMPTY
    };

    /// `x-<vendor>-session-id` of any other vendor. This convention writes nothing.
    ///
    /// [`known_vendors`] and names that many agents send take precedence, unless the
    /// request's `User-Agent` begins with the vendor's name. The vendor is read as
    /// [`ClientName`](crate::ClientName), and `x-<vendor>-parent-session-id` as
    /// [`ParentSessionId`](crate::ParentSessionId).
    ///
    /// Names that have this form by accident are not read: names of MCP, AWS and other
    /// owners, and names of analytics scripts such as PostHog and Sentry.
    pub static any_vendor: Entry = Entry {
        name: "any-vendor",
        provenance: code(
            "litellm 1.110.2, `proxy/litellm_pre_call_utils.py`; \
             docs.subconscious.dev/features/session-headers",
            "2026-11-25",
        ),
        session_ids: Some(VendorPattern::AGENTS),
        precedence: Some(Precedence::AnyVendor),
        ..Entry::EMPTY
    };

    /// Names that no vendor owns. OpenCode sends them to providers other than its own. Crush,
    /// pi and Droid send them too. Cloudflare's Workers AI (`api.cloudflare.com`) keeps a
    /// session on one machine by `x-session-affinity`.
    ///
    /// The value may be more than one session: nanobot sends one id for all conversations of
    /// a process, and OpenCode sends the session of the parent in the requests of a sub-agent,
    /// beside its own `x-opencode-session-id`, which counts.
    ///
    /// `x-parent-session-id` is not written, because LiteLLM takes it for the session.
    pub static session_affinity: Entry = Entry {
        name: "session-affinity",
        aliases: &["cloudflare-workers-ai", "workers-ai"],
        provenance: code(
            "anomalyco/opencode, `packages/opencode/src/session/llm/request.ts` at \
             05f35982; workers-ai-provider 4.0.0",
            "2026-11-24",
        ),
        headers: &[
            affinity("x-session-affinity"),
            session("x-session-affinity"),
            affinity("x-session-id"),
            session("x-session-id"),
            read_only::<SessionId>("session-id").aliases(&["session_id"]),
            read_only::<ParentSessionId>("x-parent-session-id"),
        ],
        precedence: Some(Precedence::ManyClients),
        ..Entry::EMPTY
    };

    /// [Crush](https://github.com/charmbracelet/crush). It sends a hash of its
    /// session's id, not the id.
    pub static crush: Entry = Entry {
        name: "crush",
        aliases: &["charm-crush"],
        provenance: code(
            "charmbracelet/crush, `internal/agent/agent.go` at 37f36e93",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "crush",
            agents: &["charm-crush/", "charm crush/"],
        }),
        headers: &[session("x-session-id"), session("x-session-affinity")],
        precedence: Some(Precedence::ManyClients),
        ..Entry::EMPTY
    };

    /// [pi](https://github.com/earendil-works/pi), if it is configured to send its session.
    ///
    /// To OpenAI's Codex, it sends Codex' headers, and its session in `x-client-request-id`
    /// too. To Mistral, it sends [`mistral`]'s header.
    pub static pi: Entry = Entry {
        name: "pi",
        aliases: &["pi-mono"],
        provenance: code(
            "earendil-works/pi, `packages/ai/src/utils/pi-user-agent.ts` at e8995341, \
             `codex-request-metadata.ts` at 57527f09",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "pi",
            agents: &["pi ("],
        }),
        headers: &[
            session("x-session-affinity"),
            read_only::<SessionId>("session-id").aliases(&["session_id"]),
            read_only::<SessionId>("x-session-id"),
            shared::<SessionId>("x-client-request-id").for_user_agents(&["pi ("]),
        ],
        precedence: Some(Precedence::ManyClients),
        ..Entry::EMPTY
    };

    /// [Mistral](https://docs.mistral.ai)'s API, and its agent Vibe, by whose header requests
    /// of one session reach one machine. pi sends it too.
    pub static mistral: Entry = Entry {
        name: "mistral",
        aliases: &["mistral-vibe", "mistralai"],
        provenance: code(
            "mistralai/mistral-vibe, `vibe/core/agent_loop.py` at 025ba238",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "mistral-vibe",
            agents: &["mistral-vibe/"],
        }),
        hosts: &["api.mistral.ai"],
        headers: &[session("x-affinity")],
        precedence: Some(Precedence::FewClients),
        ..Entry::EMPTY
    };

    /// Google's [Gemini CLI](https://github.com/google-gemini/gemini-cli). Its session is in
    /// the body only.
    pub static gemini_cli: Entry = Entry {
        name: "gemini-cli",
        provenance: code(
            "google-gemini/gemini-cli, `packages/core/src/core/contentGenerator.ts` at 5411f113",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "gemini-cli",
            agents: &["geminicli/"],
        }),
        headers: &[read_only::<MachineId>("x-gemini-api-privileged-user-id")],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// Moonshot's [Kimi Code](https://github.com/MoonshotAI/kimi-code). Its session is in the
    /// body only. The headers in `x-msh-…` are for Moonshot's servers, and never written.
    pub static kimi_code: Entry = Entry {
        name: "kimi-code",
        aliases: &["kimi", "kimi-cli"],
        provenance: code(
            "MoonshotAI/kimi-code, `packages/oauth/src/identity.ts` at d723cc47",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "kimi-code",
            agents: &["kimi-code-cli/"],
        }),
        headers: &[
            read_only::<MachineId>("x-msh-device-id"),
            read_only::<ClientVersion>("x-msh-version"),
        ],
        owned_prefixes: &["x-msh-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Pochi](https://github.com/TabbyML/pochi) with its own gateway. Its task is the
    /// conversation.
    pub static pochi: Entry = Entry {
        name: "pochi",
        aliases: &["tabby-pochi"],
        provenance: code(
            "TabbyML/pochi, `packages/vendor-pochi/src/model.ts` at 7bbd5c1c",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "pochi",
            agents: &["pochicli/"],
        }),
        headers: &[session_as_task("x-pochi-task-id")],
        owned_prefixes: &["x-pochi-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Qwen Code](https://github.com/QwenLM/qwen-code). Its session is in the body only.
    pub static qwen_code: Entry = Entry {
        name: "qwen-code",
        aliases: &["qwen"],
        provenance: code("QwenLM/qwen-code, `dashscope.ts` at 0252a23b", "2026-11-24"),
        client: Some(Client {
            name: "qwen-code",
            agents: &["qwencode/"],
        }),
        precedence: Some(Precedence::OwnUserAgent),
        ..Entry::EMPTY
    };

    /// [Letta Code](https://github.com/letta-ai/letta-code) with its own server.
    pub static letta_code: Entry = Entry {
        name: "letta-code",
        aliases: &["letta"],
        provenance: code(
            "letta-ai/letta-code, `src/backend/api/client.ts` at 1f4d3e3e",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "letta-code",
            agents: &["letta-code/"],
        }),
        headers: &[
            read_only::<MachineId>("x-letta-environment-device-id"),
            read_only::<UserId>("x-letta-acting-user-id"),
        ],
        owned_prefixes: &["x-letta-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Continue](https://github.com/continuedev/continue)'s command line with its own proxy.
    /// Its `x-continue-unique-id` is not read, because what it identifies could not be
    /// verified.
    pub static continue_cli: Entry = Entry {
        name: "continue-cli",
        aliases: &["continue"],
        provenance: code(
            "continuedev/continue, `extensions/cli/src/config.ts` at 28df4215",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "continue-cli",
            agents: &["continue-cli/"],
        }),
        owned_prefixes: &["x-continue-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Zed](https://zed.dev). To OpenCode's providers, it sends [`opencode`]'s header.
    pub static zed: Entry = Entry {
        name: "zed",
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "zed",
            agents: &["zed/"],
        }),
        precedence: Some(Precedence::OwnUserAgent),
        ..Entry::EMPTY
    };

    /// [Hermes Agent](https://github.com/NousResearch/hermes-agent). As Codex, it sends Codex'
    /// headers and `User-Agent`. Its `X-Hermes-Session-Id` is for requests to itself.
    pub static hermes: Entry = Entry {
        name: "hermes",
        aliases: &["hermes-agent"],
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "hermes",
            agents: &["hermesagent/", "codex_cli_rs/0.0.0 (hermes agent)"],
        }),
        precedence: Some(Precedence::OwnUserAgent),
        ..Entry::EMPTY
    };

    /// Z.ai's ZCode. Its session is in `x-session-id`, which [`session_affinity`] reads.
    pub static zcode: Entry = Entry {
        name: "zcode",
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "zcode",
            agents: &["zcode/"],
        }),
        headers: &[header::<TraceId>("x-zcode-trace-id")],
        owned_prefixes: &["x-zcode-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// JeikCode.
    pub static jeikcode: Entry = Entry {
        name: "jeikcode",
        aliases: &["jeik-code"],
        provenance: capture("the tests of a gateway that reads it", "2026-11-24"),
        client: Some(Client {
            name: "jeikcode",
            agents: &[],
        }),
        headers: &[session("x-jeikcode-sessionid")],
        owned_prefixes: &["x-jeikcode-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// [Mirascope](https://mirascope.com).
    pub static mirascope: Entry = Entry {
        name: "mirascope",
        provenance: capture("the tests of a gateway that reads it", "2026-11-24"),
        client: Some(Client {
            name: "mirascope",
            agents: &[],
        }),
        headers: &[session("mirascope-session-id")],
        precedence: Some(Precedence::FewClients),
        ..Entry::EMPTY
    };

    /// Tencent's CodeBuddy. `X-Conversation-Request-ID` is new with each message of the user.
    /// Its `X-User-Id` is not read, because applications send it too.
    pub static codebuddy: Entry = Entry {
        name: "codebuddy",
        aliases: &["code-buddy"],
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "codebuddy",
            agents: &[],
        }),
        headers: &[
            session_as_conversation("x-conversation-id"),
            header::<TurnId>("x-conversation-request-id"),
            header::<ParentSessionId>("x-parent-conversation-id"),
        ],
        precedence: Some(Precedence::FewClients),
        ..Entry::EMPTY
    };

    /// Sourcegraph's [Cody](https://sourcegraph.com/cody). An interaction is a turn.
    pub static cody: Entry = Entry {
        name: "cody",
        aliases: &["sourcegraph", "sourcegraph-cody"],
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "cody",
            agents: &[],
        }),
        headers: &[header::<TurnId>("x-sourcegraph-interaction-id")],
        owned_prefixes: &["x-sourcegraph-"],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// JetBrains' [Junie](https://www.jetbrains.com/junie/).
    pub static junie: Entry = Entry {
        name: "junie",
        aliases: &["jetbrains-junie"],
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "junie",
            agents: &["junie/"],
        }),
        headers: &[header::<TraceId>("grazie-trace-id")],
        precedence: Some(Precedence::FewClients),
        ..Entry::EMPTY
    };

    /// [GitLab Duo](https://about.gitlab.com/gitlab-duo/). An instance is an installation of
    /// GitLab.
    pub static gitlab_duo: Entry = Entry {
        name: "gitlab-duo",
        aliases: &["gitlab"],
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "gitlab-duo",
            agents: &[],
        }),
        headers: &[
            header::<MachineId>("x-gitlab-instance-id"),
            header::<UserId>("x-gitlab-global-user-id"),
        ],
        precedence: Some(Precedence::OwnNames),
        ..Entry::EMPTY
    };

    /// OpenAI's [Agents SDK](https://github.com/openai/openai-agents-python). It sends no id.
    pub static openai_agents: Entry = Entry {
        name: "openai-agents",
        aliases: &["openai-agents-sdk"],
        provenance: code(
            "openai/openai-agents-python, `openai_responses.py` at 7f7a44f8",
            "2026-11-24",
        ),
        client: Some(Client {
            name: "openai-agents",
            agents: &["agents/python "],
        }),
        precedence: Some(Precedence::OwnUserAgent),
        ..Entry::EMPTY
    };

    /// Microsoft's [Agent Framework](https://github.com/microsoft/agent-framework). It sends
    /// no id.
    pub static agent_framework: Entry = Entry {
        name: "agent-framework",
        aliases: &["microsoft-agent-framework"],
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "agent-framework",
            agents: &["agent-framework-python/"],
        }),
        precedence: Some(Precedence::OwnUserAgent),
        ..Entry::EMPTY
    };

    /// [Pydantic AI](https://ai.pydantic.dev). It sends no id.
    pub static pydantic_ai: Entry = Entry {
        name: "pydantic-ai",
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "pydantic-ai",
            agents: &["pydantic-ai/"],
        }),
        precedence: Some(Precedence::OwnUserAgent),
        ..Entry::EMPTY
    };

    /// Microsoft's [AutoGen](https://github.com/microsoft/autogen). It sends no id.
    pub static autogen: Entry = Entry {
        name: "autogen",
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "autogen",
            agents: &["autogen-python/"],
        }),
        precedence: Some(Precedence::OwnUserAgent),
        ..Entry::EMPTY
    };

    /// Google's [Agent Development Kit](https://google.github.io/adk-docs/). It sends no id.
    pub static google_adk: Entry = Entry {
        name: "google-adk",
        aliases: &["adk"],
        provenance: capture("captures of its requests", "2026-11-24"),
        client: Some(Client {
            name: "google-adk",
            agents: &["google-adk/"],
        }),
        precedence: Some(Precedence::OwnUserAgent),
        ..Entry::EMPTY
    };

    /// W3C [Trace Context](https://www.w3.org/TR/trace-context/) and
    /// [Baggage](https://www.w3.org/TR/baggage/).
    ///
    /// Other software uses both headers too. `traceparent` is only read. In `baggage`, only
    /// these members are added and removed. A member whose key decodes to one of these, such
    /// as `user%2Eid`, is a [`LookAlike`](crate::Reason::LookAlike).
    ///
    /// Reading differs from the standard in two ways, because baggage carries identity:
    ///
    /// - If the decoded bytes of a value are not UTF-8, the value is invalid. The standard
    ///   replaces such bytes by U+FFFD.
    /// - If baggage has more than 64 members or 8,192 bytes, all of it is invalid. The
    ///   standard lets a platform keep a part of it.
    ///
    /// `=` and `+` are written as `%3D` and `%2B`, because OpenTelemetry for Rust cuts a
    /// value at `=`, and OpenTelemetry for Python reads `+` as a space. LiteLLM reads the
    /// session from baggage without decoding it, so write [`litellm`] for LiteLLM.
    pub static w3c: Entry = Entry {
        name: "w3c",
        provenance: documentation(
            "w3.org/TR/trace-context, w3.org/TR/baggage; the keys are OpenTelemetry's \
             `session.id` and `user.id`",
            "2026-11-21",
        ),
        headers: &[
            traceparent(),
            baggage::<SessionId>("session.id").or_else(SESSION_FALLBACKS),
            baggage::<UserId>("user.id"),
        ],
        precedence: Some(Precedence::Standard),
        ..Entry::EMPTY
    };

    /// The [LiteLLM](https://docs.litellm.ai) proxy.
    ///
    /// As in LiteLLM:
    ///
    /// - `x-litellm-trace-id` is the session and takes precedence over all other headers,
    ///   so it is never written.
    /// - A session in `x-<vendor>-session-id` has at least 8 letters, digits, `_` and `-`.
    ///   If it does not, the next header counts.
    ///
    /// Reading differs from LiteLLM in these ways:
    ///
    /// - If a request has several headers named `x-<vendor>-session-id`, LiteLLM reads the
    ///   first on the wire. [`HeaderMap`](http::HeaderMap) does not keep that order if a
    ///   header is removed. So if two of them disagree, they are a
    ///   [`Conflict`](crate::Reason::Conflict), and no session is read.
    /// - A header with two field lines is invalid, and so is a value that is not a valid
    ///   [`Id`](crate::Id).
    /// - A member of baggage is percent-decoded, and its properties are ignored.
    ///
    /// Every header that LiteLLM would read as the session is removed before writing, even if
    /// there is no session to write. This includes the session of a parent, and headers of
    /// other protocols, such as `x-amzn-bedrock-agentcore-runtime-session-id` and
    /// `x-mcp-session-id`. If such a header has to pass through LiteLLM, write it after this
    /// convention. MCP's own `Mcp-Session-Id` does not begin with `x-`, and is not removed.
    ///
    /// LiteLLM routes by `x-litellm-tags`, and attributes spend to `x-litellm-agent-id`. Both
    /// are read only from a trusted request. The agent id is not written, because the
    /// [`AgentId`](crate::AgentId) of a client is not one of LiteLLM's agents. To write it,
    /// add a rule:
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
    pub static litellm: Entry = Entry {
        name: "litellm",
        aliases: &["lite-llm", "litellm-proxy"],
        provenance: code(
            "litellm 1.110.2, `proxy/litellm_pre_call_utils.py`, `constants.py`; \
             docs.litellm.ai/docs/proxy/request_headers",
            "2026-11-24",
        ),
        headers: &[
            read_only::<SessionId>("x-litellm-trace-id"),
            session("x-litellm-session-id"),
            header::<UserId>("x-litellm-customer-id").aliases(&["x-litellm-end-user-id"]),
            header::<Tags>("x-litellm-tags").literal(),
            read_only::<AgentId>("x-litellm-agent-id").identity(),
            read_only::<SessionId>("session-id")
                .aliases(&["session_id", "thread-id", "conversation_id"])
                .limits(WORD_8)
                .skip_outside_limits()
                .for_user_agents(CODEX)
                .after_vendors(),
            read_only::<SessionId>("x-session-id")
                .limits(WORD_8)
                .skip_outside_limits()
                .after_vendors(),
            baggage::<SessionId>("session.id")
                .read_only()
                .after_vendors(),
        ],
        owned_prefixes: &["x-litellm-spend-logs-"],
        session_ids: Some(VendorPattern {
            vendors: Vendors::All,
            // LiteLLM reads the session of a parent as the session.
            parent: FieldKey::of::<SessionId>(),
            limits: WORD_8,
            names_client: false,
        }),
        precedence: Some(Precedence::Proxy),
        ..Entry::EMPTY
    };

    /// [`litellm`], with all other fields in a JSON object that LiteLLM stores with the
    /// request's cost. The members are named after the fields, with underscores:
    /// `project_id`, `turn_id`.
    #[cfg(feature = "json")]
    pub static litellm_spend_logs: Entry = Entry {
        name: "litellm-spend-logs",
        provenance: code(
            "litellm 1.110.2, `proxy/litellm_pre_call_utils.py`; \
             docs.litellm.ai/docs/proxy/request_headers",
            "2026-11-24",
        ),
        extends: Some(litellm),
        headers: &[member::<UserId>("x-litellm-spend-logs-metadata", "user_id")
            .read_only()
            .low_precedence()],
        other_fields: OtherFields::Members("x-litellm-spend-logs-metadata", ValueLimits::new()),
        ..Entry::EMPTY
    };

    /// [OpenRouter](https://openrouter.ai). A `session_id` in the body takes precedence over
    /// the header.
    ///
    /// The title and `HTTP-Referer` name the app in public rankings, so only the operator
    /// should set them. A client's name that was read from a request is not written to
    /// them. Set them by fields of your own, which are never read:
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
    pub static openrouter: Entry = Entry {
        name: "openrouter",
        aliases: &["open-router"],
        provenance: code(
            "@openrouter/sdk 1.3.19; openrouter.ai/docs/app-attribution.md",
            "2026-11-24",
        ),
        hosts: &["openrouter.ai"],
        headers: &[
            session("x-session-id").limits(max_len(256)),
            read_only::<ClientName>("x-openrouter-title")
                .literal()
                .low_precedence(),
            read_only::<ClientName>("x-title")
                .literal()
                .low_precedence(),
        ],
        precedence: Some(Precedence::Proxy),
        ..Entry::EMPTY
    };

    /// [Helicone](https://docs.helicone.ai). Fields without a header become properties of
    /// the request.
    ///
    /// Helicone silently replaces a request id that is not a UUID of version 1 to 5. Its
    /// `Helicone-Session-Path` and `Helicone-Session-Name` are the place and the title in its
    /// sessions' view, which no field is.
    pub static helicone: Entry = Entry {
        name: "helicone",
        provenance: code(
            "Helicone/helicone, `worker/src/lib/models/HeliconeHeaders.ts` at 01c9048f",
            "2026-11-24",
        ),
        hosts: &["*.helicone.ai"],
        headers: &[
            session("helicone-session-id"),
            header::<UserId>("helicone-user-id"),
            header::<RequestId>("helicone-request-id").limits(UUID),
        ],
        other_fields: OtherFields::Headers("helicone-property-"),
        ..Entry::EMPTY
    };

    /// [Portkey](https://portkey.ai). Its metadata is a JSON object of strings
    /// of at most 128 characters.
    ///
    /// Metadata of the API key and of the workspace takes precedence over the request's. The
    /// headers of a span, such as `x-portkey-span-id`, are the tracer's, and no field is
    /// written to them.
    #[cfg(feature = "json")]
    pub static portkey: Entry = Entry {
        name: "portkey",
        aliases: &["portkey-ai"],
        provenance: code(
            "portkey-ai 2.3.4, `createHeaders`; portkey.ai/docs/product/observability/metadata",
            "2026-11-24",
        ),
        hosts: &["api.portkey.ai"],
        headers: &[
            header::<TraceId>("x-portkey-trace-id"),
            member::<SessionId>("x-portkey-metadata", "session_id")
                .or_else(SESSION_FALLBACKS)
                .limits(max_len(128)),
            member::<UserId>("x-portkey-metadata", "_user").limits(max_len(128)),
        ],
        other_fields: OtherFields::Members("x-portkey-metadata", max_len(128)),
        ..Entry::EMPTY
    };

    /// Cloudflare's [AI Gateway](https://developers.cloudflare.com/ai-gateway/).
    ///
    /// It keeps the first five members of its metadata, and silently drops all others. So
    /// the members are written in this order, and any beyond five are reported. A member may
    /// be a number or a boolean, and is read as it is spelled.
    #[cfg(feature = "json")]
    pub static cloudflare_ai_gateway: Entry = Entry {
        name: "cloudflare-ai-gateway",
        aliases: &["cf-ai-gateway", "cf-aig", "cloudflare", "cloudflare-aig"],
        provenance: code(
            "workers-ai-provider 4.0.0; \
             developers.cloudflare.com/ai-gateway/observability/custom-metadata, \
             …/reference/limits",
            "2026-11-24",
        ),
        hosts: &["gateway.ai.cloudflare.com"],
        headers: &[
            member::<SessionId>("cf-aig-metadata", "session_id").or_else(SESSION_FALLBACKS),
            member::<UserId>("cf-aig-metadata", "user_id"),
            member::<UserId>("cf-aig-metadata", "user")
                .read_only()
                .low_precedence(),
            member::<ProjectId>("cf-aig-metadata", "project_id"),
            member::<OrganizationId>("cf-aig-metadata", "organization_id"),
            member::<AgentId>("cf-aig-metadata", "agent_id"),
            member::<ClientName>("cf-aig-metadata", "client_name"),
        ],
        other_fields: OtherFields::Members("cf-aig-metadata", ValueLimits::new()),
        max_members: 5,
        ..Entry::EMPTY
    };

    /// [Fireworks](https://fireworks.ai), which keeps a session on one replica by the first
    /// of these headers that a request has.
    pub static fireworks: Entry = Entry {
        name: "fireworks",
        aliases: &["fireworks-ai"],
        provenance: code(
            "fireworks-ai 1.2.30; docs.fireworks.ai/guides/prompt-caching, \
             docs.fireworks.ai/guides/rollout-inference",
            "2026-11-24",
        ),
        hosts: &["api.fireworks.ai"],
        headers: &[
            session("x-multi-turn-session-id"),
            session("x-session-affinity"),
        ],
        ..Entry::EMPTY
    };

    /// Google's Vertex AI, for Anthropic's models.
    pub static vertex: Entry = Entry {
        name: "vertex",
        aliases: &["google-vertex", "google-vertex-ai", "vertex-ai", "vertexai"],
        provenance: code(
            "BerriAI/litellm, `VertexAIPartnerModelsAnthropicMessagesConfig`; its pull request \
             31898",
            "2026-11-25",
        ),
        hosts: &["aiplatform.googleapis.com"],
        headers: &[session("x-vertex-ai-session-id")],
        ..Entry::EMPTY
    };

    /// Databricks' Unity AI Gateway. Its request tags are a JSON object of
    /// strings.
    #[cfg(feature = "json")]
    pub static databricks: Entry = Entry {
        name: "databricks",
        aliases: &["databricks-ai-gateway"],
        provenance: documentation(
            "docs.databricks.com/aws/en/ai-gateway/request-tagging",
            "2026-11-25",
        ),
        headers: &[
            member::<SessionId>("databricks-ai-gateway-request-tags", "session_id")
                .or_else(SESSION_FALLBACKS),
        ],
        other_fields: OtherFields::Members(
            "databricks-ai-gateway-request-tags",
            ValueLimits::new(),
        ),
        ..Entry::EMPTY
    };

    /// [TrueFoundry](https://truefoundry.com)'s AI Gateway. Its metadata is a
    /// JSON object of strings of at most 128 characters.
    #[cfg(feature = "json")]
    pub static truefoundry: Entry = Entry {
        name: "truefoundry",
        aliases: &["tfy", "true-foundry"],
        provenance: documentation(
            "truefoundry.com/docs/ai-gateway/request-headers.md",
            "2026-11-25",
        ),
        headers: &[member::<SessionId>("x-tfy-metadata", "session_id")
            .or_else(SESSION_FALLBACKS)
            .limits(max_len(128))],
        other_fields: OtherFields::Members("x-tfy-metadata", max_len(128)),
        ..Entry::EMPTY
    };

    /// Amazon Bedrock's `InvokeModel`. The request's signature includes the header, so write
    /// it before signing.
    ///
    /// It answers an error to more than 16 members or 8,500 bytes, so further ones are not
    /// written, and are reported. It stores `#` and `,` in a value, but its filters for costs
    /// do not accept them, so such a value is neither written nor read.
    #[cfg(feature = "json")]
    pub static bedrock: Entry = Entry {
        name: "bedrock",
        aliases: &["amazon-bedrock", "aws-bedrock"],
        provenance: code(
            "botocore 1.44.8, `InvokeModelRequest`; \
             docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-request-metadata.html, \
             API_RequestMetadataBaseFilters",
            "2026-11-24",
        ),
        headers: &[
            member::<SessionId>("x-amzn-bedrock-request-metadata", "sessionId")
                .or_else(SESSION_FALLBACKS)
                .limits(AWS),
            member::<ConversationId>("x-amzn-bedrock-request-metadata", "conversationId")
                .limits(AWS),
            member::<TaskId>("x-amzn-bedrock-request-metadata", "taskId").limits(AWS),
            member::<UserId>("x-amzn-bedrock-request-metadata", "userId").limits(AWS),
            member::<ProjectId>("x-amzn-bedrock-request-metadata", "projectId").limits(AWS),
            member::<OrganizationId>("x-amzn-bedrock-request-metadata", "organizationId")
                .limits(AWS),
            member::<AgentId>("x-amzn-bedrock-request-metadata", "agentId").limits(AWS),
            member::<RequestId>("x-amzn-bedrock-request-metadata", "requestId").limits(AWS),
        ],
        properties: OtherFields::Members("x-amzn-bedrock-request-metadata", AWS),
        max_members: 16,
        request_limits: RequestLimits::new()
            .max_bytes(16_384)
            .max_value_bytes(8_500),
        ..Entry::EMPTY
    };

    /// OpenAI's API.
    ///
    /// OpenAI bills by the ids in `OpenAI-Organization` and `OpenAI-Project`, which are its
    /// own. Fields are never written to them.
    pub static openai: Entry = Entry {
        name: "openai",
        aliases: &["open-ai"],
        provenance: documentation("developers.openai.com/api/reference/overview", "2026-11-24"),
        hosts: &["api.openai.com"],
        headers: &[header::<RequestId>("x-client-request-id").limits(max_len(512))],
        ..Entry::EMPTY
    };

    /// Azure OpenAI. It answers 431 to more than ten custom headers. This convention writes
    /// one.
    pub static azure_openai: Entry = Entry {
        name: "azure-openai",
        aliases: &["azure", "azure-open-ai", "azureopenai"],
        provenance: code(
            "azure-core 1.41.0; MicrosoftDocs/azure-ai-docs 8e4e7b4, `quotas-limits.md`",
            "2026-11-24",
        ),
        hosts: &["*.openai.azure.com"],
        headers: &[header::<RequestId>("x-ms-client-request-id")],
        ..Entry::EMPTY
    };

    /// NVIDIA [Dynamo](https://github.com/ai-dynamo/dynamo). Its session belongs to an agent,
    /// not to a conversation.
    ///
    /// Each property is a header. Dynamo accepts 64 of them, and drops the key
    /// `authorization` and values that begin with `bearer `.
    ///
    /// The family of `x-dynamo-…` has headers that steer Dynamo, such as
    /// `x-dynamo-worker-instance-id`, `x-dynamo-dp-rank` and `x-dynamo-request-priority`.
    /// They are removed too. [`engine_controls`](super::engine_controls) removes those of
    /// other engines.
    pub static dynamo: Entry = Entry {
        name: "dynamo",
        aliases: &["nvidia-dynamo"],
        provenance: code(
            "ai-dynamo/dynamo, `lib/llm/src/protocols/agents.rs` at 004e2c53; \
             dynamo-llm 1.6.1, `http/service/metadata.rs`",
            "2026-11-24",
        ),
        headers: &[
            session("x-dynamo-session-id"),
            header::<ParentSessionId>("x-dynamo-parent-session-id"),
        ],
        properties: OtherFields::Headers("x-dynamo-meta-"),
        owned_prefixes: &["x-dynamo-"],
        ..Entry::EMPTY
    };

    /// The [vLLM](https://github.com/vllm-project/router) router, which keeps a
    /// session on one worker.
    ///
    /// It routes by the first of `x-session-id`, `x-user-id`, `x-tenant-id`,
    /// `x-correlation-id`, `x-request-id` and `x-trace-id`. So without a session, a request's
    /// id would spread a conversation over all workers, and is not written. Its policy for
    /// KV caches takes a key of at most 256 bytes.
    pub static vllm_router: Entry = Entry {
        name: "vllm-router",
        provenance: code("vllm-router 0.1.17", "2026-11-24"),
        headers: &[session("x-session-id"), header::<UserId>("x-user-id")],
        ..Entry::EMPTY
    };

    /// [SGLang](https://github.com/sgl-project/sglang)'s gateway, which skips a
    /// routing key of more than 128 bytes.
    ///
    /// If its override is on, the gateway cuts `_t` or `_r` and a number from the end of a
    /// key. The header takes precedence over the body's `rid`.
    pub static sglang: Entry = Entry {
        name: "sglang",
        aliases: &["sglang-router", "smg"],
        provenance: code("smg 1.13.0", "2026-11-24"),
        headers: &[session("x-smg-routing-key").limits(max_len(128))],
        ..Entry::EMPTY
    };

    /// [Bifrost](https://github.com/maximhq/bifrost). Fields without a header become
    /// dimensions of its telemetry.
    ///
    /// A longer session than 255 bytes would leave the request without any, so it is not
    /// written. The dimensions `path` and `method` are Bifrost's. Its own id of a request is `x-request-id`, which other software writes
    /// too. So it is read, and not written or removed.
    pub static bifrost: Entry = Entry {
        name: "bifrost",
        provenance: code(
            "maximhq/bifrost, `docs/providers/session-affinity.mdx`, `core/schemas`",
            "2026-11-24",
        ),
        headers: &[
            session("x-bf-session-id").limits(max_len(255)),
            shared::<RequestId>("x-request-id"),
        ],
        other_fields: OtherFields::Headers("x-bf-dim-"),
        owned_headers: &["x-bf-dim-method", "x-bf-dim-path"],
        ..Entry::EMPTY
    };

    /// Envoy [AI Gateway](https://aigateway.envoyproxy.io), which adds the session to its
    /// spans and access logs.
    pub static envoy_ai_gateway: Entry = Entry {
        name: "envoy-ai-gateway",
        aliases: &["envoy-aigw"],
        provenance: code(
            "envoyproxy/ai-gateway c217da8a, `internal/requestheaderattrs/resolve.go`",
            "2026-11-24",
        ),
        headers: &[session("agent-session-id")],
        ..Entry::EMPTY
    };

    /// [LLM Gateway](https://llmgateway.io). Fields without a header become metadata of the
    /// request. `x-llmgateway-thinking-type` is its own, and is never written.
    pub static llm_gateway: Entry = Entry {
        name: "llm-gateway",
        aliases: &["llmgateway"],
        provenance: documentation(
            "docs.llmgateway.io/features/metadata, docs.llmgateway.io/features/sessions",
            "2026-11-24",
        ),
        hosts: &["api.llmgateway.io"],
        headers: &[
            session("x-session-id"),
            read_only::<SessionId>("x-session-affinity"),
            read_only::<SessionId>("session-id").aliases(&["session_id"]),
        ],
        other_fields: OtherFields::Headers("x-llmgateway-"),
        owned_headers: &["x-llmgateway-thinking-type"],
        ..Entry::EMPTY
    };

    /// [TensorZero](https://github.com/tensorzero/tensorzero)'s exported spans. Each value is
    /// a JSON string. It answers 400 to any other value.
    #[cfg(feature = "json")]
    pub static tensorzero: Entry = Entry {
        name: "tensorzero",
        provenance: code(
            "tensorzero/tensorzero 7a6159a4, \
             `crates/tensorzero-core/src/observability/mod.rs`",
            "2026-11-24",
        ),
        headers: &[
            json_string::<SessionId>("tensorzero-otlp-traces-extra-attribute-session")
                .or_else(SESSION_FALLBACKS),
            json_string::<UserId>("tensorzero-otlp-traces-extra-attribute-user")
                .aliases(&["tensorzero-otlp-traces-extra-attribute-user_id"]),
            json_string::<ProjectId>("tensorzero-otlp-traces-extra-attribute-project"),
            json_string::<OrganizationId>("tensorzero-otlp-traces-extra-attribute-organization"),
            json_string::<AgentId>("tensorzero-otlp-traces-extra-attribute-agent"),
            json_string::<ClientName>("tensorzero-otlp-traces-extra-attribute-client"),
        ],
        ..Entry::EMPTY
    };

    /// [Modal](https://modal.com), which keeps a session on one server.
    pub static modal: Entry = Entry {
        name: "modal",
        provenance: issue("harbor-framework/harbor, issue 2723", "2026-11-24"),
        headers: &[session("modal-session-id")],
        ..Entry::EMPTY
    };

    /// Zenlayer's AI gateway.
    pub static zenlayer: Entry = Entry {
        name: "zenlayer",
        provenance: documentation(
            "docs.console.zenlayer.com, cache optimization",
            "2026-11-24",
        ),
        headers: &[session_as_conversation("x-conversation-id")],
        ..Entry::EMPTY
    };

    /// [TensorRT-LLM](https://github.com/NVIDIA/TensorRT-LLM)'s server, which keeps a
    /// conversation on one backend by the first of these headers that a request has.
    pub static tensorrt_llm: Entry = Entry {
        name: "tensorrt-llm",
        aliases: &["trt-llm", "trtllm"],
        provenance: code(
            "NVIDIA/TensorRT-LLM, `tensorrt_llm/serve/conversation_id.py` at 295125be",
            "2026-11-25",
        ),
        headers: &[
            session("x-session-id"),
            read_only::<SessionId>("x-correlation-id"),
            read_only::<SessionId>("x-session-affinity"),
            read_only::<SessionId>("x-multi-turn-session-id"),
        ],
        ..Entry::EMPTY
    };

    /// [Ray Serve](https://docs.ray.io/en/latest/serve), which keeps a session on one replica.
    ///
    /// `RAY_SERVE_SESSION_ID_HEADER_KEY` can give the header another name.
    pub static ray_serve: Entry = Entry {
        name: "ray-serve",
        aliases: &["ray"],
        provenance: code("ray 2.60, `ray/serve/_private/constants.py`", "2026-11-24"),
        headers: &[session("x-session-id")],
        ..Entry::EMPTY
    };

    /// NVIDIA Cloud Functions, which keeps a session on one backend. Its responses have the
    /// header too.
    pub static nvcf: Entry = Entry {
        name: "nvcf",
        aliases: &["nvidia-cloud-functions"],
        provenance: documentation(
            "docs.nvidia.com/cloud-functions, function creation: session stickiness",
            "2026-11-25",
        ),
        headers: &[session("x-multi-turn-session-id")],
        ..Entry::EMPTY
    };

    /// [Baseten](https://www.baseten.co), which keeps a session on one replica if sticky
    /// sessions are enabled for the account.
    ///
    /// `x-baseten-session-id` is of its deployments, and `x-session-affinity` of its shared
    /// models.
    pub static baseten: Entry = Entry {
        name: "baseten",
        provenance: documentation(
            "docs.baseten.co/faq/sticky-sessions; x-session-affinity by code of its clients",
            "2026-11-25",
        ),
        headers: &[
            session("x-baseten-session-id"),
            session("x-session-affinity"),
        ],
        ..Entry::EMPTY
    };

    /// [AIBrix](https://github.com/vllm-project/aibrix), which keeps a session on one pod, and
    /// counts the tokens of a user.
    ///
    /// Its `x-session-id` names a pod and is issued by AIBrix, so a session is never written
    /// to it.
    pub static aibrix: Entry = Entry {
        name: "aibrix",
        provenance: code(
            "vllm-project/aibrix, `simple_session_affinity.go`, `gateway_req_headers.go` at \
             e3e10f9e",
            "2026-11-25",
        ),
        headers: &[session("x-aibrix-session-key"), header::<UserId>("user")],
        ..Entry::EMPTY
    };

    /// The [Gateway API inference extension](https://gateway-api-inference-extension.sigs.k8s.io)
    /// and llm-d, which share capacity fairly between organizations.
    ///
    /// The extension shares between any kind of sender. So the header is not read, because
    /// it does not tell whether its id is that of an organization or of a user.
    pub static inference_extension: Entry = Entry {
        name: "inference-extension",
        aliases: &["gateway-api-inference-extension", "gie", "llm-d"],
        provenance: code(
            "kubernetes-sigs/gateway-api-inference-extension, `pkg/lwepp/metadata/consts.go` at \
             84436a96",
            "2026-11-25",
        ),
        headers: &[
            write_only::<OrganizationId>("x-gateway-inference-fairness-id")
                .or_else(const { &[FieldKey::of::<UserId>()] })
                .identity(),
        ],
        ..Entry::EMPTY
    };

    /// Amazon Bedrock AgentCore's runtime. The request's signature includes the headers, so
    /// write them before signing.
    ///
    /// A session has at least 33 bytes. A UUID has 36.
    pub static bedrock_agentcore: Entry = Entry {
        name: "bedrock-agentcore",
        aliases: &["agentcore", "amazon-bedrock-agentcore"],
        provenance: code("botocore 1.44.8, `InvokeAgentRuntimeRequest`", "2026-11-25"),
        headers: &[
            session("x-amzn-bedrock-agentcore-runtime-session-id")
                .limits(ValueLimits::new().min_len(33)),
            header::<UserId>("x-amzn-bedrock-agentcore-runtime-user-id"),
        ],
        ..Entry::EMPTY
    };

    /// Amazon SageMaker's `InvokeEndpoint`. The request's signature includes the headers, so
    /// write them before signing.
    ///
    /// SageMaker passes the session to the model's container. Its own
    /// `X-Amzn-SageMaker-Session-Id` is issued by the container, and never written.
    pub static sagemaker: Entry = Entry {
        name: "sagemaker",
        aliases: &["amazon-sagemaker", "aws-sagemaker"],
        provenance: code("botocore 1.44.8, `InvokeEndpointInput`", "2026-11-25"),
        headers: &[
            session("x-amzn-sagemaker-custom-attributes"),
            header::<RequestId>("x-amzn-sagemaker-inference-id").limits(max_len(64)),
        ],
        ..Entry::EMPTY
    };

    /// [CLIProxyAPI](https://github.com/router-for-me/CLIProxyAPI), which keeps a session on
    /// one account by the first of these headers that a request has.
    ///
    /// It takes a request's `x-client-request-id` for the session if it has no other, so a
    /// request's id is not written.
    pub static cli_proxy_api: Entry = Entry {
        name: "cli-proxy-api",
        aliases: &["cliproxyapi"],
        provenance: code(
            "router-for-me/CLIProxyAPI, `sdk/cliproxy/auth/selector.go` at a7e3596b",
            "2026-11-25",
        ),
        headers: &[
            read_only::<SessionId>("x-claude-code-session-id"),
            read_only::<SessionId>("session-id").aliases(&["session_id"]),
            session("x-session-id"),
            read_only::<SessionId>("x-session-affinity"),
        ],
        ..Entry::EMPTY
    };

    /// [claude-relay-service](https://github.com/Wei-Shaw/claude-relay-service), which keeps a
    /// session on one account.
    pub static claude_relay_service: Entry = Entry {
        name: "claude-relay-service",
        provenance: code(
            "Wei-Shaw/claude-relay-service, `src/routes/openaiRoutes.js` at 8479c7ce",
            "2026-11-25",
        ),
        headers: &[
            read_only::<SessionId>("session_id"),
            session("x-session-id"),
        ],
        ..Entry::EMPTY
    };

    /// [CC Switch](https://github.com/farion1231/cc-switch)'s proxy.
    ///
    /// Of a request in OpenAI's format, it reads a session of more than 20 bytes. Of one in
    /// Anthropic's format, it reads the header of [`claude_code`], so write that convention.
    pub static cc_switch: Entry = Entry {
        name: "cc-switch",
        aliases: &["ccswitch"],
        provenance: code(
            "farion1231/cc-switch, `src-tauri/src/proxy/session.rs` at 0a3c08a0",
            "2026-11-25",
        ),
        headers: &[
            read_only::<SessionId>("x-claude-code-session-id"),
            read_only::<SessionId>("session_id")
                .limits(MORE_THAN_20)
                .skip_outside_limits(),
            session("x-session-id")
                .limits(MORE_THAN_20)
                .skip_outside_limits(),
            read_only::<ConversationId>("x-grok-conv-id")
                .limits(MORE_THAN_20)
                .skip_outside_limits(),
            read_only::<SessionId>("x-grok-session-id")
                .limits(MORE_THAN_20)
                .skip_outside_limits(),
        ],
        ..Entry::EMPTY
    };

    /// [Merge Gateway](https://docs.merge.dev/merge-gateway), which keeps a session on the
    /// vendor with its prompt cache.
    pub static merge_gateway: Entry = Entry {
        name: "merge-gateway",
        aliases: &["merge"],
        provenance: documentation(
            "docs.merge.dev/merge-gateway/routing/cache-aware-routing.md",
            "2026-11-25",
        ),
        headers: &[
            session("x-session-id"),
            header::<ConversationId>("x-merge-thread-id"),
            read_only::<SessionId>("x-claude-code-session-id"),
            read_only::<SessionId>("session-id").aliases(&["session_id"]),
            read_only::<SessionId>("x-session-affinity"),
        ],
        ..Entry::EMPTY
    };

    /// [Higress](https://higress.ai), with its plugin `ai-statistics`.
    ///
    /// The plugin's configuration can name another header. `x-mse-consumer` is the identity
    /// that Higress itself asserts, and is never written.
    pub static higress: Entry = Entry {
        name: "higress",
        provenance: code(
            "alibaba/higress, `ai-statistics/main.go` at 8e4041c9",
            "2026-11-24",
        ),
        headers: &[
            read_only::<SessionId>("x-openclaw-session-key"),
            read_only::<SessionId>("x-clawdbot-session-key"),
            read_only::<SessionId>("x-moltbot-session-key"),
            session("x-agent-session"),
        ],
        ..Entry::EMPTY
    };

    /// [MLflow](https://mlflow.org)'s AI Gateway. It stores the name of the caller with the
    /// trace.
    pub static mlflow: Entry = Entry {
        name: "mlflow",
        aliases: &["mlflow-ai-gateway"],
        provenance: code(
            "mlflow 3.18.0, `mlflow/gateway/tracing_utils.py`",
            "2026-11-25",
        ),
        headers: &[header::<ClientName>("x-mlflow-gateway-caller").literal()],
        ..Entry::EMPTY
    };

    /// [Requesty](https://www.requesty.ai), which stores every header of this family with the
    /// request's cost, and removes it.
    pub static requesty: Entry = Entry {
        name: "requesty",
        provenance: documentation(
            "requesty.ai, custom headers; captures of its CLI",
            "2026-11-25",
        ),
        hosts: &["router.requesty.ai"],
        headers: &[
            session("x-requesty-session-id"),
            header::<UserId>("x-requesty-user"),
            header::<ProjectId>("x-requesty-repo"),
            header::<ClientName>("x-requesty-ai-agent").literal(),
        ],
        other_fields: OtherFields::Headers("x-requesty-"),
        ..Entry::EMPTY
    };

    /// Future AGI's [Prism](https://docs.futureagi.com/docs/prism). Fields without a header
    /// become properties of the request.
    pub static prism: Entry = Entry {
        name: "prism",
        aliases: &["future-agi", "futureagi"],
        provenance: documentation("docs.futureagi.com/docs/prism", "2026-11-24"),
        hosts: &["gateway.futureagi.com"],
        headers: &[
            session("x-prism-session-id"),
            header::<UserId>("x-prism-user-id"),
            header::<RequestId>("x-prism-request-id"),
            header::<TraceId>("x-prism-trace-id"),
        ],
        other_fields: OtherFields::Headers("x-prism-property-"),
        ..Entry::EMPTY
    };

    /// [Langfuse](https://langfuse.com), for a service that traces with its SDK.
    ///
    /// The SDK drops a value of more than 200 characters. Langfuse's ids are US-ASCII.
    pub static langfuse: Entry = Entry {
        name: "langfuse",
        provenance: code("langfuse 5.0.4, `_client/propagation.py`", "2026-11-25"),
        headers: &[
            baggage::<SessionId>("langfuse_session_id")
                .or_else(SESSION_FALLBACKS)
                .limits(max_len(200)),
            baggage::<UserId>("langfuse_user_id").limits(max_len(200)),
        ],
        ..Entry::EMPTY
    };

    /// Headers that steer an inference engine or its router: to a worker, a rank, a pod or a
    /// priority. No field is written to them or read from them.
    ///
    /// A router trusts them, so whoever can send them chooses the worker, or who waits. A
    /// gateway that strips can remove them too:
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::conventions;
    ///
    /// let known = conventions::clients().insert(conventions::engine_controls());
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-worker-instance-id", HeaderValue::from_static("7"));
    /// known.remove_from(&mut headers);
    /// assert!(headers.is_empty());
    /// ```
    ///
    /// They are of NVIDIA Dynamo, Stargate and Cloud Functions, of SGLang's gateway, of the
    /// Gateway API inference extension and llm-d, of AIBrix, and vLLM's data-parallel rank.
    /// An affinity key, such as [`sglang`]'s, steers too, but belongs to the client.
    pub static engine_controls: Entry = Entry {
        name: "engine-controls",
        provenance: code(
            "ai-dynamo/dynamo, `nvext.rs`; smg 1.13.0; llm-d, `pkg/common/routing/common.go`; \
             kubernetes-sigs/gateway-api-inference-extension, `pkg/lwepp/metadata/consts.go` at \
             84436a96; vllm-project/aibrix, `pkg/plugins/gateway/types.go` at e3e10f9e; NVIDIA's \
             LLM gateway, `proxy` headers",
            "2026-11-25",
        ),
        owned_prefixes: &["x-dynamo-", "x-llm-d-"],
        owned_headers: &[
            "config-profile",
            "external-filter",
            "prefill-target-pod",
            "prefill-target-pod-ip",
            "routing-strategy",
            "target-pod",
            "target-pod-ip",
            "x-aibrix-config-profile",
            "x-cache-affinity-key",
            "x-data-parallel-host-port",
            "x-data-parallel-rank",
            "x-dp-rank",
            "x-encoder-hosts-ports",
            "x-gateway-destination-endpoint",
            "x-gateway-destination-endpoint-subset",
            "x-gateway-inference-objective",
            "x-gateway-model-name-rewrite",
            "x-kv-cache-source-host-port",
            "x-prefill-dp-rank",
            "x-prefill-instance-id",
            "x-prefiller-host-port",
            "x-routing-key",
            "x-routing-method",
            "x-smg-target-worker",
            "x-worker-instance-id",
        ],
        ..Entry::EMPTY
    };
);

/// Vendors whose agents send `x-<vendor>-session-id`, or whose header gateways read.
/// Sorted for binary search.
const KNOWN_VENDORS: &[&str] = &[
    "amp",
    "claude-code",
    "cline",
    "coder",
    "codex",
    "copilot",
    "crush",
    "cursor",
    "deepseek-harness",
    "droid",
    "factory",
    "gemini-cli",
    "goose",
    "grok",
    "hermes",
    "kilo",
    "kilo-code",
    "kilocode",
    "mecatl",
    "mux",
    "open-webui",
    "opencode",
    "openwebui",
    "pi",
    "pochi",
    "qwen",
    "qwen-code",
    "roo",
    "roo-code",
    "zed",
    "zoo",
    "zoo-code",
];

/// Prefixes of Zoo Code's `User-Agent`.
const ZOO_CODE: &[&str] = &["zoo-code/", "zoocode/"];

/// Prefixes of Codex's `User-Agent`.
const CODEX: &[&str] = &["codex-", "codex_", "codex/", "codex "];

const MORE_THAN_20: ValueLimits = ValueLimits::new().min_len(21);

const WORD_8: ValueLimits = ValueLimits::new().min_len(8).charset(Charset::Word);

#[cfg(feature = "json")]
const AWS: ValueLimits = max_len(256).charset(Charset::Aws);

const UUID: ValueLimits = ValueLimits::new().charset(Charset::Uuid1To5);

const fn max_len(bytes: usize) -> ValueLimits {
    ValueLimits::new().max_len(bytes)
}
