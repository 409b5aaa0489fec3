//! Translation of agents' headers to the upstream's convention.

use relay::{Settings, demo};
use tower_metadata_headers::{ClientName, Rule, conventions};

use crate::support::{
    PROTOCOLS, Protocol, ask, chat, client, metadata, relay, relay_with, witness,
};

type Headers = &'static [(&'static str, &'static str)];

/// Headers that an agent sends, and the metadata that a LiteLLM upstream receives.
const AGENTS: &[(&str, Headers, &[&str])] = &[
    (
        "Claude Code's sub-agent",
        &[
            ("x-claude-code-session-id", "7f3b0a52-session"),
            ("x-claude-code-agent-id", "explore-1"),
            ("x-claude-code-parent-agent-id", "main"),
            ("x-claude-code-agent-type", "Explore"),
        ],
        &["x-litellm-session-id: 7f3b0a52-session"],
    ),
    (
        "Codex",
        &[
            ("session-id", "0199c2a4-session"),
            ("thread-id", "0199c2a4-thread"),
            ("x-codex-window-id", "0199c2a4-thread:3"),
        ],
        &["x-litellm-session-id: 0199c2a4-session"],
    ),
    (
        "Codex before 0.131",
        &[
            ("session_id", "0199c2a4-session"),
            ("conversation_id", "0199c2a4-session"),
        ],
        &["x-litellm-session-id: 0199c2a4-session"],
    ),
    (
        "OpenCode",
        &[
            ("x-session-affinity", "ses_01J5Z8K2M4"),
            ("x-session-id", "ses_01J5Z8K2M4"),
            ("x-parent-session-id", "ses_01J5PARENT"),
        ],
        &["x-litellm-session-id: ses_01J5Z8K2M4"],
    ),
    (
        "Kilo Code",
        &[
            ("x-kilocode-taskid", "4b8f6a0e-task"),
            ("x-kilocode-parent-taskid", "4b8f6a0e-parent"),
            ("x-kilocode-organizationid", "org-1"),
            ("x-kilocode-projectid", "https://github.com/acme/web.git"),
            ("x-kilocode-mode", "code"),
        ],
        &["x-litellm-session-id: 4b8f6a0e-task"],
    ),
    (
        "Zoo Code",
        &[
            ("x-zoo-task-id", "c0a5e8d4-task"),
            ("x-zoo-mode", "code"),
            ("x-zoo-editor", "vscode"),
        ],
        &["x-litellm-session-id: c0a5e8d4-task"],
    ),
    (
        "Zoo Code with LiteLLM as its provider",
        &[("x-zoo-session-id", "c0a5e8d4-task")],
        &["x-litellm-session-id: c0a5e8d4-task"],
    ),
    (
        "Copilot",
        &[
            ("x-client-session-id", "e2d9f7b1-session"),
            ("x-interaction-id", "5a1f3c77-turn"),
            ("x-request-id", "d41c8f20-request"),
            ("x-client-machine-id", "machine-1"),
        ],
        &["x-litellm-session-id: e2d9f7b1-session"],
    ),
    (
        "an agent without a convention of its own",
        &[("x-pochi-session-id", "pochi-task-1")],
        &["x-litellm-session-id: pochi-task-1"],
    ),
    ("a client without metadata", &[], &[]),
];

#[tokio::test]
async fn session_of_each_agent_is_the_only_metadata_that_arrives() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    for protocol in PROTOCOLS {
        for (agent, headers, expected) in AGENTS {
            ask(protocol, &relay, headers).await;
            let (got, _) = requests.recv().await.unwrap();
            assert_eq!(metadata(&got.headers), *expected, "{agent}, {protocol:?}");
        }
    }
}

/// Control for the test above: without the relay, the same headers arrive.
#[tokio::test]
async fn headers_of_each_agent_without_the_relay_arrive_unchanged() {
    let (upstream, mut requests) = witness().await;
    for (agent, headers, _) in AGENTS {
        ask(Protocol::Http1, &upstream, headers).await;
        let (got, _) = requests.recv().await.unwrap();
        for (name, value) in *headers {
            assert_eq!(got.headers[*name], value, "{agent}");
        }
    }
}

