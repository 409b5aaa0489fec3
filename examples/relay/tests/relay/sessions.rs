//! Counts of sessions at `GET /sessions`.

use axum::{Router, body::Body, routing::post};
use http::{Request, header::CONTENT_TYPE};
use http_body_util::Full;
use hyper::body::Bytes;
use relay::{
    MAX_SESSIONS,
    serve::{Server, serve},
    upstream,
};
use serde_json::{Value, json};

use crate::support::{
    PROTOCOLS, Protocol, ask, chat, client, get, json as json_of, port, relay, sessions, text,
    witness,
};

/// Each API's path, and the names of its counts of input and output tokens.
const APIS: &[(&str, &str, &str)] = &[
    ("/v1/chat/completions", "prompt_tokens", "completion_tokens"),
    ("/v1/responses", "input_tokens", "output_tokens"),
    ("/v1/messages?beta=true", "input_tokens", "output_tokens"),
];

#[tokio::test]
async fn tokens_are_counted_for_whole_and_streamed_answers() {
    let upstream = upstream::start("127.0.0.1:0").await.unwrap();
    let relay = relay(&upstream).await;
    for protocol in PROTOCOLS {
        for (path, input, output) in APIS {
            for stream in [false, true] {
                let session = format!("{protocol:?}{path}{stream}");
                let body = json!({ "model": "m", "stream": stream, "messages": [] });
                let request = Request::post(format!("http://{}{path}", relay.address()))
                    .header("x-claude-code-session-id", &session)
                    .header("accept-encoding", "gzip, br")
                    .body(Full::<Bytes>::from(body.to_string()))
                    .unwrap();
                let answer = text(client(protocol).request(request).await.unwrap()).await;
                let highest = |name| numbers(&answer, name).max().unwrap();
                assert_eq!(answer.contains("data: "), stream);
                assert!(highest(input) > 0);

                let counts = sessions(&relay).await;
                let row = &counts["sessions"][0];
                assert_eq!(row["session"], session);
                assert_eq!(row["client"], "claude-code");
                assert_eq!(row["requests"], 1);
                assert_eq!(row["input_tokens"], highest(input), "{session}");
                assert_eq!(row["output_tokens"], highest(output), "{session}");
                assert!(row["last_used"].as_u64().unwrap() > 1_700_000_000);
            }
        }
    }
}

/// Returns every number that follows this name.
fn numbers<'a>(json: &'a str, name: &str) -> impl Iterator<Item = u64> + 'a {
    let name = format!("\"{name}\":");
    let ends: Vec<usize> = json
        .match_indices(&name)
        .map(|(at, name)| at + name.len())
        .collect();
    ends.into_iter().map(|at| {
        let digits = json[at..].split(|next: char| !next.is_ascii_digit()).next();
        digits.unwrap().parse().unwrap()
    })
}

