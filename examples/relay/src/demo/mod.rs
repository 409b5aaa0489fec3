//! `--demo`: six agents talk through the relay.

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

/// Plays each agent's conversation, and shows what came of it.
///
/// # Errors
///
/// Returns an error if a session did not arrive, or if an agent's own header
/// did.
pub async fn run(mut settings: Settings, out: &mut impl Write) -> Result<(), BoxError> {
    let upstream = upstream::start("127.0.0.1:0").await?;
    settings.upstream = Some(BaseUrl::http(upstream.address())?);
    let relay = start(TcpListener::bind("127.0.0.1:0").await?, &settings)?;

    let mut outcomes = Vec::new();
    for agent in agents::all() {
        outcomes.push(play(agent, relay.address(), &settings.send_as).await?);
    }
    table::print(&outcomes, settings.send_as.name(), out)?;
    relay.stop().await;
    upstream.stop().await;

    let lost: Vec<&str> = outcomes
        .iter()
        .filter(|outcome| !outcome.arrived || !outcome.leaked.is_empty())
        .map(|outcome| outcome.name)
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    Err(format!(
        "not every session arrived as it should: {}",
        lost.join(", ")
    )
    .into())
}

/// What came of one agent's conversation.
pub(crate) struct Outcome {
    name: &'static str,
    requests: usize,
    /// The metadata of its last request, as it was sent and as it arrived.
    sent: Lines,
    got: Lines,
    /// Whether each request brought the session to the upstream.
    arrived: bool,
    /// Headers of the agents' spellings that the upstream should not have got.
    leaked: Vec<String>,
}

type Lines = Vec<(String, String)>;

async fn play(
    agent: Agent,
    relay: SocketAddr,
    convention: &Convention,
) -> Result<Outcome, BoxError> {
    let mut outcome = Outcome {
        name: agent.name,
        requests: agent.calls.len(),
        sent: Lines::new(),
        got: Lines::new(),
        arrived: true,
        leaked: Vec::new(),
    };
    for call in &agent.calls {
        let request = request(&agent, call, relay)?;
        outcome.sent = metadata_lines(request.headers(), agent.session);
        let received = received_headers(request).await?;
        outcome.got = metadata_lines(&received, agent.session);
        outcome.leaked.extend(not_of(convention, &outcome.got));
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

/// Sends the request, and reads from the answer what reached the upstream.
async fn received_headers(request: Request<Full<Bytes>>) -> Result<HeaderMap, BoxError> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(format!("the relay answered {status}").into());
    }
    let text = std::str::from_utf8(&body)?;
    // A whole answer is one line; of a stream, the first event tells.
    let mut lines = text
        .lines()
        .map(|line| line.strip_prefix("data: ").unwrap_or(line));
    let answer = lines
        .find_map(|line| serde_json::from_str::<Value>(line).ok())
        .ok_or("the answer has no JSON")?;
    headers_in(&answer).ok_or_else(|| "the answer shows no headers".into())
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

/// The headers that any known convention takes for its own, those with the
/// session first.
fn metadata_lines(headers: &HeaderMap, session: &str) -> Lines {
    let mut others = headers.clone();
    let known = conventions::clients();
    known.remove_from(&mut others);
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

/// The names that this convention does not write.
fn not_of(convention: &Convention, lines: &[(String, String)]) -> Vec<String> {
    let is_written = |name: &str| convention.writes().any(|(header, _)| header == name);
    let names = lines.iter().map(|(name, _)| name);
    names.filter(|name| !is_written(name)).cloned().collect()
}
