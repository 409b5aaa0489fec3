//! Several layers around one service: two layers that extract, and a layer that
//! rejects beside a concurrency limit.

use std::{
    convert::Infallible,
    task::{Context, Poll, Waker},
};

use axum::{Router, extract::Request, response::Response};
use futures_util::FutureExt;
use http::StatusCode;
use tower::{Service, ServiceBuilder, service_fn};
use tower_metadata_headers::{
    Faults, Metadata, MetadataHeadersLayer, OrganizationId, Rejection, SessionId, conventions,
};

use crate::common::{
    Body, RequestExt, VERSIONS,
    client::{client, send, text},
    get,
    server::Server,
};

/// Returns an app that responds with the organization and the faults.
fn app() -> Router {
    Router::new().fallback(async |request: Request| {
        let metadata = request.extensions().get::<Metadata>().unwrap();
        let organization = metadata.get::<OrganizationId>();
        let organization = organization.map(|id| id.as_str().to_owned());
        let faults = request.extensions().get::<Faults>();
        let faults = faults.map(ToString::to_string);
        format!("{organization:?} {faults:?}")
    })
}

fn extract() -> MetadataHeadersLayer<tower_metadata_headers::layer::Extract> {
    MetadataHeadersLayer::extract(conventions::clients())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`reject_with` passes it by value"
)]
fn rejected(rejection: Rejection) -> Response {
    let mut response = Response::new(rejection.to_string().into());
    *response.status_mut() = rejection.status();
    response
}

/// Returns an app's response to these lines. Both versions of HTTP must give
/// the same response.
async fn ask(app: Router, sent: &[(&str, &str)]) -> (StatusCode, String) {
    let server = Server::start(app).await;
    let mut responses = Vec::new();
    for version in VERSIONS {
        let request = sent
            .iter()
            .fold(get(&server.uri("/")), |request, (name, value)| {
                request.line(name, value)
            });
        let answer = send(&client::<Body>(version), request).await;
        responses.push((answer.status(), text(&answer).to_owned()));
    }
    assert_eq!(responses[0], responses[1], "HTTP/1.1 and HTTP/2");
    responses.swap_remove(0)
}

const REPEATED: [(&str, &str); 2] = [("x-zoo-task-id", "a"), ("x-zoo-task-id", "b")];

#[tokio::test]
async fn fault_found_by_two_layers_is_reported_once() {
    let report = r#"None Some("task-id: more than one field line (x-zoo-task-id)")"#;
    let one = ask(app().layer(extract()), &REPEATED).await;
    assert_eq!(one, (StatusCode::OK, report.to_owned()), "control");
    let two = ask(app().layer(extract()).layer(extract()), &REPEATED).await;
    assert_eq!(two, one);
}

#[tokio::test]
async fn inner_layer_rejects_only_by_its_own_faults() {
    let inner = || extract().reject_with(rejected);
    let (status, _) = ask(app().layer(inner()).layer(extract()), &REPEATED).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    // The outer layer has removed the headers that the inner layer would
    // reject.
    let (status, _) = ask(app().layer(inner()).layer(extract().strip()), &REPEATED).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn identity_that_the_outer_layer_trusted_is_not_rejected_by_the_inner() {
    let organization = [("x-kilocode-organizationid", "acme")];
    let inner = || extract().reject_untrusted_identity().reject_with(rejected);
    let (status, _) = ask(app().layer(inner()), &organization).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "control");

    let trusting = || extract().trust_identity_when(|_| true);
    let response = ask(app().layer(inner()).layer(trusting()), &organization).await;
    assert_eq!(
        response,
        (StatusCode::OK, r#"Some("acme") None"#.to_owned())
    );

    // If the value differs from the outer layer's, it is still untrusted.
    let known = OrganizationId::try_from("umbrella").unwrap();
    let known = axum::Extension(Metadata::new().with(known));
    let (status, _) = ask(app().layer(inner()).layer(known), &organization).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

/// A service that allows one concurrent call, with a layer that rejects outside
/// or inside the limit.
#[test]
fn rejection_frees_a_permit_only_inside_the_limit() {
    let reject = || {
        MetadataHeadersLayer::extract(conventions::clients())
            .require::<SessionId>()
            .reject_with(|_| http::Response::new("rejected"))
    };
    let served = || {
        service_fn(async |_: http::Request<()>| Ok::<_, Infallible>(http::Response::new("served")))
    };
    let limit_inside = ServiceBuilder::new()
        .layer(reject())
        .concurrency_limit(1)
        .service(served());
    assert!(!is_ready_after_a_rejection(limit_inside), "control");

    let limit_outside = ServiceBuilder::new()
        .concurrency_limit(1)
        .layer(reject())
        .service(served());
    assert!(is_ready_after_a_rejection(limit_outside));
}

/// Returns true if a clone is ready while another clone, which has rejected a
/// request, still exists.
fn is_ready_after_a_rejection<S>(mut service: S) -> bool
where
    S: Service<http::Request<()>, Response = http::Response<&'static str>> + Clone,
    S::Error: std::fmt::Debug,
{
    let cx = &mut Context::from_waker(Waker::noop());
    let mut other = service.clone();
    assert!(service.poll_ready(cx).is_ready());
    let answer = service.call(http::Request::new(())).now_or_never();
    assert_eq!(*answer.unwrap().unwrap().body(), "rejected");
    matches!(other.poll_ready(cx), Poll::Ready(Ok(())))
}