#[tokio::test]
async fn session_of_an_agent_is_written_in_every_convention() {
    // Some targets accept no shorter one than 33 bytes.
    let session = "7f3b0a52-5e70-4d40-8b6f-3e2a1c5d9f04";
    for convention in conventions::all() {
        let (upstream, mut requests) = witness().await;
        let settings = Settings {
            send_as: convention.clone(),
            ..Settings::default()
        };
        let relay = relay_with(&upstream, settings).await;
        let headers = [("x-claude-code-session-id", session)];
        ask(Protocol::Http1, &relay, &headers).await;

        let (got, _) = requests.recv().await.unwrap();
        let mut expected: Vec<&str> = convention
            .writes()
            .filter(|(_, fields)| fields.iter().any(|field| field.name() == "session-id"))
            .map(|(header, _)| header)
            .collect();
        expected.sort_unstable();
        expected.dedup();
        let lines = metadata(&got.headers);
        let headers: Vec<&str> = lines
            .iter()
            .filter(|line| line.contains(session))
            .filter_map(|line| Some(line.split_once(':')?.0))
            .collect();
        assert_eq!(headers, expected, "{}", convention.name());
    }
}

/// OpenRouter shows the title in public rankings as the operator's app, so the
/// client's name is written there only if the operator adds a rule.
#[tokio::test]
async fn client_name_without_a_rule_is_not_written_as_the_operators_title() {
    let titled = conventions::openrouter()
        .to_builder()
        .rule(Rule::write_only::<ClientName>("x-openrouter-title"))
        .build()
        .unwrap();
    let session = "x-session-id: 7f3b0a52-session";
    for (send_as, expected) in [
        (conventions::openrouter(), vec![session]),
        (titled, vec!["x-openrouter-title: claude-code", session]),
    ] {
        let (upstream, mut requests) = witness().await;
        let settings = Settings {
            send_as,
            ..Settings::default()
        };
        let relay = relay_with(&upstream, settings).await;
        for protocol in PROTOCOLS {
            for agent in [
                ("user-agent", "claude-cli/2.1.0 (external, cli)"),
                ("x-claude-code-agent-id", "explore-1"),
            ] {
                let headers = [("x-claude-code-session-id", "7f3b0a52-session"), agent];
                ask(protocol, &relay, &headers).await;
                let (got, _) = requests.recv().await.unwrap();
                assert_eq!(metadata(&got.headers), expected, "{protocol:?}");
            }
        }
    }
}

/// A client can't set the operator's title itself.
#[tokio::test]
async fn a_clients_title_is_removed() {
    let (upstream, mut requests) = witness().await;
    let settings = Settings {
        send_as: conventions::openrouter(),
        ..Settings::default()
    };
    let relay = relay_with(&upstream, settings).await;
    for title in ["x-openrouter-title", "x-title", "x_title"] {
        let headers = [(title, "Acme Agent")];
        ask(Protocol::Http1, &upstream, &headers).await;
        let (got, _) = requests.recv().await.unwrap();
        assert_eq!(got.headers[title], "Acme Agent", "control");

        ask(Protocol::Http1, &relay, &headers).await;
        let (got, _) = requests.recv().await.unwrap();
        assert!(!got.headers.contains_key(title), "{title}");
    }
}

#[tokio::test]
async fn look_alikes_are_neither_read_nor_forwarded() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    for name in [
        "x_zoo_session_id",
        "x.zoo.session.id",
        "x-zoo_task-id",
        "x-claude-code_session-id",
        "x_litellm_session_id",
        "x_pochi_session_id",
    ] {
        let headers = [(name, "from-a-look-alike")];
        ask(Protocol::Http1, &upstream, &headers).await;
        let (got, _) = requests.recv().await.unwrap();
        assert_eq!(got.headers[name], "from-a-look-alike", "the control");

        ask(Protocol::Http1, &relay, &headers).await;
        let (got, _) = requests.recv().await.unwrap();
        let values: Vec<_> = got
            .headers
            .values()
            .filter(|value| *value == "from-a-look-alike")
            .collect();
        assert!(values.is_empty(), "{name}");
    }
}

/// Every header in which an agent can send identity, and its task.
const IDENTITY: &[(&str, &str)] = &[
    ("x-kilocode-taskid", "4b8f6a0e-task"),
    ("x-kilocode-organizationid", "org-1"),
    ("x-kilocode-projectid", "acme/web"),
    ("x-kilocode-machineid", "machine-1"),
    ("x-litellm-customer-id", "ada"),
];

#[tokio::test]
async fn identity_is_dropped_unless_it_is_trusted() {
    let trusted = [
        "x-kilocode-machineid: machine-1",
        "x-kilocode-organizationid: org-1",
        "x-kilocode-projectid: acme/web",
        "x-kilocode-taskid: 4b8f6a0e-task",
    ];
    let dropped = ["x-kilocode-taskid: 4b8f6a0e-task"];
    for (trust_identity, strict, expected) in [
        (false, false, &dropped[..]),
        (false, true, &dropped[..]),
        (true, false, &trusted[..]),
        (true, true, &trusted[..]),
    ] {
        let (upstream, mut requests) = witness().await;
        let settings = Settings {
            send_as: conventions::kilo_code(),
            strict,
            trust_identity,
            ..Settings::default()
        };
        let relay = relay_with(&upstream, settings).await;
        let response = ask(Protocol::Http1, &relay, IDENTITY).await;
        assert_eq!(response.status(), 200);
        let (got, _) = requests.recv().await.unwrap();
        assert_eq!(
            metadata(&got.headers),
            expected,
            "trusts: {trust_identity}, strict: {strict}"
        );
    }
}

