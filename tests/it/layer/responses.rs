//! Responses: no header of a request is reflected unless `echo` names it, and
//! an upstream's metadata headers are removed.

use std::convert::Infallible;

use axum::{Router, extract::Request, middleware, response::Response};
use http::{HeaderMap, HeaderValue, Version};
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_http::request_id::PropagateRequestIdLayer;
use tower_metadata_headers::{
    Id, Metadata, MetadataHeadersLayer, OrganizationId, RequestId, SessionId, TaskId, conventions,
    metadata_field,
};

use crate::common::{
    Body, CANARY, NONE, RequestExt, VERSIONS, append,
    client::{client, send},
    get, lines,
    server::{Server, Upstream},
    session, zoo,
};

/// Returns the response's headers, without those that a server adds itself.
fn own_lines(headers: &HeaderMap) -> Vec<String> {
    let mut lines = lines(headers);
    lines.retain(|line| !line.starts_with("date:") && !line.starts_with("content-type:"));
    lines
}

/// Returns the response's headers for a request with a session, untrusted
/// identity, a request's id and a fault.
async fn answer(app: Router, version: Version) -> Vec<String> {
    let server = Server::start(app).await;
    let request = get(&server.uri("/"))
        .line("x-zoo-session-id", &format!("ses-{CANARY}"))
        .line("x-zoo-organization-id", &format!("org-{CANARY}"))
        .line("x-zoo-request-id", &format!("req-{CANARY}"))
        .line("x-zoo-turn-id", &format!("two words {CANARY}"))
        .line("x-request-id", CANARY);
    own_lines(send(&client::<Body>(version), request).await.headers())
}

fn app() -> Router {
    Router::new().fallback(async || "served")
}

#[tokio::test]
async fn response_without_echo_reflects_nothing() {
    let extract = || MetadataHeadersLayer::extract(zoo());
    let respond = || MetadataHeadersLayer::response(zoo());
    for version in VERSIONS {
        let reflects = app().layer(PropagateRequestIdLayer::x_request_id());
        let control = format!("x-request-id: {CANARY}");
        assert_eq!(answer(reflects, version).await, [control], "control");

        assert_eq!(answer(app().layer(extract()), version).await, NONE);
        assert_eq!(answer(app().layer(extract().strip()), version).await, NONE);
        let quiet = ServiceBuilder::new().layer(extract()).layer(respond());
        assert_eq!(answer(app().layer(quiet), version).await, NONE);

        let asked = respond().echo::<RequestId>().echo::<SessionId>();
        let loud = ServiceBuilder::new().layer(extract().strip()).layer(asked);
        assert_eq!(
            answer(app().layer(loud), version).await,
            [
                format!("x-zoo-request-id: req-{CANARY}"),
                format!("x-zoo-session-id: ses-{CANARY}"),
            ],
        );
    }
}

/// Each client has its own header for the conversation.
#[tokio::test]
async fn echo_writes_the_session_in_the_header_that_it_came_in() {
    let echo = || MetadataHeadersLayer::response(conventions::clients()).echo_session();
    let strip = || MetadataHeadersLayer::extract(conventions::clients()).strip();
    let by_field = || {
        let echo = MetadataHeadersLayer::response(conventions::clients()).echo::<SessionId>();
        app().layer(echo).layer(strip())
    };
    let session = async |app: Router, version, lines: &[(&str, &str)]| {
        let server = Server::start(app).await;
        let request = lines
            .iter()
            .fold(get(&server.uri("/")), |request, (name, value)| {
                request.line(name, value)
            });
        own_lines(send(&client::<Body>(version), request).await.headers())
    };
    for version in VERSIONS {
        let kilo = [("x-kilocode-taskid", "t-1")];
        let pochi = [("x-pochi-session-id", "s-1")];
        assert_eq!(session(by_field(), version, &kilo).await, NONE, "control");
        // The header of the first convention, which the client did not send.
        let first = conventions::clients().conventions().next().unwrap().clone();
        let (header, _) = first.writes().next().unwrap();
        let first = [format!("{header}: s-1")];
        assert_eq!(session(by_field(), version, &pochi).await, first, "control");

        let outside = || app().layer(strip()).layer(echo());
        let given = ["x-kilocode-taskid: t-1"];
        assert_eq!(session(outside(), version, &kilo).await, given);
        let given = ["x-pochi-session-id: s-1"];
        assert_eq!(session(outside(), version, &pochi).await, given);

        // Only the header that counts is written.
        let both = [("x-openwebui-chat-id", " c-1 "), ("x-session-id", "s-1")];
        let given = ["x-openwebui-chat-id: c-1"];
        assert_eq!(session(outside(), version, &both).await, given);

        for lines in [
            [("x-kilocode-taskid", "two words")],
            [("baggage", "session.id=s-1,user.id=ada")],
            [("x-client-request-id", "r-1")],
        ] {
            assert_eq!(session(outside(), version, &lines).await, NONE, "{lines:?}");
        }
        let twice = [("x-kilocode-taskid", "a"), ("x-kilocode-taskid", "a")];
        assert_eq!(session(outside(), version, &twice).await, NONE);
        // Inside a layer that strips, no header is left.
        let inside = app().layer(echo()).layer(strip());
        assert_eq!(session(inside, version, &kilo).await, NONE);
    }
}

#[tokio::test]
async fn echo_writes_identity_only_if_it_is_trusted() {
    let stack = |trusted: bool| {
        ServiceBuilder::new()
            .layer(MetadataHeadersLayer::extract(zoo()).trust_identity_when(move |_| trusted))
            .layer(MetadataHeadersLayer::response(zoo()).echo::<OrganizationId>())
    };
    let response = answer(app().layer(stack(false)), Version::HTTP_11).await;
    assert_eq!(response, NONE);
    let response = answer(app().layer(stack(true)), Version::HTTP_11).await;
    assert_eq!(
        response,
        [format!("x-zoo-organization-id: org-{CANARY}")],
        "control"
    );
}

