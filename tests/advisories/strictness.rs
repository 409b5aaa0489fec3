//! Invalid headers that are ignored without a report.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, extract::Request};
use tower_metadata_headers::{Faults, MetadataHeadersLayer, Rejection, SessionId, conventions};

use crate::{
    common::{CANARY, client::text},
    support::{answers, ask},
};

const INVALID: &[(&str, &[(&str, &str)])] = &[
    (
        "repeated",
        &[
            ("x-zoo-session-id", "canary-5f3a"),
            ("x-zoo-session-id", "canary-5f3b"),
        ],
    ),
    ("look_alike", &[("x_zoo_session_id", "canary-5f3a")]),
    ("empty", &[("x-zoo-session-id", "")]),
    ("invalid_character", &[("x-zoo-session-id", "canary-5f3a,")]),
    ("invalid_escape", &[("x-zoo-mode", "canary-5f3a%zz")]),
    ("invalid_utf8", &[("x-zoo-mode", "canary-5f3a%ff")]),
    (
        "conflict",
        &[
            ("x-a-session-id", "canary-5f3a"),
            ("x-b-session-id", "canary-5f3b"),
        ],
    ),
];

/// Envoy ignored its own headers if they were invalid. An option now rejects
/// them with 400 (`strict_check_headers` of its router).
#[tokio::test]
async fn envoy_strict_check_headers_faults_are_reported_or_rejected() {
    // Counts the requests of each session. Requests without a session are not
    // counted.
    let quota = Arc::new(Mutex::new(BTreeMap::new()));
    let counts = Arc::clone(&quota);
    let naive = Router::new().fallback(async move |request: Request| {
        let mut lines = request.headers().get_all("x-zoo-session-id").iter();
        if let (Some(line), None) = (lines.next(), lines.next())
            && let Ok(session) = SessionId::try_from(line.to_str().unwrap())
        {
            *counts.lock().unwrap().entry(session).or_insert(0) += 1;
        }
        "served"
    });
    let served = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&served);
    let handler = async move |_: Request| {
        counted.fetch_add(1, Ordering::Relaxed);
        "served"
    };
    let refuse = |rejection: Rejection| {
        let text = format!("{}: {rejection}", rejection.code());
        let mut response = http::Response::new(axum::body::Body::from(text));
        *response.status_mut() = rejection.status();
        response
    };
    let lenient = MetadataHeadersLayer::extract(conventions::clients());
    let strict = lenient.clone().reject_with(refuse);
    let strict = Router::new().fallback(handler).layer(strict);
    let reports = Router::new()
        .fallback(async |request: Request| {
            let faults = request.extensions().get::<Faults>().unwrap();
            let codes = faults.iter().map(|fault| fault.reason().code());
            codes.collect::<Vec<_>>().join(",")
        })
        .layer(lenient);

    for (code, invalid) in INVALID {
        assert_eq!(ask(naive.clone(), invalid).await, "served");
        assert_eq!(ask(reports.clone(), invalid).await, *code);
        for answer in answers(strict.clone(), invalid).await {
            assert!(answer.status().is_client_error(), "{code}");
            assert!(
                text(&answer).starts_with(&format!("{code}: ")),
                "{}",
                text(&answer)
            );
            assert!(!text(&answer).contains(CANARY), "{}", text(&answer));
        }
    }
    assert_eq!(quota.lock().unwrap().len(), 0, "control");
    assert_eq!(served.load(Ordering::Relaxed), 0);
    assert_eq!(
        ask(strict, &[("x-zoo-session-id", "ses_1")]).await,
        "served"
    );
}