/// LiteLLM reads the session from these headers, which no client sends.
#[tokio::test]
async fn session_headers_that_only_litellm_reads_are_removed() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    for name in [
        "x-amz-session-id",
        "x-real-session-id",
        "x-goog-session-id",
        "x-ms-session-id",
        "x-mcp-session-id",
        "x-stainless-retry-session-id",
        "x-envoy-session-id",
        "x-b3-session-id",
        "x-request-session-id",
        "x-posthog-session-id",
    ] {
        for sent in [
            &[(name, "1234-5678")][..],
            &[(name, "1234-5678"), ("x-session-id", "s-1")],
        ] {
            ask(Protocol::Http1, &upstream, sent).await;
            let (got, _) = requests.recv().await.unwrap();
            assert_eq!(got.headers[name], "1234-5678", "control");

            for protocol in PROTOCOLS {
                ask(protocol, &relay, sent).await;
                let (got, _) = requests.recv().await.unwrap();
                assert!(!got.headers.contains_key(name), "{name}");
                let session = got.headers.get("x-litellm-session-id");
                assert_eq!(session.is_some(), sent.len() == 2, "{name}");
            }
        }
    }
}

/// LiteLLM selects the tier by the tags, and attributes spend to the agent.
#[tokio::test]
async fn litellm_tags_and_agent_id_without_trust_are_removed() {
    let sent = [
        ("x-litellm-session-id", "s-1"),
        ("x-litellm-tags", "paid,team-admin"),
        ("x-litellm-agent-id", "expensive"),
        ("x-claude-code-agent-id", "explore-1"),
    ];
    let session = "x-litellm-session-id: s-1";
    let tags = "x-litellm-tags: paid,team-admin";
    for (trust_identity, expected) in [(false, &[session][..]), (true, &[session, tags][..])] {
        let (upstream, mut requests) = witness().await;
        let settings = Settings {
            trust_identity,
            ..Settings::default()
        };
        let client = client(Protocol::Http1);
        let answer = client.request(chat(&upstream, &sent, "{}")).await;
        assert_eq!(answer.unwrap().status(), 200);
        let (got, _) = requests.recv().await.unwrap();
        assert_eq!(got.headers["x-litellm-tags"], "paid,team-admin", "control");
        assert_eq!(got.headers["x-litellm-agent-id"], "expensive", "control");

        let relay = relay_with(&upstream, settings).await;
        for protocol in PROTOCOLS {
            ask(protocol, &relay, &sent).await;
            let (got, _) = requests.recv().await.unwrap();
            assert_eq!(metadata(&got.headers), expected);
        }
    }
}

/// Kilo Code's convention has no header for the user, so the test above does not
/// cover it.
#[tokio::test]
async fn user_is_dropped_unless_it_is_trusted() {
    for (trust_identity, strict) in [(false, false), (false, true), (true, false), (true, true)] {
        let (upstream, mut requests) = witness().await;
        let settings = Settings {
            strict,
            trust_identity,
            ..Settings::default()
        };
        let relay = relay_with(&upstream, settings).await;
        ask(Protocol::Http1, &relay, IDENTITY).await;
        let (got, _) = requests.recv().await.unwrap();
        let user = got.headers.contains_key("x-litellm-customer-id");
        assert_eq!(user, trust_identity, "strict: {strict}");
    }
}

#[tokio::test]
async fn demo_with_default_settings_shows_every_session_as_arrived() {
    let mut table = Vec::new();
    demo::run(Settings::default(), &mut table).await.unwrap();
    let table = String::from_utf8(table).unwrap();
    for agent in [
        "Claude Code",
        "Codex",
        "OpenCode",
        "Kilo Code",
        "Zoo Code",
        "Copilot",
    ] {
        let line = table
            .lines()
            .find(|line| line.starts_with(agent))
            .expect(agent);
        assert!(line.ends_with("arrived"), "{line}");
    }
}

/// No session arrives if the convention writes no header.
#[tokio::test]
async fn demo_without_an_arrived_session_is_an_error() {
    let settings = Settings {
        send_as: conventions::any_vendor(),
        ..Settings::default()
    };
    let error = demo::run(settings, &mut Vec::new()).await.unwrap_err();
    assert!(
        error.to_string().contains("Claude Code, Codex, OpenCode"),
        "{error}"
    );
}
