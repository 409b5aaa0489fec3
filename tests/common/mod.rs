//! Servers and clients for the tests: hyper over TCP on this machine.

#![allow(dead_code, reason = "each test binary uses only some helpers")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

pub(crate) mod client;
pub(crate) mod log;
pub(crate) mod redirects;
pub(crate) mod server;

use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, Version};
use http_body_util::Full;
use hyper::body::Bytes;
use tower_metadata_headers::{Convention, HostPolicy, Metadata, ProjectId, SessionId, TaskId};

/// Body of every request and response.
pub(crate) type Body = Full<Bytes>;

/// HTTP versions of each test over a connection.
pub(crate) const VERSIONS: [Version; 2] = [Version::HTTP_11, Version::HTTP_2];

/// Placeholder for a secret that no log may show.
pub(crate) const CANARY: &str = "canary-5f3a";

/// Returns the convention of the vendor Zoo.
pub(crate) fn zoo() -> Convention {
    Convention::vendor("zoo").unwrap()
}

/// Returns a policy that allows plain http, because the tests' servers have no
/// TLS.
pub(crate) fn over_http(convention: Convention) -> HostPolicy {
    HostPolicy::new(convention).allow_http()
}

/// Returns metadata with a session, a task, and a project, which is identity.
pub(crate) fn metadata() -> Metadata {
    Metadata::new()
        .with(SessionId::try_from("ses_1").unwrap())
        .with(TaskId::try_from("task_1").unwrap())
        .with(ProjectId::try_from("acme/web").unwrap())
}

/// Lines in which [`zoo`] writes [`metadata`].
pub(crate) const ZOO_LINES: [&str; 3] = [
    "x-zoo-project-id: acme/web",
    "x-zoo-session-id: ses_1",
    "x-zoo-task-id: task_1",
];

pub(crate) fn session(id: &str) -> Metadata {
    Metadata::new().with(SessionId::try_from(id).unwrap())
}

/// Returns a request without metadata and headers.
pub(crate) fn get(uri: &Uri) -> Request<Body> {
    Request::get(uri).body(Body::default()).unwrap()
}

pub(crate) trait RequestExt {
    /// Adds this metadata to the request's extensions.
    fn metadata(self, metadata: Metadata) -> Self;

    /// Appends a line of this header.
    fn line(self, name: &str, value: &str) -> Self;
}

impl<B> RequestExt for Request<B> {
    fn metadata(mut self, metadata: Metadata) -> Self {
        self.extensions_mut().insert(metadata);
        self
    }

    fn line(mut self, name: &str, value: &str) -> Self {
        append(self.headers_mut(), name, value);
        self
    }
}

/// Appends a line of this header.
pub(crate) fn append(headers: &mut HeaderMap, name: &str, value: impl AsRef<[u8]>) {
    let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
    let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
    headers.try_append(name, value).unwrap();
}

/// Returns all header lines of a request as sorted text, without those that a
/// client adds itself.
pub(crate) fn lines(headers: &HeaderMap) -> Vec<String> {
    let mut lines: Vec<String> = headers
        .iter()
        .filter(|(name, _)| !["host", "content-length", "user-agent"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.as_bytes().escape_ascii()))
        .collect();
    lines.sort();
    lines
}

/// Expected lines if there is no header.
pub(crate) const NONE: [&str; 0] = [];
