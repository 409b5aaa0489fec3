//! Feature `tracing`: one event for each request with faulty metadata, when it
//! is read and when it is written.
//!
//! These tests are in a separate process. `tracing` caches for each event
//! whether a subscriber is interested, and tests without a subscriber would
//! race with them.

#![cfg(feature = "tracing")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

#[path = "../common/mod.rs"]
mod common;
#[cfg(all(feature = "axum-08", feature = "tokio"))]
mod otel;

use std::{convert::Infallible, fmt::Debug, future::ready};

use allocation_counter::measure;
use http::{HeaderMap, Method, Request, Response, Uri};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_metadata_headers::{
    Destinations, Faults, HostPolicy, MetadataHeadersLayer, RequestId, SessionId, UserId,
    conventions,
};
use tracing::level_filters::LevelFilter;

use crate::common::{CANARY, RequestExt, log::Log, session, zoo};

/// Returns a service that responds with true if there were faults.
fn server() -> impl Service<Request<()>, Response = Response<bool>, Error = Infallible> + Clone {
    service_fn(async |request: Request<()>| {
        let faults = request.extensions().get::<Faults>();
        Ok(Response::new(faults.is_some()))
    })
}

/// Returns the events of this crate, up to this level, for a request with these
/// lines.
async fn logged<S>(service: S, level: LevelFilter, lines: &[(&str, &str)]) -> Vec<String>
where
    S: Service<Request<()>, Response = Response<bool>, Error: Debug>,
{
    let log = Log::start(level);
    let request = Request::new(()).metadata(session(&format!("{CANARY}-known")));
    let request = lines
        .iter()
        .fold(request, |request, (name, value)| request.line(name, value));
    let answer = service.oneshot(request).await.unwrap();
    let ours = log.lines_with("tower_metadata_headers");
    assert_eq!(log.text().lines().count(), ours.len(), "{}", log.text());
    assert!(!log.text().contains(CANARY), "{}", log.text());
    assert_eq!(
        ours.is_empty(),
        !*answer.body() || level < LevelFilter::DEBUG
    );
    ours
}

const FAULTY: &[(&str, &str)] = &[
    ("x-zoo-task-id", "canary-5f3a-a"),
    ("x-zoo-task-id", "canary-5f3a-b"),
    ("x-kilocode-organizationid", "canary-5f3a"),
    ("x_zoo_session_id", "canary-5f3a"),
    ("x-opencode-request", "canary-5f3a,"),
];

#[tokio::test]
async fn read_with_faults_is_one_event_with_field_header_and_reason() {
    let extract = MetadataHeadersLayer::extract(conventions::clients());
    for extract in [extract.clone(), extract.strip()] {
        let lines = logged(extract.layer(server()), LevelFilter::DEBUG, FAULTY).await;
        let [line] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        for part in [
            "DEBUG",
            "count=4",
            "task-id: more than one field line (x-zoo-task-id)",
            "organization-id: request is not trusted with identity \
             (x-kilocode-organizationid)",
            "session-id: look-alike of a known header name (x_zoo_session_id)",
            "turn-id: invalid character at byte 11 (x-opencode-request)",
        ] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
    }
}

