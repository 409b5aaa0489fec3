//! A client, a gateway and an upstream in one test. The client writes Zoo's
//! convention. The gateway reads it, and its client writes OpenCode's for the
//! upstream.

use std::sync::Arc;

use axum::{Router, extract::Request, extract::State};
use futures_util::future::join_all;
use http::{Response, StatusCode, Uri, Version, header::HOST};
use http_body_util::BodyExt;
use hyper::body::Bytes;
use tower::{BoxError, ServiceBuilder, ServiceExt, util::BoxCloneSyncService};
use tower_metadata_headers::{
    Destinations, HostPolicy, Metadata, MetadataHeadersLayer, TaskId, conventions,
};

use crate::common::{
    Body, RequestExt, VERSIONS,
    client::{client, read, send, text},
    get, lines, metadata,
    server::{Server, Upstream},
    session, zoo,
};

/// Client of the gateway, and its upstream.
#[derive(Clone)]
struct Relay {
    client: BoxCloneSyncService<http::Request<Body>, Response<Bytes>, BoxError>,
    upstream: Arc<Uri>,
}

/// Starts a gateway for OpenCode's provider.
async fn gateway(version: Version, upstream: &Upstream, strips: bool) -> Server {
    gateway_for(conventions::opencode(), version, upstream, strips).await
}

/// Starts a gateway that forwards requests to this upstream: the body, the
/// headers, and the extensions that its layer set.
pub(super) async fn gateway_for(
    policy: impl Into<HostPolicy>,
    version: Version,
    upstream: &Upstream,
    strips: bool,
) -> Server {
    let destinations = Destinations::new()
        .host(&upstream.authority(), policy)
        .unwrap();
    let client = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(destinations))
        .service(client::<Body>(version));
    let relay = Relay {
        client: BoxCloneSyncService::new(
            client
                .map_err(BoxError::from)
                .and_then(async |answer| Ok(read(answer).await)),
        ),
        upstream: Arc::new(upstream.uri("/")),
    };
    let extract = MetadataHeadersLayer::extract(conventions::clients());
    let extract = if strips { extract.strip() } else { extract };
    Server::start(
        Router::new()
            .fallback(forward)
            .with_state(relay)
            .layer(extract),
    )
    .await
}

async fn forward(
    State(relay): State<Relay>,
    request: Request,
) -> Result<Response<axum::body::Body>, StatusCode> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut forwarded = http::Request::new(Body::from(body));
    *forwarded.method_mut() = parts.method;
    *forwarded.uri_mut() = (*relay.upstream).clone();
    *forwarded.headers_mut() = parts.headers;
    forwarded.headers_mut().remove(HOST);
    let metadata = parts.extensions.get::<Metadata>().unwrap().clone();
    let answer = relay.client.oneshot(forwarded.metadata(metadata)).await;
    let answer = answer.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(answer.map(Into::into))
}

#[tokio::test]
async fn gateway_translates_one_convention_into_another() {
    for version in VERSIONS {
        let upstream = Upstream::start().await;
        let gateway = gateway(version, &upstream, true).await;
        let agent = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(zoo()))
            .service(client::<Body>(version));

        let request = get(&gateway.uri("/v1/chat/completions"))
            .metadata(metadata())
            .line("accept", "text/event-stream");
        assert_eq!(send(&agent, request).await.status(), 200);

        // The project is identity, which this gateway does not trust.
        let received = upstream.take_one();
        assert_eq!(received.version, version);
        assert_eq!(
            lines(&received.headers),
            [
                "accept: text/event-stream",
                "x-opencode-client: zoo-code",
                "x-opencode-session: ses_1"
            ],
        );
    }
}

#[tokio::test]
async fn task_alone_is_the_session_upstream() {
    let upstream = Upstream::start().await;
    let gateway = gateway(Version::HTTP_11, &upstream, true).await;
    let agent = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(conventions::kilo_code()))
        .service(client::<Body>(Version::HTTP_11));

    let task = Metadata::new().with(TaskId::try_from("task_1").unwrap());
    send(&agent, get(&gateway.uri("/")).metadata(task)).await;
    assert_eq!(
        lines(&upstream.take_one().headers),
        ["x-opencode-client: kilo-code", "x-opencode-session: task_1"],
    );
}

#[tokio::test]
async fn forged_headers_are_removed_by_a_gateway_that_strips() {
    let upstream = Upstream::start().await;
    let request = |gateway: &Server| {
        get(&gateway.uri("/"))
            .line("x_zoo_session_id", "smuggled")
            .line("x-kilocode-organizationid", "claimed")
            .line("x-opencode-session", "a")
            .line("x-opencode-session", "b")
            .line("x_opencode_project", "smuggled")
    };

    let strips = gateway(Version::HTTP_11, &upstream, true).await;
    send(&client::<Body>(Version::HTTP_11), request(&strips)).await;
    // The gateway knows only the client's name.
    let client_name = "x-opencode-client: kilo-code";
    assert_eq!(lines(&upstream.take_one().headers), [client_name]);

    // The client that writes removes the headers of its own vendor too.
    let forwards = gateway(Version::HTTP_11, &upstream, false).await;
    send(&client::<Body>(Version::HTTP_11), request(&forwards)).await;
    assert_eq!(
        lines(&upstream.take_one().headers),
        [
            "x-kilocode-organizationid: claimed",
            client_name,
            "x_zoo_session_id: smuggled",
        ],
        "control",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_conversations_keep_their_own_ids() {
    for version in VERSIONS {
        // Responds with the session that it receives.
        let upstream = Upstream::answering(|parts| {
            let session = parts.headers["x-opencode-session"].as_bytes();
            Response::new(Bytes::copy_from_slice(session).into())
        })
        .await;
        let gateway = gateway(version, &upstream, true).await;
        let agent = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(zoo()))
            .service(client::<Body>(version));

        let calls = (0..64).map(|number| {
            let request = get(&gateway.uri("/")).metadata(session(&format!("ses_{number}")));
            send(&agent, request)
        });
        for (number, answer) in join_all(calls).await.iter().enumerate() {
            assert_eq!(text(answer), format!("ses_{number}"));
        }
        assert_eq!(upstream.take().len(), 64);
    }
}
