//! Log lines of the relay.
//!
//! This test has a process of its own. `tracing` caches for each event whether a
//! subscriber is interested, and tests without a subscriber would race with it.

#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

#[path = "relay/support.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use http::Request;
use http_body_util::Full;
use hyper::body::Bytes;
use relay::{Settings, upstream};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Protocol, chat, client, relay_with, text};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn lines(&self) -> Vec<String> {
        let text = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8(text).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn log_has_one_line_for_each_request_without_identity_or_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    // The subscriber is per thread, and this test runs on one thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    let upstream = upstream::start("127.0.0.1:0").await.unwrap();
    let headers = [
        ("x-kilocode-taskid", "4b8f6a0e-task"),
        ("x-kilocode-organizationid", "secret-organization"),
        ("x-kilocode-projectid", "secret-project"),
        ("x-kilocode-machineid", "secret-machine"),
        ("x-litellm-customer-id", "secret-user"),
        ("authorization", "Bearer secret-key"),
    ];
    for (trust_identity, strict) in [(false, false), (true, false), (false, true), (true, true)] {
        let settings = Settings {
            trust_identity,
            strict,
            ..Settings::default()
        };
        let relay = relay_with(&upstream, settings).await;
        let client = client(Protocol::Http1);

        let answer = client.request(chat(&relay, &headers, "{}")).await.unwrap();
        text(answer).await;
        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        for part in [
            "POST /v1/chat/completions",
            "session=\"4b8f6a0e-task\"",
            "client=\"kilo-code\"",
            "status=200",
        ] {
            assert!(lines[0].contains(part), "{part} in {}", lines[0]);
        }
        assert!(!lines[0].contains("secret"), "{}", lines[0]);

        let uri = format!("http://{}/none?key=secret-query", relay.address());
        let request = Request::get(uri)
            .header("x-zoo-task-id", "secret value")
            .body(Full::<Bytes>::default())
            .unwrap();
        text(client.request(request).await.unwrap()).await;
        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        let status = if strict { "status=400" } else { "status=404" };
        assert!(lines[0].contains(status), "{}", lines[0]);
        assert!(
            lines[0].contains("task-id: invalid character"),
            "{}",
            lines[0]
        );
        assert!(!lines[0].contains("secret"), "{}", lines[0]);
    }
}
