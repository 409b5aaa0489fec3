//! Headers that belong to a convention without a rule.

use axum::{Router, extract::Request};
use http::HeaderMap;
use tower_metadata_headers::{
    Convention, ConventionSet, Fault, InvalidConvention, InvalidConventionKind, Metadata,
    MetadataHeadersLayer, Reason, Rule, SessionId, conventions,
};

use crate::common::{
    Body, NONE, RequestExt, VERSIONS, append,
    client::{client, send, text},
    get, lines,
    server::Server,
};

fn owning(name: &'static str) -> Result<Convention, InvalidConvention> {
    Convention::builder("acme")
        .rule(Rule::header::<SessionId>("x-acme-session"))
        .owned_header(name)
        .build()
}

#[test]
fn owned_header_with_credentials_framing_or_a_rule_is_an_error() {
    for name in ["authorization", "Content_Length", "x-api-key", "cookie"] {
        let error = owning(name).unwrap_err();
        assert_eq!(error.kind(), InvalidConventionKind::Reserved, "{name}");
    }
    for name in ["x-acme-session", "X_Acme_Session"] {
        let error = owning(name).unwrap_err();
        assert_eq!(error.kind(), InvalidConventionKind::Repeated, "{name}");
    }
    let error = owning("x acme").unwrap_err();
    assert_eq!(error.kind(), InvalidConventionKind::InvalidHeaderName);
    assert!(
        owning("X-Acme-Shard")
            .unwrap()
            .owned_headers()
            .eq(["x-acme-shard"])
    );
}

#[test]
fn owned_header_is_removed_and_not_read_or_written() {
    let acme = owning("x-acme-shard").unwrap();
    let set = ConventionSet::from(acme.clone());
    let mut headers = HeaderMap::new();
    append(&mut headers, "x-acme-shard", "7");
    let extracted = set.read(&headers);
    assert!(extracted.metadata.is_empty() && extracted.faults.is_empty());

    let mut written = headers.clone();
    acme.write(&Metadata::new(), &mut written);
    set.remove_from(&mut headers);
    assert_eq!([lines(&written), lines(&headers)], [NONE, NONE]);

    append(&mut headers, "x_acme.shard", "7");
    let faults = set.read(&headers).faults;
    let reasons: Vec<Reason> = faults.iter().map(Fault::reason).collect();
    assert_eq!(reasons, [Reason::LookAlike]);
    set.remove_from(&mut headers);
    assert_eq!(lines(&headers), NONE);
}

#[test]
fn owned_header_is_read_by_another_convention_wherever_it_stands() {
    let reader = Convention::builder("reader")
        .rule(Rule::read_only::<SessionId>("x-acme-shard"))
        .build()
        .unwrap();
    let mut headers = HeaderMap::new();
    append(&mut headers, "x-acme-shard", "ses_1");
    let acme = owning("x-acme-shard").unwrap();
    for set in [[acme.clone(), reader.clone()], [reader, acme]] {
        let metadata = ConventionSet::new(set).read(&headers).metadata;
        assert_eq!(metadata.get::<SessionId>().unwrap(), "ses_1");
    }
}

#[test]
fn property_is_not_written_to_an_owned_header() {
    let acme = Convention::builder("acme")
        .other_fields_prefix("x-acme-")
        .owned_header("x-acme-shard")
        .build()
        .unwrap();
    let properties = [("shard", "7"), ("team", "search")];
    let properties = tower_metadata_headers::Properties::new(properties).unwrap();
    let metadata = Metadata::new().with(properties);
    let mut headers = HeaderMap::new();
    let report = acme.write(&metadata, &mut headers);
    assert_eq!(report.faults().len(), 1);
    assert_eq!(lines(&headers), ["x-acme-team: search"]);
}

/// A client could choose the worker of a router behind the gateway.
#[tokio::test]
async fn engine_controls_of_a_client_reach_no_engine_behind_a_gateway_that_strips() {
    let engine =
        || Router::new().fallback(async |request: Request| lines(request.headers()).join(","));
    let sent = [
        ("x-worker-instance-id", "7"),
        ("x-dynamo-dp-rank", "3"),
        ("x-smg-target-worker", "0"),
        ("X-Gateway-Destination-Endpoint", "10.0.0.1:8000"),
        ("x-data-parallel-rank", "1"),
        ("x-llm-d-kv-cache-source-host-port", "10.0.0.1:8000"),
    ];
    let known = conventions::clients().insert(conventions::engine_controls());
    let strip = MetadataHeadersLayer::extract(known).strip();
    let bare = Server::start(engine()).await;
    let gateway = Server::start(engine().layer(strip)).await;
    for version in VERSIONS {
        let mut arrived = Vec::new();
        for server in [&bare, &gateway] {
            let request = sent
                .iter()
                .fold(get(&server.uri("/")), |request, (name, value)| {
                    request.line(name, value)
                });
            let response = send(&client::<Body>(version), request).await;
            arrived.push(text(&response).to_owned());
        }
        assert_eq!(arrived[0].split(',').count(), sent.len(), "control");
        assert_eq!(arrived[1], "");
    }
}