#[tokio::test]
async fn requests_of_one_session_in_several_conventions_are_counted_together() {
    let upstream = upstream::start("127.0.0.1:0").await.unwrap();
    let relay = relay(&upstream).await;
    let requests: [&[(&str, &str)]; 4] = [
        &[("x-zoo-task-id", "conversation-1")],
        &[("x-grok-conv-id", "conversation-1")],
        &[("x-session-id", "conversation-1")],
        &[],
    ];
    for headers in requests {
        text(ask(Protocol::Http1, &relay, headers).await).await;
    }
    let counts = sessions(&relay).await;
    assert_eq!(counts["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(counts["sessions"][0]["requests"], 3);
    assert_eq!(counts["sessions"][0]["client"], "zoo-code");
    assert_eq!(counts["without_session"]["requests"], 1);
    assert!(counts["without_session"]["input_tokens"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn query_selects_the_sessions_of_one_client() {
    let (upstream, _requests) = witness().await;
    let relay = relay(&upstream).await;
    for headers in [
        [("x-session-id", "1"), ("x-title", "My agent & I")],
        [("x-session-id", "2"), ("x-title", "other")],
    ] {
        text(ask(Protocol::Http1, &relay, &headers).await).await;
    }
    for (query, expected) in [
        ("", &["2", "1"][..]),
        ("?client=", &["2", "1"]),
        ("?client=My+agent+%26%20I", &["1"]),
        ("?x=1&client=other&client=y", &["2"]),
        ("?client=nobody", &[]),
    ] {
        let counts = json_of(get(&relay, &format!("/sessions{query}")).await).await;
        let rows = counts["sessions"].as_array().unwrap();
        let ids: Vec<&str> = rows
            .iter()
            .filter_map(|row| row["session"].as_str())
            .collect();
        assert_eq!(ids, expected, "{query}");
    }
}

/// Starts an upstream that always sends this response.
async fn upstream_with(media_type: &'static str, encoding: &'static str, body: String) -> Server {
    let body = Bytes::from(body);
    let headers = [
        (CONTENT_TYPE.as_str(), media_type),
        ("content-encoding", encoding),
    ];
    let route = post(async move || (headers, Body::from(body)));
    serve(
        port().await,
        Router::new().route("/v1/chat/completions", route),
    )
    .unwrap()
}

#[tokio::test]
async fn response_with_unreadable_usage_passes_unchanged_and_counts_no_tokens() {
    let usage = r#""usage":{"prompt_tokens":7,"completion_tokens":3}}"#;
    let long = "x".repeat(2 << 20);
    let long_json = format!(r#"{{"text":"{long}",{usage}"#);
    let long_event = format!("data: {{\"text\":\"{long}\",{usage}\n\ndata: {{{usage}\n\n");
    let mut input_tokens = Vec::new();
    for (media_type, encoding, body) in [
        (
            "application/json; charset=utf-8",
            "identity",
            format!("{{{usage}"),
        ),
        ("application/json", "identity", long_json),
        ("application/json", "br", format!("{{{usage}")),
        ("application/json", "identity", "no json".to_owned()),
        (
            "application/json",
            "identity",
            r#"{"usage":{"prompt_tokens":-1}}"#.to_owned(),
        ),
        ("text/plain", "identity", format!("{{{usage}")),
        // The long event is not read. The next event is read, and so is an event
        // without a line end.
        ("text/event-stream", "identity", long_event),
        ("text/event-stream", "identity", format!("data:{{{usage}")),
    ] {
        let upstream = upstream_with(media_type, encoding, body.clone()).await;
        let relay = relay(&upstream).await;
        let response = ask(Protocol::Http1, &relay, &[("session-id", "s-1")]).await;
        assert!(
            text(response).await == body,
            "{media_type} passes unchanged"
        );
        input_tokens.push(
            sessions(&relay).await["sessions"][0]["input_tokens"]
                .as_u64()
                .unwrap(),
        );
    }
    assert_eq!(input_tokens, [7, 0, 0, 0, 0, 0, 7, 7]);
}

#[tokio::test]
async fn least_recently_used_session_beyond_the_limit_is_removed() {
    let (upstream, _requests) = witness().await;
    let relay = relay(&upstream).await;
    let client = client(Protocol::Http1);
    let ask = async |session: &str| {
        let request = chat(&relay, &[("x-session-id", session)], "{}");
        text(client.request(request).await.unwrap()).await;
    };
    for at in 0..MAX_SESSIONS {
        ask(&format!("session-{at}")).await;
    }
    ask("session-0").await;
    ask("one too many").await;
    ask("one-too-many").await;

    let counts = sessions(&relay).await;
    let names: Vec<&Value> = counts["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["session"])
        .collect();
    assert_eq!(names.len(), MAX_SESSIONS);
    assert_eq!(names[0], "one-too-many");
    assert_eq!(names[1], "session-0", "used last but one");
    assert_eq!(names[MAX_SESSIONS - 1], "session-2");
    assert!(
        !names.iter().any(|name| *name == "session-1"),
        "least recently used"
    );
    assert_eq!(counts["forgotten_sessions"], 1);
    assert_eq!(
        counts["without_session"]["requests"], 1,
        "an id with spaces is ignored"
    );
}

#[tokio::test]
async fn page_for_a_browser_escapes_all_values() {
    let upstream = upstream::start("127.0.0.1:0").await.unwrap();
    let relay = relay(&upstream).await;
    let page = async || {
        let accept = "text/html,application/xhtml+xml,*/*;q=0.8";
        let request = Request::get(format!("http://{}/sessions", relay.address()))
            .header("accept", accept)
            .body(Full::<Bytes>::default())
            .unwrap();
        client(Protocol::Http1).request(request).await.unwrap()
    };
    let empty = text(page().await).await;
    assert!(empty.contains("No session yet"), "{empty}");

    let headers = [
        ("x-session-id", "<script>alert('x')</script>{{rows}}"),
        ("x-title", "<b>&\"me\"</b>"),
    ];
    text(ask(Protocol::Http1, &relay, &headers).await).await;

    let response = page().await;
    assert_eq!(
        response.headers()["content-type"],
        "text/html; charset=utf-8"
    );
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let html = text(response).await;
    // The only script is the page's own.
    assert_eq!(html.matches("<script").count(), 1);
    assert!(html.contains("<script type=\"module\">"));
    assert!(!html.contains("<b>") && html.contains("{{rows}}"));
    assert!(
        !html.contains("http://") && !html.contains("https://"),
        "no other origin"
    );
}