#[tokio::test]
async fn missing_field_is_in_the_event() {
    let extract = MetadataHeadersLayer::extract(conventions::clients())
        .require::<tower_metadata_headers::TaskId>();
    let lines = logged(extract.layer(server()), LevelFilter::DEBUG, &[]).await;
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].contains("task-id: required field is missing"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn rejected_request_is_one_event() {
    let strict = MetadataHeadersLayer::extract(conventions::clients())
        .require::<SessionId>()
        .reject_with(|_| Response::new(true));
    let lines = logged(strict.layer(server()), LevelFilter::TRACE, FAULTY).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
}

#[tokio::test]
async fn read_without_faults_logs_nothing() {
    let sound = [("x-zoo-task-id", CANARY), ("x-zoo-mode", CANARY)];
    let extract = MetadataHeadersLayer::extract(conventions::clients());
    for lines in [&sound[..], &[]] {
        let service = extract.layer(server());
        assert!(logged(service, LevelFilter::TRACE, lines).await.is_empty());
    }
}

/// A header of a family may have no field, and still be gone.
#[tokio::test]
async fn strip_with_level_trace_is_one_event_with_each_header_and_no_value() {
    let lines = [
        ("x-zoo-task-id", CANARY),
        ("x-zoo-unheard-of", CANARY),
        ("accept", CANARY),
    ];
    let strip = MetadataHeadersLayer::extract(conventions::clients()).strip();
    for (level, events) in [(LevelFilter::TRACE, 1), (LevelFilter::DEBUG, 0)] {
        let log = Log::start(level);
        let request = lines
            .iter()
            .fold(Request::new(()), |request, (name, value)| {
                request.line(name, value)
            });
        strip.layer(server()).oneshot(request).await.unwrap();
        let found = log.lines_with("metadata headers are removed");
        assert_eq!(found.len(), events, "{}", log.text());
        assert!(!log.text().contains(CANARY), "{}", log.text());
        for event in found {
            assert!(event.contains("x-zoo-task-id") && event.contains("x-zoo-unheard-of"));
            assert!(!event.contains("accept"), "{event}");
        }
    }
}

#[tokio::test]
async fn event_is_of_level_debug_and_no_higher() {
    let service = MetadataHeadersLayer::extract(conventions::clients()).layer(server());
    let debug = logged(service.clone(), LevelFilter::DEBUG, FAULTY).await;
    assert_eq!(debug.len(), 1, "control");
    assert!(logged(service, LevelFilter::INFO, FAULTY).await.is_empty());
}

#[tokio::test]
async fn write_without_faults_logs_nothing() {
    let service = MetadataHeadersLayer::inject(zoo()).layer(server());
    assert!(logged(service, LevelFilter::TRACE, FAULTY).await.is_empty());
}

/// Returns the events of the layer for a request to this URI, with metadata of
/// each kind.
async fn written(
    destinations: impl Into<Destinations>,
    uri: &'static str,
    level: LevelFilter,
) -> Vec<String> {
    let log = Log::start(level);
    let metadata = session(&format!("{CANARY}-session"))
        .with(UserId::try_from(format!("{CANARY}-user")).unwrap())
        .with(RequestId::try_from(format!("{CANARY}-request")).unwrap());
    let mut request = Request::new(()).metadata(metadata);
    *request.uri_mut() = Uri::from_static(uri);
    if uri.starts_with("connect.example") {
        *request.method_mut() = Method::CONNECT;
    }
    let service = MetadataHeadersLayer::inject(destinations).layer(server());
    service.oneshot(request).await.unwrap();
    let ours = log.lines_with("tower_metadata_headers");
    assert_eq!(log.text().lines().count(), ours.len(), "{}", log.text());
    assert!(!log.text().contains(CANARY), "{}", log.text());
    ours
}

#[tokio::test]
async fn write_with_faults_is_one_event_with_field_header_and_reason() {
    let helicone = || HostPolicy::new(conventions::helicone());
    let destinations = Destinations::new()
        .host("third.example", helicone().without_identity())
        .unwrap()
        .host("connect.example:443", helicone().allow_http())
        .unwrap();
    let not_a_uuid = "request-id: not a UUID of a supported version \
                      (helicone-request-id)";
    for (uri, count, parts) in [
        (
            "https://third.example/",
            2,
            [
                not_a_uuid,
                "user-id: withheld by this host's policy (helicone-user-id)",
            ],
        ),
        (
            "http://third.example/",
            3,
            [
                "session-id: this host's policy requires https",
                "user-id: this host's policy requires https",
            ],
        ),
        (
            "https://evil.example/",
            3,
            [
                "session-id: no policy for this host",
                "user-id: no policy for this host",
            ],
        ),
        (
            "connect.example:443",
            3,
            [
                "session-id: not sent with CONNECT",
                "user-id: not sent with CONNECT",
            ],
        ),
    ] {
        let lines = written(destinations.clone(), uri, LevelFilter::TRACE).await;
        let [line] = lines.as_slice() else {
            panic!("{uri}: {lines:?}");
        };
        let count = format!("count={count}");
        for part in ["DEBUG", &count, "was not fully written"]
            .into_iter()
            .chain(parts)
        {
            assert!(line.contains(part), "{part} is not in {line}");
        }
        let lines = written(destinations.clone(), uri, LevelFilter::INFO).await;
        assert!(lines.is_empty(), "{lines:?}");
    }
    let all = written(zoo(), "https://third.example/", LevelFilter::TRACE).await;
    assert!(all.is_empty(), "{all:?}");
}

#[test]
fn write_without_faults_allocates_nothing_with_the_level_on() {
    let echo = service_fn(|request: Request<()>| ready(Ok::<_, Infallible>(request)));
    for (destinations, has_faults) in [
        (Destinations::from(zoo()), false),
        (Destinations::new(), true),
    ] {
        let log = Log::start(LevelFilter::DEBUG);
        let mut service = MetadataHeadersLayer::inject(destinations).layer(echo);
        let metadata = session("ses_1");
        let request = || {
            let mut request = Request::new(()).metadata(metadata.clone());
            *request.headers_mut() = HeaderMap::with_capacity(8);
            request
        };
        drop(service.call(request()).into_inner());
        let request = request();
        let mut answer = None;
        let counted = measure(|| answer = Some(service.call(request)));
        assert_eq!(counted.count_total > 0, has_faults);
        assert_eq!(!log.text().is_empty(), has_faults);
    }
}
