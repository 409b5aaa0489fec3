//! Demo that sends six agents' requests through the relay: `--demo`.

mod agents;
mod table;

use std::{io::Write, net::SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use tokio::net::TcpListener;
use tower_metadata_headers::{Convention, conventions};

use self::agents::{Agent, Call};
use super::{BoxError, Settings, base_url::BaseUrl, start, upstream};

/// Sends each agent's requests, and prints a table of the results.
///
/// # Errors
///
/// Returns an error if a session did not reach the upstream, or if an agent's
/// own header did.
pub async fn run(mut settings: Settings, out: &mut impl Write) -> Result<(), BoxError> {
    let upstream = upstream::start("127.0.0.1:0").await?;
    settings.upstream = Some(BaseUrl::http(upstream.address())?);
    let relay = start(TcpListener::bind("127.0.0.1:0").await?, &settings)?;

    let mut outcomes = Vec::new();
    for agent in agents::all() {
        outcomes.push(send_all(agent, relay.address(), &settings.send_as).await?);
    }
    table::print(&outcomes, settings.send_as.name(), out)?;
    relay.stop().await;
    upstream.stop().await;

    let failed: Vec<&str> = outcomes
        .iter()
        .filter(|outcome| !outcome.arrived || !outcome.leaked.is_empty())
        .map(|outcome| outcome.name)
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("demo: failed for {}", failed.join(", ")).into())
}

/// Result of one agent's conversation.
pub(crate) struct Outcome {
    name: &'static str,
    requests: usize,
    /// Metadata headers of the last request, as the agent sent them.
    sent: Lines,
    /// Metadata headers of the last request, as the upstream received them.
    received: Lines,
    /// True if each request's session reached the upstream.
    arrived: bool,
    /// Headers that the upstream received, but that its convention does not write.
    leaked: Vec<String>,
}

type Lines = Vec<(String, String)>;

async fn send_all(
    agent: Agent,
    relay: SocketAddr,
    convention: &Convention,
) -> Result<Outcome, BoxError> {
    let mut outcome = Outcome {
        name: agent.name,
        requests: agent.calls.len(),
        sent: Lines::new(),
        received: Lines::new(),
        arrived: true,
        leaked: Vec::new(),
    };
    for call in &agent.calls {
        let request = request(&agent, call, relay)?;
        outcome.sent = metadata_lines(request.headers(), agent.session);
        let received = received_headers(request).await?;
        outcome.received = metadata_lines(&received, agent.session);
        let leaked = names_not_written(convention, &outcome.received);
        outcome.leaked.extend(leaked);
        outcome.arrived &= convention.writes().any(|(header, _)| {
            let mut lines = received.get_all(header).iter();
            lines.next().is_some_and(|value| value == agent.session) && lines.next().is_none()
        });
    }
    Ok(outcome)
}

fn request(agent: &Agent, call: &Call, relay: SocketAddr) -> http::Result<Request<Full<Bytes>>> {
    let body = agent.body(call).to_string();
    let headers = agent.headers.iter().chain(&call.headers);
    headers
        .fold(
            Request::post(format!("http://{relay}{}", agent.path)),
            |request, (name, value)| request.header(*name, *value),
        )
        .header("content-type", "application/json")
        .body(Full::from(body))
}

/// Sends the request, and returns the headers that reached the upstream.
async fn received_headers(request: Request<Full<Bytes>>) -> Result<HeaderMap, BoxError> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(format!("relay: status {status}").into());
    }
    let text = std::str::from_utf8(&body)?;
    // A whole response is one line. In a stream, the first event has the headers.
    let mut lines = text
        .lines()
        .map(|line| line.strip_prefix("data: ").unwrap_or(line));
    let answer = lines
        .find_map(|line| serde_json::from_str::<Value>(line).ok())
        .ok_or("response: no JSON")?;
    headers_in(&answer).ok_or_else(|| "response: no received headers".into())
}

fn headers_in(answer: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, values) in answer.get("received_headers")?.as_object()? {
        for value in values.as_array()? {
            let name: HeaderName = name.parse().ok()?;
            let value: HeaderValue = value.as_str()?.parse().ok()?;
            headers.try_append(name, value).ok()?;
        }
    }
    Some(headers)
}

/// Returns the headers that any known client's convention owns, with the session's
/// headers first.
fn metadata_lines(headers: &HeaderMap, session: &str) -> Lines {
    let mut others = headers.clone();
    conventions::clients().remove_from(&mut others);
    let mut lines: Lines = headers
        .iter()
        .filter(|(name, _)| !others.contains_key(*name))
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), value.into_owned())
        })
        .collect();
    lines.sort_by_key(|(_, value)| value != session);
    lines
}

/// Returns the names that this convention does not write.
fn names_not_written(convention: &Convention, lines: &[(String, String)]) -> Vec<String> {
    let is_written = |name: &str| convention.writes().any(|(header, _)| header == name);
    let names = lines.iter().map(|(name, _)| name);
    names.filter(|name| !is_written(name)).cloned().collect()
}
