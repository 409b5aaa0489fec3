//! Model of LiteLLM's rules for the session of a request (litellm 1.110.2,
//! `proxy/litellm_pre_call_utils.py`), compared with `conventions::litellm()`.

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use tower_metadata_headers::{ConventionSet, Extracted, Metadata, SessionId, conventions};

/// Header lines of a request in wire order, with names in lower case.
type Lines = Vec<(String, String)>;

/// Returns the session that LiteLLM logs for a request.
fn model(lines: &Lines) -> Option<String> {
    // Starlette's map keeps the last of equal names, at the position of the
    // first.
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
            && is_word(value)
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
            if let Some(value) = get(name).filter(|value| is_word(value)) {
                return Some(value.to_owned());
            }
        }
    }
    if let Some(value) = get("x-session-id").filter(|value| is_word(value)) {
        return Some(value.to_owned());
    }
    let baggage = get("baggage")?;
    baggage.split(',').find_map(|member| {
        let (key, value) = member.split_once('=')?;
        (key.trim() == "session.id" && !value.trim().is_empty()).then(|| value.trim().to_owned())
    })
}

fn is_word(value: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    value.len() >= 8 && value.bytes().all(is_allowed)
}

fn read(lines: &Lines) -> Extracted {
    ConventionSet::from(conventions::litellm()).read(&headers(lines))
}

/// Returns the headers of these lines. Each byte of a value is a character of
/// Latin-1, as in Python's servers.
fn headers(lines: &Lines) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value: Vec<u8> = value
            .chars()
            .map(|char| u8::try_from(char).unwrap())
            .collect();
        headers
            .try_append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_bytes(&value).unwrap(),
            )
            .unwrap();
    }
    headers
}

/// Returns the lines of these headers.
fn lines_of(headers: &HeaderMap) -> Lines {
    let latin1 = |value: &HeaderValue| value.as_bytes().iter().copied().map(char::from).collect();
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), latin1(value)))
        .collect()
}

/// Names that LiteLLM reads, and similar names.
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

/// Values that a header of this name may have.
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
        // Without escapes and properties, which LiteLLM does not parse.
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
    // If there are two agents, LiteLLM reads the last, and this crate none. If
    // baggage has two lines, LiteLLM reads the last, and this crate reads both,
    // as W3C Baggage requires.
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
    fn session_is_that_of_litellm_or_a_fault(lines in lines()) {
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

    /// If no header is repeated and every value is valid, the two sessions are
    /// equal.
    #[test]
    fn valid_headers_give_the_session_of_litellm(lines in lines()) {
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
        // If two vendors disagree, the order of their headers is not known.
        let sound = without_conflict(sound);
        let session = read(&sound).metadata.get::<SessionId>();
        let ours = session.as_ref().map(SessionId::as_str);
        let theirs = model(&sound);
        prop_assert_eq!(ours, theirs.as_deref());
    }
}

/// Returns the lines without LiteLLM's valid vendor headers after the first.
fn without_conflict(mut lines: Lines) -> Lines {
    let mut first = None;
    lines.retain(|(name, value)| {
        let is_vendors = name.starts_with("x-") && name.ends_with("-session-id");
        let is_ours = name == "x-litellm-session-id" || name == "x-session-id";
        if !is_vendors || is_ours || !is_word(value) {
            return true;
        }
        first.get_or_insert_with(|| name.clone()) == name
    });
    lines
}

/// Names that a convention of the table reads or writes, names that LiteLLM
/// reads and no client sends, and names of arbitrary vendors.
fn any_name() -> impl Strategy<Value = String> {
    let table = conventions::all().flat_map(|convention| {
        let reads = convention.reads().map(|(name, _)| name.to_owned());
        let writes = convention.writes().map(|(name, _)| name.to_owned());
        reads.chain(writes).collect::<Vec<_>>()
    });
    let table: Vec<String> = table.collect();
    let others = NO_CLIENTS.split(' ').flat_map(|vendor| {
        [
            format!("x-{vendor}-session-id"),
            format!("x-{vendor}-edge-session-id"),
        ]
    });
    prop_oneof![
        4 => prop::sample::select(table),
        3 => prop::sample::select(others.collect::<Vec<_>>()),
        1 => "x-[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}-session-id",
        1 => Just("user-agent".to_owned()),
    ]
}

