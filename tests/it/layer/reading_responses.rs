//! Metadata that the injecting layer reads from responses.

use std::fmt::Debug;

use http::{Request, Response, Version};
use hyper::body::Incoming;
use tower::{Layer, Service, ServiceExt};
use tower_metadata_headers::{
    Convention, Destinations, Faults, Metadata, MetadataHeadersLayer, OrganizationId, Properties,
    Reason, RequestId, SessionId, TaskId, conventions,
};

use crate::common::{
    Body, VERSIONS,
    client::client,
    get, over_http,
    server::{Upstream, uri},
    session,
};

/// Starts an upstream that answers as LiteLLM in front of OpenAI.
async fn upstream() -> Upstream {
    Upstream::answering(|_| {
        Response::builder()
            .header("x-litellm-call-id", "call-1")
            .header("x-litellm-model-id", "deployment-1")
            .header("openai-organization", "org-1")
            .header("x-session-id", "ses_1")
            .body(Body::from("answer"))
            .unwrap()
    })
    .await
}

fn destinations() -> Destinations {
    let policy = over_http(conventions::litellm());
    Destinations::new().host("litellm.test:*", policy).unwrap()
}

/// Sends a request to a host.
async fn ask<S>(client: S, upstream: &Upstream, host: &str) -> Response<Incoming>
where
    S: Service<Request<Body>, Response = Response<Incoming>, Error: Debug>,
{
    let mut request = get(&uri(&upstream.named(host), "/"));
    request.extensions_mut().insert(session("session-1"));
    client.oneshot(request).await.unwrap()
}

#[tokio::test]
async fn response_of_a_destination_with_a_policy_is_read_in_full() {
    let upstream = upstream().await;
    let inject = MetadataHeadersLayer::inject(destinations());
    let reading = inject.clone().read_response(conventions::responses());
    for version in VERSIONS {
        let response = ask(reading.layer(client(version)), &upstream, "litellm.test").await;
        let metadata = response.extensions().get::<Metadata>().unwrap();
        assert_eq!(metadata.get::<RequestId>().unwrap().as_str(), "call-1");
        assert_eq!(metadata.get::<SessionId>().unwrap().as_str(), "ses_1");
        assert_eq!(metadata.get::<OrganizationId>().unwrap(), "org-1");
        let properties = metadata.get::<Properties>().unwrap();
        assert!(properties.iter().eq([("model-id", "deployment-1")]));
        assert!(response.extensions().get::<Faults>().is_none());
        // The headers stay, and the request was written as without `read_response`.
        assert_eq!(response.headers()["x-litellm-model-id"], "deployment-1");
        assert!(response.headers()["openai-organization"].is_sensitive());
        let sent = upstream.take_one().headers;
        assert_eq!(sent["x-litellm-session-id"], "session-1");

        // Control: the layer alone reads nothing.
        let response = ask(inject.layer(client(version)), &upstream, "litellm.test").await;
        assert!(response.extensions().get::<Metadata>().is_none());
        assert_eq!(
            upstream.take_one().headers["x-litellm-session-id"],
            "session-1"
        );
    }
}

#[tokio::test]
async fn identity_in_the_response_of_an_unknown_host_is_untrusted() {
    let upstream = upstream().await;
    let layer = MetadataHeadersLayer::inject(destinations());
    let layer = layer.read_response(conventions::responses());
    for version in VERSIONS {
        let response = ask(layer.layer(client(version)), &upstream, "unknown.test").await;
        let metadata = response.extensions().get::<Metadata>().unwrap();
        assert!(metadata.contains::<RequestId>() && metadata.contains::<SessionId>());
        assert!(!metadata.contains::<OrganizationId>() && !metadata.contains::<Properties>());
        let faults = response.extensions().get::<Faults>().unwrap();
        assert_eq!(faults.len(), 2);
        assert!(
            faults
                .iter()
                .all(|fault| fault.reason() == Reason::Untrusted)
        );
        upstream.take_one();
    }
}

#[tokio::test]
async fn metadata_that_an_inner_layer_inserted_outranks_the_headers() {
    let upstream = upstream().await;
    let layer = MetadataHeadersLayer::inject(destinations());
    let layer = layer.read_response(conventions::responses());
    let inner = client::<Body>(Version::HTTP_11).map_response(|mut response| {
        let known = Metadata::new()
            .with(RequestId::try_from("known").unwrap())
            .with(TaskId::try_from("t-1").unwrap());
        response.extensions_mut().insert(known);
        response
    });
    let request = get(&uri(&upstream.named("litellm.test"), "/"));
    let response = layer.layer(inner).oneshot(request).await.unwrap();
    let metadata = response.extensions().get::<Metadata>().unwrap();
    assert_eq!(metadata.get::<RequestId>().unwrap().as_str(), "known");
    assert!(metadata.contains::<TaskId>() && metadata.contains::<SessionId>());
}

#[tokio::test]
async fn response_without_metadata_and_an_own_convention_are_read() {
    let upstream = Upstream::start().await;
    let layer = MetadataHeadersLayer::inject(destinations());
    let layer = layer.read_response(Convention::vendor("acme").unwrap());
    let response = ask(
        layer.layer(client(Version::HTTP_2)),
        &upstream,
        "litellm.test",
    )
    .await;
    assert!(response.extensions().get::<Metadata>().unwrap().is_empty());

    let upstream = Upstream::answering(|_| {
        let response = Response::builder().header("x-acme-task-id", "t-1");
        response.body(Body::default()).unwrap()
    })
    .await;
    let response = ask(
        layer.layer(client(Version::HTTP_2)),
        &upstream,
        "litellm.test",
    )
    .await;
    let metadata = response.extensions().get::<Metadata>().unwrap();
    assert_eq!(metadata.get::<TaskId>().unwrap().as_str(), "t-1");
}

#[test]
fn conventions_of_responses_write_nothing_and_are_in_no_other_set() {
    for convention in conventions::responses().conventions() {
        assert_eq!(convention.writes().count(), 0, "{}", convention.name());
        assert!(convention.provenance().is_some());
        assert!(Convention::by_name(convention.name()).is_err());
        assert!(conventions::all().all(|other| other.name() != convention.name()));
    }
}
