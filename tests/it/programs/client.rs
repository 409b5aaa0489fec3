//! Clients that write the metadata in a request's extensions to headers, over
//! HTTP/1.1 and HTTP/2.

use futures_util::future::join_all;
use http::{Response, Version};
use hyper::body::Bytes;
use tower::{Service, ServiceBuilder};
use tower_http::request_id::{MakeRequestUuid, SetRequestIdLayer};
use tower_metadata_headers::{
    Destinations, Id, Metadata, MetadataHeadersLayer, TaskId, conventions, metadata_field,
};

use crate::common::{
    Body, NONE, RequestExt, VERSIONS, ZOO_LINES,
    client::{client, read, send, text},
    get, lines, metadata, over_http,
    server::{Upstream, uri},
    session, zoo,
};

#[tokio::test]
async fn metadata_in_extensions_is_written_as_these_headers_alone() {
    for version in VERSIONS {
        let upstream = Upstream::start().await;
        let bare = client::<Body>(version);
        let stack = MetadataHeadersLayer::inject(zoo());
        let stack = ServiceBuilder::new().layer(stack).service(bare.clone());
        let request = || get(&upstream.uri("/")).metadata(metadata());

        send(&bare, request()).await;
        assert_eq!(lines(&upstream.take_one().headers), NONE, "control");

        send(&stack, request()).await;
        let received = upstream.take_one();
        assert_eq!(received.version, version);
        assert_eq!(lines(&received.headers), ZOO_LINES);
    }
}

#[tokio::test]
async fn headers_set_by_hand_are_removed_even_without_metadata() {
    for version in VERSIONS {
        let upstream = Upstream::start().await;
        let bare = client::<Body>(version);
        let stack = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(zoo()))
            .service(bare.clone());
        let request = || {
            get(&upstream.uri("/"))
                .line("x-zoo-session-id", "stale")
                .line("x-zoo-session-id", "stale too")
                .line("x-zoo-not-known-yet", "stale")
                .line("x_zoo_session_id", "smuggled")
                .line("x.zoo.task.id", "smuggled")
                .line("x-zoom", "mine")
        };

        send(&bare, request()).await;
        assert_eq!(lines(&upstream.take_one().headers).len(), 6, "control");

        send(&stack, request()).await;
        assert_eq!(lines(&upstream.take_one().headers), ["x-zoom: mine"]);

        send(&stack, request().metadata(Metadata::new())).await;
        assert_eq!(lines(&upstream.take_one().headers), ["x-zoom: mine"]);

        send(&stack, request().metadata(session("ses_1"))).await;
        assert_eq!(
            lines(&upstream.take_one().headers),
            ["x-zoo-session-id: ses_1", "x-zoom: mine"],
        );
    }
}

#[tokio::test]
async fn if_not_present_keeps_headers_set_by_hand_and_writes_the_others() {
    for version in VERSIONS {
        let upstream = Upstream::start().await;
        let stack = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(zoo()).if_not_present())
            .service(client::<Body>(version));
        let request = || get(&upstream.uri("/")).line("x-zoo-session-id", "by-hand");

        send(&stack, request().metadata(metadata())).await;
        assert_eq!(
            lines(&upstream.take_one().headers),
            [
                "x-zoo-project-id: acme/web",
                "x-zoo-session-id: by-hand",
                "x-zoo-task-id: task_1",
            ],
        );

        send(&stack, request()).await;
        assert_eq!(
            lines(&upstream.take_one().headers),
            ["x-zoo-session-id: by-hand"],
        );
    }
}

#[derive(Clone)]
struct Job(u64);

impl From<Job> for Metadata {
    fn from(job: Job) -> Self {
        Self::new().with(TaskId::from(Id::from(job.0)))
    }
}

#[tokio::test]
async fn metadata_is_taken_from_an_extension_of_the_users_type() {
    let upstream = Upstream::start().await;
    let stack = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(conventions::zoo_code()).from_extension::<Job>())
        .service(client::<Body>(Version::HTTP_11));

    let mut request = get(&upstream.uri("/")).metadata(metadata());
    request.extensions_mut().insert(Job(7));
    send(&stack, request).await;
    assert_eq!(lines(&upstream.take_one().headers), ["x-zoo-task-id: 7"]);

    // The layer reads the user's type, and not the crate's own type.
    send(&stack, get(&upstream.uri("/")).metadata(metadata())).await;
    assert_eq!(lines(&upstream.take_one().headers), NONE);
}

#[tokio::test]
async fn metadata_is_taken_from_a_closure_over_the_parts() {
    use tower_http::request_id::RequestId;

    let upstream = Upstream::start().await;
    let inject = MetadataHeadersLayer::inject(conventions::openai()).from_parts(|parts| {
        let metadata = parts.extensions.get::<Metadata>().cloned();
        let id = parts.extensions.get::<RequestId>().unwrap();
        let id = id.header_value().to_str().unwrap();
        metadata
            .unwrap_or_default()
            .with(tower_metadata_headers::RequestId::try_from(id).unwrap())
    });
    let stack = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(
            "x-given-id".parse().unwrap(),
            MakeRequestUuid,
        ))
        .layer(inject)
        .service(client::<Body>(Version::HTTP_11));

    send(&stack, get(&upstream.uri("/")).metadata(session("ses_1"))).await;
    let headers = upstream.take_one().headers;
    let given = headers["x-given-id"].to_str().unwrap();
    assert_eq!(given.len(), 36);
    assert_eq!(
        lines(&headers),
        [
            format!("x-client-request-id: {given}"),
            format!("x-given-id: {given}"),
        ],
    );
}