/// Vendors in `x-<vendor>-session-id` that are not clients.
const NO_CLIENTS: &str = "amz amzn auth b3 cache claude-remote client content correlation datadog \
                          envoy forwarded goog http mcp ms original posthog real request session \
                          stainless";

fn any_value(name: &str) -> BoxedStrategy<String> {
    match name {
        "baggage" => prop::collection::vec(
            (
                prop::sample::select(vec![
                    "session.id",
                    " session.id ",
                    "\u{a0}session.id",
                    "session.id\u{85}",
                    "session%2Eid",
                    "user.id",
                ]),
                "[A-Za-z0-9_.:/-]{0,12}",
            )
                .prop_map(|(key, value)| format!("{key}={value}")),
            1..4,
        )
        .prop_map(|members| members.join(","))
        .boxed(),
        name => value(name),
    }
}

fn any_lines() -> impl Strategy<Value = Lines> {
    let line = any_name().prop_flat_map(|name| {
        let value = any_value(&name);
        (Just(name), value)
    });
    prop::collection::vec(line, 0..8)
}

/// Returns the headers that a relay sends to LiteLLM, and the session that it
/// wrote.
fn relayed(lines: &Lines) -> (Lines, Option<String>) {
    let clients = conventions::clients();
    let mut headers = headers(lines);
    let metadata = clients.read(&headers).metadata;
    clients.remove_from(&mut headers);
    conventions::litellm().write(&metadata, &mut headers);
    let session = metadata.session().map(|session| session.to_string());
    (lines_of(&headers), session)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn relayed_request_has_the_written_session_for_litellm_or_none(lines in any_lines()) {
        let (sent, session) = relayed(&lines);
        prop_assert_eq!(model(&sent), session);
    }
}

/// Control: if only the clients' headers are removed, LiteLLM reads the session
/// from each of these headers.
#[test]
fn session_headers_of_no_client_are_removed_when_writing_for_litellm() {
    for vendor in NO_CLIENTS.split(' ') {
        let name = format!("x-{vendor}-session-id");
        let lines = vec![(name.clone(), "12345678".to_owned())];
        // Copilot's command line sends `x-client-session-id`. Claude Code sends
        // `x-claude-remote-session-id`.
        if !["client", "claude-remote"].contains(&vendor) {
            let mut stripped = headers(&lines);
            conventions::clients().remove_from(&mut stripped);
            let found = model(&lines_of(&stripped));
            assert_eq!(found.as_deref(), Some("12345678"), "{name}");
        }
        let mut written = headers(&lines);
        conventions::litellm().write(&Metadata::new(), &mut written);
        assert_eq!(model(&lines_of(&written)), None, "{name}");
        assert!(written.is_empty(), "{name}");
    }
    // LiteLLM does not read MCP's header.
    let mut written = headers(&vec![("mcp-session-id".to_owned(), "12345678".to_owned())]);
    conventions::litellm().write(&Metadata::new(), &mut written);
    assert_eq!(written.len(), 1);
}

/// These cases were recorded from LiteLLM's functions.
#[test]
fn cases_recorded_from_litellm_give_its_session() {
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

/// LiteLLM reads the first vendor's header on the wire. `HeaderMap` does not
/// keep that order: the second read has the same headers.
#[test]
fn two_vendors_that_disagree_are_a_conflict_in_any_order() {
    let lines = |names: [&str; 2]| {
        let line = |name: &str| (format!("x-{name}-session-id"), name.repeat(8));
        names.map(line).to_vec()
    };
    assert_eq!(model(&lines(["a", "b"])).as_deref(), Some("aaaaaaaa"));
    assert_eq!(model(&lines(["b", "a"])).as_deref(), Some("bbbbbbbb"));
    for order in [["a", "b"], ["b", "a"]] {
        let extracted = read(&lines(order));
        assert!(extracted.metadata.is_empty());
        let faults = extracted.faults.to_string();
        assert!(
            faults.contains("(x-a-session-id and x-b-session-id)"),
            "{faults}"
        );
    }
    let mut headers = headers(&vec![("authorization".to_owned(), String::new())]);
    headers.extend(self::headers(&lines(["a", "b"])));
    let reader = ConventionSet::from(conventions::litellm());
    let before = reader.read(&headers);
    headers.remove("authorization");
    let turned: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
    assert_eq!(turned, ["x-b-session-id", "x-a-session-id"], "control");
    assert_eq!(reader.read(&headers), before);
}
