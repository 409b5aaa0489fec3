//! Requests of the demo's agents, as in the agents' source code.

use serde_json::{Value, json};

/// Conversation of one agent.
pub(super) struct Agent {
    pub(super) name: &'static str,
    /// The session's id, which has to reach the upstream.
    pub(super) session: &'static str,
    pub(super) path: &'static str,
    pub(super) model: &'static str,
    /// The headers of both requests.
    pub(super) headers: Headers,
    pub(super) calls: [Call; 2],
}

/// One request. The first asks for a whole response, the second for a stream.
pub(super) struct Call {
    pub(super) prompt: &'static str,
    pub(super) stream: bool,
    /// The headers of this request only.
    pub(super) headers: Headers,
}

type Headers = Vec<(&'static str, &'static str)>;

impl Agent {
    /// Returns the request's JSON body in the format of this agent's API.
    pub(super) fn body(&self, call: &Call) -> Value {
        let messages = json!([{ "role": "user", "content": call.prompt }]);
        let (model, stream) = (self.model, call.stream);
        match self.path {
            "/v1/responses" => json!({ "model": model, "stream": stream, "input": messages }),
            "/v1/messages?beta=true" => json!({
                "model": model, "stream": stream, "max_tokens": 1024, "messages": messages,
            }),
            _ => json!({ "model": model, "stream": stream, "messages": messages }),
        }
    }
}

/// Returns every agent of the demo.
pub(super) fn all() -> [Agent; 6] {
    [
        claude_code(),
        codex(),
        opencode(),
        kilo_code(),
        zoo_code(),
        copilot(),
    ]
}

fn calls(first: Headers, second: Headers) -> [Call; 2] {
    [
        Call {
            prompt: "Why does the build fail?",
            stream: false,
            headers: first,
        },
        Call {
            prompt: "Fix it, then run the tests.",
            stream: true,
            headers: second,
        },
    ]
}

fn claude_code() -> Agent {
    const SESSION: &str = "7f3b0a52-5c1e-4d0f-9a86-1f0f4ab1c2d3";
    Agent {
        name: "Claude Code",
        session: SESSION,
        path: "/v1/messages?beta=true",
        model: "claude-sonnet",
        headers: vec![
            ("user-agent", "claude-cli/2.1.266 (external, cli)"),
            ("authorization", "Bearer demo"),
            ("anthropic-version", "2023-06-01"),
            ("x-app", "cli"),
            ("x-stainless-lang", "js"),
            ("x-stainless-retry-count", "0"),
            ("connection", "keep-alive"),
            ("X-Claude-Code-Session-Id", SESSION),
        ],
        calls: calls(
            vec![],
            // A request of a sub-agent.
            vec![
                ("x-claude-code-agent-id", "explore-1"),
                ("x-claude-code-request-class", "subagent"),
            ],
        ),
    }
}

fn codex() -> Agent {
    const THREAD: &str = "0199c2a4-7d1e-7b52-8f60-3a5de2c41b77";
    Agent {
        name: "Codex",
        session: THREAD,
        path: "/v1/responses",
        model: "gpt-codex",
        headers: vec![
            ("user-agent", "codex_cli_rs/0.131.0 (Linux; x86_64)"),
            ("authorization", "Bearer demo"),
            ("originator", "codex_cli_rs"),
            ("session-id", THREAD),
            ("thread-id", THREAD),
            ("x-client-request-id", THREAD),
        ],
        calls: calls(
            vec![(
                "x-codex-window-id",
                "0199c2a4-7d1e-7b52-8f60-3a5de2c41b77:0",
            )],
            vec![(
                "x-codex-window-id",
                "0199c2a4-7d1e-7b52-8f60-3a5de2c41b77:1",
            )],
        ),
    }
}

fn opencode() -> Agent {
    const SESSION: &str = "ses_01J5Z8K2M4NQRA6BCD8E9FGH0J";
    Agent {
        name: "OpenCode",
        session: SESSION,
        path: "/v1/chat/completions",
        model: "any-model",
        headers: vec![
            ("user-agent", "opencode/1.2.27"),
            ("authorization", "Bearer demo"),
            ("x-session-affinity", SESSION),
            ("X-Session-Id", SESSION),
        ],
        calls: calls(vec![], vec![]),
    }
}

fn kilo_code() -> Agent {
    const TASK: &str = "4b8f6a0e-2f67-4a53-b4b3-6a2e7f1d9c05";
    Agent {
        name: "Kilo Code",
        session: TASK,
        path: "/v1/chat/completions",
        model: "any-model",
        headers: vec![
            ("user-agent", "Kilo-Code/4.99.0"),
            ("authorization", "Bearer demo"),
            ("http-referer", "https://kilocode.ai"),
            ("x-title", "Kilo Code"),
            ("X-KiloCode-Version", "4.99.0"),
            ("X-KILOCODE-EDITORNAME", "Visual Studio Code 1.99.0"),
            ("X-KILOCODE-TASKID", TASK),
            ("X-KILOCODE-ORGANIZATIONID", "org-demo"),
            ("X-KILOCODE-PROJECTID", "https://github.com/acme/web.git"),
        ],
        calls: calls(
            vec![("x-kilocode-mode", "ask")],
            vec![("x-kilocode-mode", "code")],
        ),
    }
}

fn zoo_code() -> Agent {
    const TASK: &str = "c0a5e8d4-91b7-4f6c-8d23-0e9b7a64f158";
    Agent {
        name: "Zoo Code",
        session: TASK,
        path: "/v1/chat/completions",
        model: "any-model",
        headers: vec![
            ("user-agent", "ZooCode/3.84.4"),
            ("authorization", "Bearer demo"),
            ("x-title", "Zoo Code"),
            ("X-Zoo-Editor", "vscode"),
            ("X-Zoo-Extension-Version", "3.84.4"),
            ("X-Zoo-Task-ID", TASK),
        ],
        calls: calls(
            vec![("X-Zoo-Mode", "architect")],
            vec![("X-Zoo-Mode", "code")],
        ),
    }
}

fn copilot() -> Agent {
    const SESSION: &str = "e2d9f7b1-6c38-4b0a-a5f4-83d1c07e6a92";
    Agent {
        name: "Copilot",
        session: SESSION,
        path: "/v1/chat/completions",
        model: "gpt-model",
        headers: vec![
            ("user-agent", "GitHubCopilotCLI/1.0"),
            ("authorization", "Bearer demo"),
            ("copilot-integration-id", "copilot-cli"),
            ("openai-intent", "conversation-agent"),
            ("X-Client-Session-Id", SESSION),
            ("X-Client-Machine-Id", "machine-demo"),
            ("X-GitHub-Repository-Nwo", "acme/web"),
        ],
        calls: calls(
            vec![
                ("X-Initiator", "user"),
                ("X-Interaction-Id", "5a1f3c77-8e40-4d92-b0c6-2b9d41e8f013"),
                ("X-Request-Id", "d41c8f20-3b7a-4e19-9c55-7f60a2b8e1c4"),
            ],
            vec![
                ("X-Initiator", "agent"),
                ("X-Interaction-Id", "5a1f3c77-8e40-4d92-b0c6-2b9d41e8f013"),
                ("X-Request-Id", "90b7e4d3-1c62-4f88-a3e0-5d2f7b16c9aa"),
            ],
        ),
    }
}
