//! LiteLLM's rules for the session of a request (litellm 1.109.1,
//! `proxy/litellm_pre_call_utils.py`), written down a second time, and held
//! against what `conventions::litellm()` reads.

#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use tower_metadata_headers::{Extracted, Extractor, SessionId, conventions};

/// The headers of a request, in the order of the wire. Names are in lower case.
type Lines = Vec<(String, String)>;

/// What LiteLLM logs as the request's session.
fn model(lines: &Lines) -> Option<String> {
    // Starlette's map keeps the last of equal names, at the place of the first.
    let mut headers: Lines = Vec::new();
    for (name, value) in lines {
        match headers.iter_mut().find(|(known, _)| known == name) {
            Some(known) => known.1.clone_from(value),
            None => headers.push((name.clone(), value.clone())),
        }
    }
    let get = |name: &str| {
        let found = headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    let word = |value: &str| {
        value.len() >= 8
            && value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };

    for name in ["x-litellm-trace-id", "x-litellm-session-id"] {
        if let Some(value) = get(name).filter(|value| !value.is_empty()) {
            return Some(value.to_owned());
        }
    }
    for (name, value) in &headers {
        let vendor = name
            .strip_prefix("x-")
            .and_then(|rest| rest.strip_suffix("-session-id"));
        if vendor.is_some_and(|vendor| !vendor.is_empty())
            && name != "x-litellm-session-id"
            && word(value)
        {
            return Some(value.clone());
        }
    }
    let agent = get("user-agent").unwrap_or_default().to_ascii_lowercase();
    if ["codex-", "codex_", "codex ", "codex/"]
        .iter()
        .any(|start| agent.starts_with(start))
    {
        for name in ["session-id", "session_id", "thread-id", "conversation_id"] {
            if let Some(value) = get(name).filter(|value| word(value)) {
                return Some(value.to_owned());
            }
        }
    }
    if let Some(value) = get("x-session-id").filter(|value| word(value)) {
        return Some(value.to_owned());
    }
    let baggage = get("baggage")?;
    baggage.split(',').find_map(|member| {
        let (key, value) = member.split_once('=')?;
        (key.trim() == "session.id" && !value.trim().is_empty()).then(|| value.trim().to_owned())
    })
}

fn read(lines: &Lines) -> Extracted {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers
            .try_append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
            .unwrap();
    }
    Extractor::from(conventions::litellm()).read(&headers)
}

/// The names that LiteLLM looks at, and some that are close.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "x-litellm-trace-id",
            "x-litellm-session-id",
            "x-session-id",
            "session-id",
            "session_id",
            "thread-id",
            "conversation_id",
            "x-parent-session-id",
            "x-mcp-session-id",
            "x-amzn-bedrock-agentcore-runtime-session-id",
            "x--session-id",
            "acme-session-id",
            "x-acme-session-id-v2",
            "x-session-affinity",
            "x-opencode-session",
            "baggage",
            "traceparent",
        ])
        .prop_map(str::to_owned),
        2 => "x-[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}-session-id",
        1 => Just("user-agent".to_owned()),
        1 => "[a-z]{1,12}",
    ]
}

/// A value that a header of this name may hold.
fn value(name: &str) -> BoxedStrategy<String> {
    match name {
        "user-agent" => prop::sample::select(vec![
            "codex_cli_rs/0.142.4 (Mac OS 26.5.1; arm64)",
            "Codex-TUI/0.1",
            "codex/1",
            "codexx/1",
            "claude-cli/2.1.176 (external, cli)",
            "OpenAI/Python 1.0",
        ])
        .prop_map(str::to_owned)
        .boxed(),
        // Escapes and properties, which LiteLLM does not take apart, are left out.
        "baggage" => prop::collection::vec(
            (
                prop::sample::select(vec!["session.id", "session-id", "user.id", "k"]),
                "[A-Za-z0-9_.:/-]{0,12}",
            )
                .prop_map(|(key, value)| format!("{key}={value}")),
            1..4,
        )
        .prop_map(|members| members.join(","))
        .boxed(),
        _ => prop_oneof![
            4 => "[A-Za-z0-9_-]{8,40}",
            1 => "[A-Za-z0-9_-]{0,7}",
            1 => "[A-Za-z0-9]{4,12}[.:/ ][A-Za-z0-9]{4,12}",
            1 => Just("A".repeat(300)),
        ]
        .boxed(),
    }
}