metadata_field! {
    /// The tenant that pays.
    struct TenantId("tenant-id"): Identity;
}

#[tokio::test]
async fn field_of_the_users_type_has_its_header() {
    let upstream = Upstream::start().await;
    let stack = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(zoo()))
        .service(client::<Body>(Version::HTTP_2));
    let metadata = session("ses_1").with(TenantId::try_from("acme").unwrap());

    send(&stack, get(&upstream.uri("/")).metadata(metadata)).await;
    assert_eq!(
        lines(&upstream.take_one().headers),
        ["x-zoo-session-id: ses_1", "x-zoo-tenant-id: acme"],
    );
}

#[tokio::test]
async fn each_host_gets_its_own_convention_and_any_other_host_none() {
    for version in VERSIONS {
        let upstream = Upstream::start().await;
        let unknown = Upstream::start().await;
        let bare = client::<Body>(version);
        let destinations = Destinations::new()
            .host(&upstream.authority(), zoo())
            .unwrap()
            .host(&upstream.named("localhost"), conventions::opencode())
            .unwrap()
            .host("*.openrouter.ai:*", over_http(conventions::openrouter()))
            .unwrap();
        let by_destination = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(destinations))
            .service(bare.clone());
        let everywhere = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(zoo()))
            .service(bare);
        let opencode = ["x-opencode-project: acme/web", "x-opencode-session: ses_1"];

        for (authority, expected) in [
            (upstream.authority(), &ZOO_LINES[..]),
            (upstream.named("localhost"), &opencode),
            (upstream.named("eu.openrouter.ai"), &["x-session-id: ses_1"]),
            (upstream.named("openrouter.ai"), &[]),
            (upstream.named("evilopenrouter.ai"), &[]),
            (upstream.named("eu.openrouter.ai.evil.example"), &[]),
        ] {
            let request = get(&uri(&authority, "/")).metadata(metadata());
            send(&by_destination, request).await;
            let headers = upstream.take_one().headers;
            assert_eq!(lines(&headers), expected, "{authority}");
        }

        let request = || get(&unknown.uri("/")).metadata(metadata());
        send(
            &by_destination,
            request()
                .line("x-zoo-session-id", "by-hand")
                .line("x-opencode-session", "by-hand"),
        )
        .await;
        assert_eq!(lines(&unknown.take_one().headers), NONE);

        send(&everywhere, request()).await;
        assert_eq!(lines(&unknown.take_one().headers), ZOO_LINES, "control");
    }
}

#[tokio::test]
async fn userinfo_case_and_trailing_dot_do_not_change_the_destination() {
    let upstream = Upstream::start().await;
    let port = upstream.addr().port();
    let destinations = Destinations::new()
        .host(&upstream.named("zoo.example"), over_http(zoo()))
        .unwrap();
    let stack = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(destinations))
        .service(client::<Body>(Version::HTTP_11));

    for (authority, expected) in [
        (format!("zoo.example:{port}"), &ZOO_LINES[..]),
        (format!("Zoo.EXAMPLE:{port}"), &ZOO_LINES),
        (format!("zoo.example.:{port}"), &ZOO_LINES),
        (format!("user:password@zoo.example:{port}"), &ZOO_LINES),
        (format!("evil.example:80@zoo.example:{port}"), &ZOO_LINES),
        (format!("evil.example:{port}"), &[]),
        (format!("zoo.example:{port}@evil.example:{port}"), &[]),
        (format!("zoo.example@evil.example:{port}"), &[]),
        (format!("zoo.example.evil.example:{port}"), &[]),
        (format!("evilzoo.example:{port}"), &[]),
    ] {
        send(&stack, get(&uri(&authority, "/")).metadata(metadata())).await;
        let headers = upstream.take_one().headers;
        assert_eq!(lines_of_ours(&headers), expected, "{authority}");
    }
}

/// Returns the lines without the credentials that a client may make of the
/// userinfo.
fn lines_of_ours(headers: &http::HeaderMap) -> Vec<String> {
    let mut lines = lines(headers);
    lines.retain(|line| line.starts_with("x-"));
    lines
}

#[tokio::test]
async fn concurrent_requests_keep_their_own_ids() {
    for version in VERSIONS {
        let upstream = Upstream::answering(|parts| {
            let session = parts.headers["x-zoo-session-id"].as_bytes();
            Response::new(Bytes::copy_from_slice(session).into())
        })
        .await;
        let mut stack = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(zoo()))
            .service(client::<Body>(version));
        let request =
            |number: usize| get(&upstream.uri("/")).metadata(session(&format!("ses_{number}")));

        // All calls are of one service, and none is awaited before the last is
        // made.
        let calls: Vec<_> = (0..64).map(|number| stack.call(request(number))).collect();
        for (number, response) in join_all(calls).await.into_iter().enumerate() {
            let response = read(response.unwrap()).await;
            assert_eq!(text(&response), format!("ses_{number}"));
        }

        // Each call is of a separate clone.
        let calls = (0..64).map(|number| send(&stack, request(number)));
        for (number, response) in join_all(calls).await.iter().enumerate() {
            assert_eq!(text(response), format!("ses_{number}"));
        }
        assert_eq!(upstream.take().len(), 128);
    }
}
