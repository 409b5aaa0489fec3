//! Reports of metadata that the injecting layer does not write in full.

use std::sync::{Arc, Mutex};

use http::Uri;
use tower::{Layer, ServiceExt};
use tower_metadata_headers::{
    AgentId, Destinations, Metadata, MetadataHeadersLayer, ProjectId, WriteReport, conventions,
};

use crate::common::{
    Body, VERSIONS,
    client::client,
    get, over_http,
    server::{Upstream, uri},
    session,
};

#[tokio::test]
async fn request_whose_metadata_is_not_written_in_full_is_reported() {
    let upstream = Upstream::start().await;
    let destinations = Destinations::new()
        .host("opencode.test:*", over_http(conventions::opencode()))
        .unwrap()
        .host(
            "third.test:*",
            over_http(conventions::opencode()).without_identity(),
        )
        .unwrap();
    let reports = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&reports);
    let layer = MetadataHeadersLayer::inject(destinations).on_unwritten(
        move |report: &WriteReport<'_>, uri: &Uri| {
            let line = format!("{}: {}", uri.host().unwrap(), report.faults());
            sink.lock().unwrap().push(line);
        },
    );
    let agent = session("s-1").with(AgentId::try_from("canary").unwrap());
    let project = session("s-1").with(ProjectId::try_from("canary").unwrap());
    for version in VERSIONS {
        for (host, metadata, expected) in [
            ("opencode.test", &session("s-1"), None),
            ("opencode.test", &Metadata::new(), None),
            ("opencode.test", &agent, Some("agent-id: ")),
            ("third.test", &project, Some("project-id: ")),
            ("unknown.test", &session("s-1"), Some("session-id: ")),
        ] {
            let mut request = get(&uri(&upstream.named(host), "/"));
            request.extensions_mut().insert(metadata.clone());
            let client = layer.layer(client::<Body>(version));
            client.oneshot(request).await.unwrap();
            upstream.take_one();
            let reports: Vec<String> = reports.lock().unwrap().drain(..).collect();
            assert_eq!(
                reports.len(),
                usize::from(expected.is_some()),
                "{reports:?}"
            );
            if let ([report], Some(expected)) = (reports.as_slice(), expected) {
                assert!(
                    report.starts_with(&format!("{host}: {expected}")),
                    "{report}"
                );
                assert!(!report.contains("canary"), "{report}");
            }
        }
    }
}
