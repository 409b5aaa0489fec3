//! Metrics in Prometheus' text form.

use http_body_util::BodyExt;
use relay::{Settings, serve::Server};

use crate::support::{PROTOCOLS, Protocol, ask, get, port, relay_with, text, witness};

const CLAUDE: (&str, &str) = ("user-agent", "claude-cli/2.1.273 (external, cli)");

/// Returns the lines of `GET /metrics`, without those of the histogram's buckets.
async fn metrics(relay: &Server) -> Vec<String> {
    let response = get(relay, "/metrics").await;
    let media_type = &response.headers()["content-type"];
    assert_eq!(media_type, "text/plain; version=0.0.4; charset=utf-8");
    let text = text(response).await;
    let is_count = |line: &&str| !line.starts_with('#') && !line.contains("_bucket");
    text.lines()
        .filter(is_count)
        .map(ToOwned::to_owned)
        .collect()
}

fn assert_has(metrics: &[String], line: &str) {
    assert!(
        metrics.iter().any(|metric| metric == line),
        "{line} is not in {metrics:#?}"
    );
}

#[tokio::test]
async fn requests_tokens_faults_and_latency_are_counted() {
    // The built-in upstream reports tokens.
    let upstream = relay::upstream::start("127.0.0.1:0").await.unwrap();
    let relay = relay_with(&upstream, Settings::default()).await;
    for protocol in PROTOCOLS {
        let repeated = ("x-claude-code-session-id", "s-1");
        let response = ask(protocol, &relay, &[CLAUDE, repeated, repeated]).await;
        response.into_body().collect().await.unwrap();
    }
    let metrics = metrics(&relay).await;
    let of = r#"{client="claude-code",upstream="default""#;
    assert_has(
        &metrics,
        &format!(r#"relay_requests_total{of},status="200",end="complete"}} 2"#),
    );
    assert_has(&metrics, r#"relay_faults_total{reason="repeated"} 2"#);
    assert_has(
        &metrics,
        r#"relay_upstream_response_seconds_count{upstream="default"} 2"#,
    );
    assert_has(&metrics, "relay_requests_running 0");
    let tokens = format!(r#"relay_tokens_total{of},direction="input"}} "#);
    let tokens = metrics.iter().find_map(|line| line.strip_prefix(&tokens));
    assert!(tokens.is_some_and(|count| count != "0"), "{metrics:#?}");
}

#[tokio::test]
async fn client_can_choose_no_label() {
    let (upstream, _requests) = witness().await;
    let relay = relay_with(&upstream, Settings::default()).await;
    // Control: the relay does read the names of these clients, which the log has.
    for name in ["x-hostile-1", "x-hostile-2"] {
        let header = (name.to_owned() + "-session-id").leak();
        ask(Protocol::Http1, &relay, &[(header, "s-1")]).await;
    }
    ask(Protocol::Http1, &relay, &[]).await;
    let metrics = metrics(&relay).await;
    let of = |client| {
        format!(
            r#"relay_requests_total{{client="{client}",upstream="default",status="200",end="complete"}}"#
        )
    };
    assert_has(&metrics, &format!("{} 2", of("other")));
    assert_has(&metrics, &format!("{} 1", of("unknown")));
    assert!(!metrics.concat().contains("hostile"), "{metrics:#?}");
}

#[tokio::test]
async fn refused_and_failed_requests_are_counted_by_their_code() {
    let free = port().await.local_addr().unwrap();
    let settings = Settings {
        upstream: Some(format!("http://{free}").parse().unwrap()),
        strict: true,
        ..Settings::default()
    };
    let relay = relay::start(port().await, &settings).unwrap();
    ask(Protocol::Http1, &relay, &[CLAUDE]).await;
    let repeated = ("x-claude-code-session-id", "s-1");
    let rejected = ask(Protocol::Http1, &relay, &[repeated, repeated]).await;
    assert_eq!(rejected.status(), 400);
    let metrics = metrics(&relay).await;
    for line in [
        r#"relay_requests_total{client="claude-code",upstream="default",status="502",end="upstream_unreachable"} 1"#,
        r#"relay_requests_total{client="unknown",upstream="none",status="400",end="repeated"} 1"#,
        r#"relay_faults_total{reason="repeated"} 1"#,
    ] {
        assert_has(&metrics, line);
    }
}