#[tokio::test]
async fn echo_writes_the_one_form_of_a_value() {
    metadata_field! {
        /// A title for people.
        pub struct Title("title"): Correlation as Text;
    }
    let zoo = zoo()
        .to_builder()
        .rule(tower_metadata_headers::Rule::header::<Title>("x-zoo-title"));
    let zoo = zoo.build().unwrap();
    let stack = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::extract(zoo.clone()))
        .layer(MetadataHeadersLayer::response(zoo).echo::<Title>())
        .service(service_fn(async |_: http::Request<()>| {
            Ok::<_, Infallible>(Response::new(()))
        }));
    for (sent, given) in [
        ("  %5a%6Fo ", Some("Zoo")),
        ("Zo%c3%ab", Some("Zo%C3%AB")),
        ("a%0d%0aset-cookie: x", None),
    ] {
        let request = http::Request::new(()).line("x-zoo-title", sent);
        let response = stack.clone().oneshot(request).await.unwrap();
        let given = given.map(HeaderValue::from_static);
        assert_eq!(
            response.headers().get("x-zoo-title"),
            given.as_ref(),
            "{sent}"
        );
    }
}

#[tokio::test]
async fn echo_writes_a_field_to_its_own_header_alone() {
    // In this convention, a task is written as the session if there is no
    // session.
    let respond = MetadataHeadersLayer::response(zoo()).echo::<TaskId>();
    let stack = respond.layer(service_fn(async |_: http::Request<()>| {
        Ok::<_, Infallible>(Response::new(()))
    }));
    let task = Metadata::new().with(TaskId::from(Id::from_static("t-1")));
    let request = http::Request::new(()).metadata(task);
    let response = stack.oneshot(request).await.unwrap();
    assert_eq!(lines(response.headers()), ["x-zoo-task-id: t-1"]);
}

#[tokio::test]
async fn echo_uses_the_first_convention_that_has_a_header() {
    let both = conventions::any_vendor();
    let both = tower_metadata_headers::ConventionSet::from(both)
        .prefer(zoo())
        .prefer(conventions::opencode());
    let respond = MetadataHeadersLayer::response(both).echo::<SessionId>();
    let stack = respond.layer(service_fn(async |_: http::Request<()>| {
        Ok::<_, Infallible>(Response::new(()))
    }));
    let request = http::Request::new(()).metadata(session("s-1"));
    let response = stack.oneshot(request).await.unwrap();
    assert_eq!(lines(response.headers()), ["x-opencode-session: s-1"]);
}

/// Starts an upstream that responds with metadata headers.
async fn talkative() -> Upstream {
    Upstream::answering(|_| {
        let mut response = http::Response::default();
        for (name, value) in [
            ("x-zoo-organization-id", "provider-account"),
            ("x_zoo_project_id", "provider-project"),
            ("x-zoo-session-id", "another"),
            ("x-other", "kept"),
        ] {
            append(response.headers_mut(), name, value);
        }
        response
    })
    .await
}

#[tokio::test]
async fn metadata_headers_of_an_upstream_response_are_removed() {
    for version in VERSIONS {
        let upstream = talkative().await;
        let respond = MetadataHeadersLayer::response(zoo());
        let bare = client::<Body>(version);
        let response = send(&bare, get(&upstream.uri("/"))).await;
        assert_eq!(own_lines(response.headers()).len(), 4, "control");

        let response = send(&respond.layer(bare.clone()), get(&upstream.uri("/"))).await;
        assert_eq!(own_lines(response.headers()), ["x-other: kept"]);

        // The echoed header has the request's own value, on one line.
        let echo = respond.echo::<SessionId>().layer(bare);
        let request = get(&upstream.uri("/")).metadata(session("mine"));
        let response = send(&echo, request).await;
        assert_eq!(
            own_lines(response.headers()),
            ["x-other: kept", "x-zoo-session-id: mine"]
        );
    }
}

#[tokio::test]
async fn echo_writes_nothing_for_a_rejected_request() {
    let reject = MetadataHeadersLayer::extract(zoo()).reject_with(|rejection| {
        let mut response = Response::new(axum::body::Body::empty());
        *response.status_mut() = rejection.status();
        response
    });
    let stack = ServiceBuilder::new()
        .layer(reject)
        .layer(MetadataHeadersLayer::response(zoo()).echo::<SessionId>());
    assert_eq!(answer(app().layer(stack), Version::HTTP_11).await, NONE);
}

#[tokio::test]
async fn error_of_the_inner_service_passes() {
    let respond = MetadataHeadersLayer::response(zoo());
    let failing = service_fn(async |_: http::Request<()>| Err::<Response<()>, _>("broken"));
    let error = respond.layer(failing).oneshot(http::Request::new(())).await;
    assert_eq!(error.unwrap_err(), "broken");
}

/// Metadata that a handler's own layer made is written too.
#[tokio::test]
async fn echo_writes_an_id_that_the_gateway_set() {
    async fn name(mut request: Request, next: middleware::Next) -> Response {
        request.extensions_mut().insert(session("given"));
        next.run(request).await
    }
    let stack = ServiceBuilder::new()
        .layer(middleware::from_fn(name))
        .layer(MetadataHeadersLayer::extract(zoo()))
        .layer(MetadataHeadersLayer::response(zoo()).echo::<SessionId>());
    let response = answer(app().layer(stack), Version::HTTP_11).await;
    assert_eq!(response, ["x-zoo-session-id: given"]);
}