fn lines() -> impl Strategy<Value = Lines> {
    let line = name().prop_flat_map(|name| {
        let value = value(&name);
        (Just(name), value)
    });
    // Of two agents LiteLLM believes the last and we neither; of baggage on two
    // lines it sees the last and we, as the standard asks, both.
    prop::collection::vec(line, 0..8).prop_map(|mut lines: Lines| {
        for once in ["user-agent", "baggage"] {
            let mut count = 0;
            lines.retain(|(name, _)| {
                count += usize::from(name == once);
                name != once || count == 1
            });
        }
        lines
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_session_is_litellms_or_a_fault_says_why_not(lines in lines()) {
        let extracted = read(&lines);
        let session = extracted.metadata.get::<SessionId>();
        let ours = session.as_ref().map(SessionId::as_str);
        let theirs = model(&lines);
        if ours != theirs.as_deref() {
            prop_assert!(
                !extracted.faults.is_empty(),
                "LiteLLM logs {theirs:?}, we read {ours:?}, and no fault says why",
            );
        }
    }

    /// Where nothing is repeated and every value is sound, the two are one.
    #[test]
    fn sound_headers_give_litellms_session(lines in lines()) {
        let mut seen = Vec::new();
        let sound: Lines = lines
            .into_iter()
            .filter(|(name, value)| {
                let fresh = !seen.contains(name);
                seen.push(name.clone());
                let spaced = name != "user-agent" && value.contains(' ');
                fresh && !value.is_empty() && !spaced && value.len() <= 256
            })
            .filter(|(name, value)| name != "baggage" || value.matches("session.id").count() < 2)
            .collect();
        let session = read(&sound).metadata.get::<SessionId>();
        let ours = session.as_ref().map(SessionId::as_str);
        let theirs = model(&sound);
        prop_assert_eq!(ours, theirs.as_deref());
    }
}

/// Cases that were run against LiteLLM's own functions.
#[test]
fn the_cases_that_were_run_against_litellm() {
    type Case = (
        &'static [(&'static str, &'static str)],
        Option<&'static str>,
    );
    let cases: &[Case] = &[
        (&[("x-acme-session-id", "1234567")], None),
        (&[("x-acme-session-id", "12345678")], Some("12345678")),
        (&[("x-acme-session-id", "run:12345678")], None),
        (&[("x-litellm-session-id", "s")], Some("s")),
        (
            &[
                ("x-a-session-id", "aaaaaaaa"),
                ("x-b-session-id", "bbbbbbbb"),
            ],
            Some("aaaaaaaa"),
        ),
        (
            &[("x-a-session-id", "short"), ("x-b-session-id", "bbbbbbbb")],
            Some("bbbbbbbb"),
        ),
        (
            &[
                ("x-session-id", "ssssssss"),
                ("x-parent-session-id", "pppppppp"),
            ],
            Some("pppppppp"),
        ),
        (&[("session-id", "codex-12345678")], None),
        (
            &[
                ("session-id", "codex-12345678"),
                ("user-agent", "codex_cli_rs/0.1"),
            ],
            Some("codex-12345678"),
        ),
        (&[("x-opencode-session", "ses_12345678")], None),
        (&[("mcp-session-id", "12345678")], None),
        (&[("x-mcp-session-id", "12345678")], Some("12345678")),
    ];
    for (lines, session) in cases {
        let lines: Lines = lines
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let ours = read(&lines).metadata.get::<SessionId>();
        assert_eq!(ours.as_ref().map(SessionId::as_str), *session, "{lines:?}");
        assert_eq!(model(&lines).as_deref(), *session, "{lines:?}");
    }
}
