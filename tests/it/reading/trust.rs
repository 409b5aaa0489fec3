//! Trust by field: in the codec, and in the layer over a connection.

use axum::{Extension, Router, middleware::Next};
use http::{HeaderMap, HeaderName, HeaderValue};
use tower_metadata_headers::{
    AgentId, Convention, ConventionSet, Field, FieldKey, Metadata, MetadataHeadersLayer, ProjectId,
    Properties, Rule, SessionId, Trust, UserId, metadata_field,
};

use crate::common::{
    Body, RequestExt, VERSIONS,
    client::{client, send, text},
    get,
    server::Server,
};

metadata_field! {
    /// The tenant that pays.
    struct TenantId("tenant-id"): Identity;
}

/// Returns a convention with identity of each kind.
fn acme() -> Convention {
    Convention::vendor("acme")
        .unwrap()
        .to_builder()
        .rule(Rule::header::<TenantId>("x-acme-tenant-id"))
        .rule(Rule::header::<AgentId>("x-billed-agent").identity())
        .build()
        .unwrap()
}

const HEADERS: [(&str, &str); 6] = [
    ("x-acme-session-id", "s-1"),
    ("x-acme-project-id", "p-1"),
    ("x-acme-user-id", "u-1"),
    ("x-acme-tenant-id", "t-1"),
    ("x-acme-team", "search"),
    ("x-billed-agent", "a-1"),
];

/// Returns the names of the fields that are read with this trust, and of those that are
/// reported as untrusted.
fn read(trust: &Trust) -> (Vec<&'static str>, Vec<&'static str>) {
    let headers: HeaderMap = HEADERS
        .into_iter()
        .map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        })
        .collect();
    let extracted = acme().read_with(&headers, trust);
    let set = ConventionSet::from(acme());
    assert_eq!(set.read_with(&headers, trust), extracted);
    assert_eq!(set.read_pairs_with(HEADERS, trust), extracted);
    let read = extracted.metadata.iter().map(|(key, _)| key.name());
    let faults = extracted.faults.iter();
    let faults = faults.map(|fault| fault.field().unwrap().name());
    (read.collect(), faults.collect())
}

#[test]
fn trusted_fields_are_read_and_others_reported() {
    let all = [
        "agent-id",
        "project-id",
        "user-id",
        "properties",
        "tenant-id",
    ];
    assert_eq!(read(&Trust::none()).0, ["session-id"]);
    assert_eq!(read(&Trust::none()).1.len(), all.len());
    assert_eq!(read(&Trust::all()).0.len(), 1 + all.len());
    assert!(read(&Trust::all()).1.is_empty());
    for (trust, field) in [
        (Trust::none().field::<AgentId>(), "agent-id"),
        (Trust::none().field::<ProjectId>(), "project-id"),
        (Trust::none().field::<UserId>(), "user-id"),
        (Trust::none().field::<Properties>(), "properties"),
        (Trust::none().field::<TenantId>(), "tenant-id"),
    ] {
        let (read, mut untrusted) = read(&trust);
        assert_eq!(read, ["session-id", field]);
        let mut others: Vec<_> = all.into_iter().filter(|name| *name != field).collect();
        others.sort_unstable();
        untrusted.sort_unstable();
        assert_eq!(untrusted, others);
    }
}

#[test]
fn trust_is_in_the_fields_that_were_added() {
    let trust = Trust::none().field::<ProjectId>().field::<ProjectId>();
    assert_eq!(trust, Trust::none().field::<ProjectId>());
    assert!(trust.contains(FieldKey::of::<ProjectId>()));
    assert!(!trust.contains(FieldKey::of::<UserId>()));
    assert_eq!(Trust::all().field::<TenantId>(), Trust::all());
    assert!(!Trust::none().contains(FieldKey::of::<TenantId>()));
}

#[tokio::test]
async fn layer_trusts_a_caller_in_its_fields() {
    let names = async |Extension(metadata): Extension<Metadata>| {
        let names = metadata.iter().map(|(key, _)| key.name());
        names.collect::<Vec<_>>().join(" ")
    };
    let extract = MetadataHeadersLayer::extract(acme()).trust_when(|parts| {
        match parts.extensions.get::<Trust>() {
            Some(trust) => trust.clone(),
            None => Trust::none(),
        }
    });
    // Authentication: each key has its fields.
    let authenticate = async |mut request: axum::extract::Request, next: Next| {
        let key = request
            .headers()
            .get("x-api-key")
            .map(HeaderValue::as_bytes);
        let trust = match key {
            Some(b"service") => Trust::all(),
            Some(b"person") => Trust::none().field::<ProjectId>(),
            _ => Trust::none(),
        };
        request.extensions_mut().insert(trust);
        next.run(request).await
    };
    let app = Router::new()
        .fallback(names)
        .layer(extract)
        .layer(axum::middleware::from_fn(authenticate));
    let server = Server::start(app).await;
    for version in VERSIONS {
        for (key, expected) in [
            ("nobody", "session-id"),
            ("person", "session-id project-id"),
            (
                "service",
                "session-id agent-id project-id user-id properties tenant-id",
            ),
        ] {
            let mut request = get(&server.uri("/")).line("x-api-key", key);
            for (name, value) in HEADERS {
                request = request.line(name, value);
            }
            let response = send(&client::<Body>(version), request).await;
            assert_eq!(text(&response), expected, "{key}");
        }
    }
}

#[test]
fn session_is_read_whatever_is_trusted() {
    for trust in [Trust::none(), Trust::all(), Trust::none().field::<UserId>()] {
        assert_eq!(read(&trust).0[0], SessionId::NAME);
    }
}
