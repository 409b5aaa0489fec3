//! Members of baggage with keys that other readers take for ours.
//!
//! OpenTelemetry's propagators decode a key. Readers of Latin-1 trim more than
//! white space.

use axum::{Router, extract::Request};
use http::{HeaderMap, Version};
use opentelemetry::{
    Context,
    baggage::BaggageExt,
    propagation::{Extractor, TextMapPropagator},
};
use opentelemetry_sdk::propagation::BaggagePropagator;
use tower_metadata_headers::{
    Metadata, MetadataHeadersLayer, Reason, SessionId, UserId, conventions,
};

use crate::{
    common::{
        Body, RequestExt, VERSIONS,
        client::{send, text},
        get,
        server::Server,
    },
    support::{Client, bare, forward, with},
};

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

/// Returns the session and the user that OpenTelemetry for Rust reads.
fn read(headers: &HeaderMap) -> String {
    let context = BaggagePropagator::new().extract_with_context(&Context::new(), &Headers(headers));
    let baggage = context.baggage();
    let member = |key: &str| baggage.get(key).map(ToString::to_string);
    format!("{:?} {:?}", member("session.id"), member("user.id"))
}

fn app() -> Router {
    Router::new().fallback(async |request: Request| read(request.headers()))
}

/// Returns the text of the upstream's response to this baggage, behind a
/// gateway with this client.
async fn behind(
    around: impl Fn(Router) -> Router,
    client: impl Fn(Version) -> Client,
    baggage: &str,
) -> String {
    let mut responses = Vec::new();
    for version in VERSIONS {
        let upstream = Server::start(app()).await;
        let gateway = Server::start(around(forward(client(version), &upstream))).await;
        let request = get(&gateway.uri("/")).line("baggage", baggage);
        responses.push(text(&send(&bare(version), request).await).to_owned());
    }
    assert_eq!(responses[0], responses[1], "HTTP/1.1 and HTTP/2");
    responses.swap_remove(0)
}

const FORGED: &str = "session%2Eid=forged,user%2Eid=forged";

#[tokio::test]
async fn opentelemetry_reads_no_forged_member_after_strip_or_write() {
    let control = behind(|routes| routes, bare, FORGED).await;
    assert_eq!(control, r#"Some("forged") Some("forged")"#, "control");

    let strip = || MetadataHeadersLayer::extract(conventions::w3c()).strip();
    let stripped = behind(|routes| routes.layer(strip()), bare, FORGED).await;
    assert_eq!(stripped, "None None");

    let inject = |version| with(MetadataHeadersLayer::inject(conventions::w3c()), version);
    let written = behind(|routes| routes, inject, FORGED).await;
    assert_eq!(written, "None None");
}

#[test]
fn member_with_a_look_alike_key_is_a_fault_and_never_a_value() {
    for key in [
        &b"session%2Eid"[..],
        b"%73ession.id",
        b"session.id%20",
        b"+session.id",
        b"\xa0session.id",
        b"session.id\x85",
    ] {
        let mut headers = HeaderMap::new();
        let value = [key, b"=forged"].concat();
        headers
            .try_append("baggage", value.try_into().unwrap())
            .unwrap();
        let extracted = conventions::clients().read(&headers);
        assert_eq!(extracted.metadata, Metadata::new());
        let fault = extracted.faults.iter().next().unwrap();
        assert_eq!(fault.reason(), Reason::LookAlike);
        assert_eq!(fault.field().unwrap().name(), "session-id");

        conventions::clients().remove_from(&mut headers);
        assert!(headers.is_empty());
    }
}

/// OpenTelemetry for Rust truncates a value at `=`. Python's reads `+` as a
/// space.
#[tokio::test]
async fn value_with_an_equals_sign_and_a_plus_is_read_whole() {
    let metadata = Metadata::new()
        .with(SessionId::try_from("a=b+c").unwrap())
        .with(UserId::try_from("ada+web=1").unwrap());
    let mut headers = HeaderMap::new();
    conventions::w3c().write(&metadata, &mut headers);
    assert_eq!(
        headers["baggage"],
        "session.id=a%3Db%2Bc,user.id=ada%2Bweb%3D1"
    );
    let upstream = Server::start(app()).await;
    let mut request: http::Request<Body> = get(&upstream.uri("/"));
    request.headers_mut().extend(headers.clone());
    let answer = send(&bare(Version::HTTP_11), request).await;
    assert_eq!(text(&answer), r#"Some("a=b+c") Some("ada+web=1")"#);

    let extracted = tower_metadata_headers::ConventionSet::from(conventions::w3c());
    assert_eq!(extracted.read_trusted(&headers).metadata, metadata);
}
