//! Feature `tracing`: one event for each request whose metadata has faults.

#![cfg(feature = "tracing")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use std::{convert::Infallible, fmt::Debug};

use http::{Request, Response};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_metadata_headers::{Faults, MetadataHeadersLayer, SessionId, conventions};
use tracing::level_filters::LevelFilter;

use crate::common::{CANARY, RequestExt, log::Log, session, zoo};

/// Answers with whether there were faults.
fn server() -> impl Service<Request<()>, Response = Response<bool>, Error = Infallible> + Clone {
    service_fn(async |request: Request<()>| {
        let faults = request.extensions().get::<Faults>();
        Ok(Response::new(faults.is_some()))
    })
}

/// What this crate logs at most at this level while a request with these lines
/// is served.
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
async fn all_faults_of_a_request_are_one_event_with_field_header_and_reason() {
    let extract = MetadataHeadersLayer::extract(conventions::clients());
    for extract in [extract.clone(), extract.strip()] {
        let lines = logged(extract.layer(server()), LevelFilter::TRACE, FAULTY).await;
        let [line] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        for part in [
            "DEBUG",
            "count=4",
            "task-id came on more than one line (x-zoo-task-id)",
            "organization-id came from a sender that is not trusted with it \
             (x-kilocode-organizationid)",
            "session-id came under a look-alike of a known header name (x_zoo_session_id)",
            "turn-id has a character that is not allowed at byte 11 (x-opencode-request)",
        ] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
    }
}

#[tokio::test]
async fn a_missing_field_is_in_the_event() {
    let extract = MetadataHeadersLayer::extract(conventions::clients())
        .require::<tower_metadata_headers::TaskId>();
    let lines = logged(extract.layer(server()), LevelFilter::DEBUG, &[]).await;
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("task-id is missing"), "{lines:?}");
}

#[tokio::test]
async fn a_rejected_request_is_one_event_too() {
    let strict = MetadataHeadersLayer::extract(conventions::clients())
        .require::<SessionId>()
        .reject_with(|_| Response::new(true));
    let lines = logged(strict.layer(server()), LevelFilter::TRACE, FAULTY).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
}

#[tokio::test]
async fn a_request_without_faults_is_no_event() {
    let sound = [("x-zoo-task-id", CANARY), ("x-zoo-mode", CANARY)];
    let extract = MetadataHeadersLayer::extract(conventions::clients());
    for lines in [&sound[..], &[]] {
        let service = extract.layer(server());
        assert!(logged(service, LevelFilter::TRACE, lines).await.is_empty());
    }
}

#[tokio::test]
async fn the_event_is_of_level_debug_and_no_higher() {
    let service = MetadataHeadersLayer::extract(conventions::clients()).layer(server());
    let debug = logged(service.clone(), LevelFilter::DEBUG, FAULTY).await;
    assert_eq!(debug.len(), 1, "control");
    assert!(logged(service, LevelFilter::INFO, FAULTY).await.is_empty());
}

#[tokio::test]
async fn writing_logs_nothing() {
    let service = MetadataHeadersLayer::inject(zoo()).layer(server());
    assert!(logged(service, LevelFilter::TRACE, FAULTY).await.is_empty());
}
