//! Log of the relay as a process.

use std::io::Read;

use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use serde_json::Value;

use super::{
    process::Relay,
    support::{Protocol, client, witness},
};

/// More lines than a pipe holds, which is 64 KiB.
const REQUESTS: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn log_that_nobody_reads_stops_no_request_and_loses_none_at_shutdown() {
    assert_eq!(lines_after("-TERM").await, REQUESTS);
    assert_eq!(lines_after("-INT").await, REQUESTS);
}

/// Shows that the test above can fail.
#[tokio::test(flavor = "multi_thread")]
async fn log_of_killed_relay_loses_requests() {
    assert!(lines_after("-KILL").await < REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_log_is_one_object_for_each_event() {
    let (upstream, _requests) = witness().await;
    let mut relay = Relay::start(&upstream, &["--log", "json"]);
    let request = Request::post(format!("{}/chat/completions", relay.base_url))
        .header("user-agent", "claude-cli/2.1.273 (external, cli)")
        .header("x-claude-code-session-id", "s-1")
        .header("traceparent", "none");
    let request = request.body(Full::<Bytes>::default()).unwrap();
    let response = client(Protocol::Http1).request(request).await.unwrap();
    response.into_body().collect().await.unwrap();
    relay.process.signal("-TERM");

    let mut log = String::new();
    relay.stdout.read_to_string(&mut log).unwrap();
    let events: Vec<Value> = log
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [request, stopping] = events.as_slice() else {
        panic!("{log}");
    };
    assert_eq!(request["message"], "POST /v1/chat/completions");
    assert_eq!(request["session"], "s-1");
    let faults = request["faults"].as_str().unwrap();
    assert!(faults.contains("traceparent"), "{faults}");
    assert_eq!(request["client"], "claude-code");
    assert_eq!(request["status"], 200);
    assert_eq!(stopping["message"], "stopping");
}

/// Returns the number of requests in the log of a relay that got this signal after all of
/// them. Nobody reads the log before the signal.
async fn lines_after(signal: &str) -> usize {
    let (upstream, _requests) = witness().await;
    let mut relay = Relay::start(&upstream, &[]);
    let client = client::<Full<Bytes>>(Protocol::Http1);
    for _ in 0..REQUESTS {
        let request = Request::post(format!("{}/chat/completions", relay.base_url));
        let response = client.request(request.body(Full::default()).unwrap());
        let response = response.await.unwrap();
        assert_eq!(response.status(), 200);
        response.into_body().collect().await.unwrap();
    }
    relay.process.signal(signal);
    let mut log = String::new();
    relay.stdout.read_to_string(&mut log).unwrap();
    let is_request = |line: &&str| line.contains(" POST /v1/chat/completions ");
    log.lines().filter(is_request).count()
}
