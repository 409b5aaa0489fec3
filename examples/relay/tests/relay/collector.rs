//! Spans in a real OpenTelemetry collector, which `.ci/run` installs.

use std::{
    collections::HashMap,
    env,
    io::Read,
    net::SocketAddr,
    process::{Command, Stdio},
};

use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use relay::{Settings, serve::Server, settings::Route, telemetry::Telemetry};

use crate::{
    process::{Process, free_address},
    support::{Protocol, base_url, client, port, route, witness},
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the OpenTelemetry collector `rotel-agent`, named by the variable ROTEL"]
async fn collector_gets_a_span_under_the_callers_and_over_the_upstreams() {
    let collector = Collector::start();
    let url = format!("http://{}/v1/traces", collector.address);
    let telemetry = Telemetry::new(&url.parse().unwrap()).unwrap();
    // The built-in upstream reports tokens. The other one shows the headers that it gets.
    let models = relay::upstream::start("127.0.0.1:0").await.unwrap();
    let (other, mut requests) = witness().await;
    let settings = Settings {
        upstream: Some(base_url(&other)),
        routes: vec![Route {
            models: vec!["claude-*".to_owned()],
            ..route("models", vec![base_url(&models)])
        }],
        telemetry: Some(telemetry.clone()),
        ..Settings::default()
    };
    let relay = relay::start(port().await, &settings).unwrap();
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");

    send(
        &relay,
        "POST",
        "/v1/chat/completions",
        &[("traceparent", &parent)],
    )
    .await;
    send(&relay, "GET", "/other", &[("traceparent", &parent)]).await;
    let of_other = requests.recv().await.unwrap().0.headers;
    // Two parents are none, so the relay's span is the first of a trace.
    let twice = [("traceparent", &*parent), ("traceparent", &*parent)];
    send(&relay, "GET", "/twice", &twice).await;
    let of_twice = requests.recv().await.unwrap().0.headers;
    tokio::task::spawn_blocking(move || telemetry.stop())
        .await
        .unwrap()
        .unwrap();

    let spans = collector.stop();
    assert_eq!(spans.len(), 3, "{spans:#?}");
    let chat = &spans["chat"];
    assert_eq!(chat.trace_id, TRACE);
    assert_eq!(chat.parent_id, "b7ad6b7169203331");
    for (name, value) in [
        ("session.id", "s-1"),
        ("user_agent.name", "claude-code"),
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.request.model", "claude-opus"),
        ("http.request.method", "POST"),
        ("http.response.status_code", "200"),
        ("relay.upstream", "models"),
        ("relay.end", "complete"),
    ] {
        assert_eq!(chat.attribute(name), value, "{name}");
    }
    assert_ne!(chat.attribute("gen_ai.usage.input_tokens"), "0");
    // An untrusted user is nobody.
    assert!(!chat.attributes.contains_key("user.id"));

    assert_eq!(parent_of(&of_other), spans["/other"].ids());
    assert_eq!(spans["/other"].trace_id, TRACE);
    assert_eq!(parent_of(&of_twice), spans["/twice"].ids());
    assert_ne!(spans["/twice"].trace_id, TRACE);
}

async fn send(relay: &Server, method: &str, path: &str, headers: &[(&str, &str)]) {
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{}{path}", relay.address()))
        .header("user-agent", "claude-cli/2.1.273 (external, cli)")
        .header("x-claude-code-session-id", "s-1")
        .header("x-openwebui-user-id", "forged");
    let body = r#"{"model":"claude-opus","messages":[]}"#;
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| {
            request.header(*name, *value)
        })
        .body(Full::<Bytes>::from(body))
        .unwrap();
    let response = client(Protocol::Http1).request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap();
}

/// Returns the ids of the trace and of the span in `traceparent`.
fn parent_of(headers: &HeaderMap) -> (String, String) {
    assert_eq!(headers.get_all("traceparent").iter().count(), 1);
    let value = headers["traceparent"].to_str().unwrap();
    let parts: Vec<&str> = value.split('-').collect();
    (parts[1].to_owned(), parts[2].to_owned())
}

/// Span as the collector shows it.
#[derive(Debug, Default)]
struct Span {
    trace_id: String,
    parent_id: String,
    id: String,
    name: String,
    attributes: HashMap<String, String>,
}

impl Span {
    fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("none", |value| value)
    }

    fn ids(&self) -> (String, String) {
        (self.trace_id.clone(), self.id.clone())
    }

    /// Reads a line such as `Name : chat` or `-> session.id: Str(s-1)`.
    fn read(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(':') else {
            return;
        };
        let (name, value) = (name.trim(), value.trim().to_owned());
        match name {
            "Trace ID" => self.trace_id = value,
            "Parent ID" => self.parent_id = value,
            "ID" => self.id = value,
            "Name" => self.name = value,
            _ => {
                if let Some(name) = name.strip_prefix("-> ") {
                    let (_, value) = value.split_once('(').unwrap();
                    let value = value.trim_end_matches(')').to_owned();
                    self.attributes.insert(name.to_owned(), value);
                }
            }
        }
    }
}

/// Collector as a process.
struct Collector {
    process: Process,
    address: SocketAddr,
}

impl Collector {
    fn start() -> Self {
        let (process, address) = Process::listening(|address| {
            let mut command = Command::new(env::var_os("ROTEL").unwrap());
            command
                .args(["start", "--exporter", "blackhole"])
                .args(["--debug-log", "traces", "--debug-log-verbosity", "detailed"])
                .args(["--otlp-http-endpoint", &address.to_string()])
                .args(["--otlp-grpc-endpoint", &free_address().to_string()])
                .stdout(Stdio::piped());
            command
        });
        Self { process, address }
    }

    /// Stops the collector, and returns the spans that it has received: that of a chat by its
    /// name, and others by their path.
    fn stop(mut self) -> HashMap<String, Span> {
        self.process.signal("-TERM");
        let mut text = String::new();
        self.process.stdout().read_to_string(&mut text).unwrap();

        let mut spans = Vec::<Span>::new();
        for line in text.lines() {
            if line.starts_with("Span #") {
                spans.push(Span::default());
            } else if let Some(span) = spans.last_mut() {
                span.read(line);
            }
        }
        let key = |span: &Span| match &span.name[..] {
            "chat" => "chat".to_owned(),
            _ => span.attribute("url.path").to_owned(),
        };
        spans.into_iter().map(|span| (key(&span), span)).collect()
    }
}
