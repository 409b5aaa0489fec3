//! Request that all cases begin with.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Uri};

use super::{Request, fields};

/// Number of headers in an SDK's request.
pub const SIZE: usize = SDK.len();

/// Headers of Claude Code's SDK.
const SDK: [(&str, &str); 16] = [
    ("host", "gateway.internal:8787"),
    ("accept", "application/json"),
    ("accept-encoding", "gzip, deflate, br"),
    ("anthropic-beta", "claude-code-20250219"),
    ("anthropic-version", "2023-06-01"),
    ("authorization", "Bearer sk-test-0000000000000000"),
    ("content-type", "application/json"),
    ("content-length", "20482"),
    ("user-agent", "sdk/0.74.0"),
    ("x-app", "cli"),
    ("x-stainless-arch", "x64"),
    ("x-stainless-lang", "js"),
    ("x-stainless-os", "Linux"),
    ("x-stainless-retry-count", "0"),
    ("x-stainless-runtime", "node"),
    ("x-stainless-runtime-version", "v24.11.0"),
];

/// Returns a function that makes requests with the headers of an SDK.
pub fn plain() -> impl FnMut() -> Request {
    with_headers(Vec::new())
}

/// Returns a function that makes requests with the headers of an SDK, and then
/// these.
pub fn with_headers(more: Vec<(String, String)>) -> impl FnMut() -> Request {
    let sdk = SDK.map(|(name, value)| (name.to_owned(), value.to_owned()));
    from(sdk.into_iter().chain(more))
}

/// Returns a function that makes requests of a known client: the headers of an SDK with
/// this `User-Agent`, and then these, each a UUID.
pub fn from_agent(agent: (&str, &str), own: &[&str]) -> impl FnMut() -> Request {
    let sdk = SDK.map(|header| if header.0 == agent.0 { agent } else { header });
    let sdk = sdk.map(|(name, value)| (name.to_owned(), value.to_owned()));
    from(sdk.into_iter().chain(fields::with_ids(own.iter().copied())))
}

/// Returns a function that makes requests with the headers of an SDK without
/// `content-length`, which real requests get from their bodies.
pub fn without_length() -> impl FnMut() -> Request {
    let sdk = SDK.iter().filter(|(name, _)| *name != "content-length");
    from(sdk.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

/// Returns a function that makes requests with this number of headers: these,
/// each a UUID, and then headers of an SDK and others.
pub fn of_size(headers: usize, own: &[&str]) -> impl FnMut() -> Request {
    let own = fields::with_ids(own.iter().copied());
    let sdk = SDK.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let more = (0..).map(|at| (format!("x-other-{at}"), format!("value-{at}")));
    from(own.chain(sdk).chain(more).take(headers))
}

/// Returns a function that makes requests with these headers. The values share
/// one buffer, as in a parser's result, and the map grows with each header. A
/// cloned map would have no spare capacity.
fn from(headers: impl Iterator<Item = (String, String)>) -> impl FnMut() -> Request {
    let headers: Vec<(String, String)> = headers.collect();
    let text: String = headers.iter().map(|(_, value)| value.as_str()).collect();
    let buffer = Bytes::from(text);
    let mut at = 0;
    let headers: Vec<(HeaderName, HeaderValue)> = headers
        .iter()
        .map(|(name, value)| {
            let bytes = buffer.slice(at..at + value.len());
            at += value.len();
            let value = HeaderValue::from_maybe_shared(bytes).unwrap();
            (name.parse().unwrap(), value)
        })
        .collect();
    let uri = Uri::from_static("https://api.example.com/v1/messages");
    move || {
        let mut request = Request::new(());
        *request.uri_mut() = uri.clone();
        for (name, value) in &headers {
            let headers = request.headers_mut();
            headers.try_append(name, value.clone()).unwrap();
        }
        request
    }
}
