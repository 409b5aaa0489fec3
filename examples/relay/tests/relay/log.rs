//! Log of the relay as a process.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
};

use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use relay::serve::Server;

use super::support::{Protocol, client, witness};

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

/// Returns the number of requests in the log of a relay that got this signal after all of
/// them. Nobody reads the log before the signal.
async fn lines_after(signal: &str) -> usize {
    let (upstream, _requests) = witness().await;
    let mut relay = Relay::start(&upstream);
    let client = client::<Full<Bytes>>(Protocol::Http1);
    for _ in 0..REQUESTS {
        let request = Request::post(format!("{}/chat/completions", relay.base_url));
        let response = client.request(request.body(Full::default()).unwrap());
        let response = response.await.unwrap();
        assert_eq!(response.status(), 200);
        response.into_body().collect().await.unwrap();
    }
    let id = relay.child.id().to_string();
    let kill = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(kill.success());
    let mut log = String::new();
    relay.stdout.read_to_string(&mut log).unwrap();
    let is_request = |line: &&str| line.contains(" POST /v1/chat/completions ");
    log.lines().filter(is_request).count()
}

/// Relay as a process, which is killed when it is dropped.
struct Relay {
    child: Child,
    stdout: BufReader<ChildStdout>,
    base_url: String,
}

impl Relay {
    fn start(upstream: &Server) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_relay"))
            .args(["--listen", "127.0.0.1:0"])
            .args(["--upstream", &format!("http://{}", upstream.address())])
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let (_, base_url) = line.trim_end().split_once(":  ").unwrap();
        Self {
            child,
            base_url: base_url.to_owned(),
            stdout,
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // Both fail only if the process has already exited.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
