//! Rejected requests, and requests with faults that are not rejected.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, extract::Request, response::Response};
use http::Version;
use tower_metadata_headers::{
    Convention, ConventionBuilder, ConventionSet, Metadata, MetadataHeadersLayer, ProjectId,
    Rejection, RequestLimits, Rule, SessionId, TaskId, TurnId, UserId, conventions, layer::Extract,
};

use crate::common::{
    Body, CANARY, RequestExt, VERSIONS,
    client::{client, send, text},
    get,
    server::Server,
};

fn app() -> Router {
    Router::new().fallback(async || "served")
}

/// Returns the status and the text of the response.
async fn ask(request: http::Request<Body>) -> (u16, String) {
    let response = send(&client::<Body>(Version::HTTP_11), request).await;
    (response.status().as_u16(), text(&response).to_owned())
}

/// Responds with the status, the code and the faults.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer passes it by value"
)]
fn reject_with_text(rejection: Rejection) -> Response {
    let text = format!("{}/{rejection}", rejection.code());
    let mut response = Response::new(axum::body::Body::from(text));
    *response.status_mut() = rejection.status();
    response
}

#[tokio::test]
async fn each_kind_of_fault_has_its_status() {
    let strict = |layer: MetadataHeadersLayer<Extract>| {
        Server::start(app().layer(layer.reject_with(reject_with_text)))
    };
    let extract = || MetadataHeadersLayer::extract(conventions::clients());
    let usual = strict(extract()).await;
    let strictest = strict(extract().reject_untrusted_identity()).await;
    let long = "x".repeat(300);
    for (name, value, status, code) in [
        ("x-zoo-task-id", "two words", 400, "invalid_character"),
        ("x-zoo-task-id", long.as_str(), 431, "too_long"),
        ("x_zoo_task_id", CANARY, 400, "look_alike"),
        ("x-kilocode-organizationid", CANARY, 403, "untrusted"),
    ] {
        for version in VERSIONS {
            let request = get(&strictest.uri("/")).line(name, value);
            let response = send(&client::<Body>(version), request).await;
            assert_eq!(response.status(), status, "{name}");
            let found = text(&response).split('/').next();
            assert_eq!(found, Some(code), "{name}");
            assert!(!text(&response).contains(CANARY));
        }
        let request = get(&usual.uri("/")).line(name, value);
        let expected = if status == 403 { 200 } else { status };
        assert_eq!(ask(request).await.0, expected, "{name}");
    }
    let trusted = strict(
        extract()
            .reject_untrusted_identity()
            .trust_identity_when(|_| true),
    )
    .await;
    let request = get(&trusted.uri("/")).line("x-kilocode-organizationid", "acme");
    assert_eq!(ask(request).await, (200, "served".into()));
}

/// A field that is absent because its header is invalid has one fault, not two.
#[tokio::test]
async fn required_field_with_an_invalid_header_is_not_reported_as_missing_too() {
    let strict = |layer: MetadataHeadersLayer<Extract>| {
        Server::start(app().layer(layer.reject_with(reject_with_text)))
    };
    let extract = || MetadataHeadersLayer::extract(conventions::clients());
    let session = strict(extract().require_session().require::<SessionId>()).await;
    let project = strict(extract().require::<ProjectId>()).await;
    let rejecting_identity =
        strict(extract().require::<ProjectId>().reject_untrusted_identity()).await;
    let any_session = strict(extract().require_session()).await;

    let members: &'static str = format!("session.id=s-1{}", ",k=v".repeat(64)).leak();
    let cases = [
        (
            &session,
            None,
            (400, "missing/session-id: required field is missing"),
        ),
        // Every field that the header could carry is invalid, and so is the
        // session.
        (
            &any_session,
            Some(("baggage", members)),
            (431, "too_many/header: more than 64 items (baggage)"),
        ),
        (
            &any_session,
            Some(("x-task-id", "")),
            (400, "empty/task-id: empty value (x-task-id)"),
        ),
        // The task is not a session, so its fault does not explain the missing
        // session.
        (
            &session,
            Some(("x-task-id", "")),
            (
                400,
                "empty/task-id: empty value (x-task-id); session-id: required field is missing",
            ),
        ),
        // Untrusted identity alone does not reject, but the field is required.
        (
            &project,
            Some(("x-opencode-project", CANARY)),
            (400, "missing/project-id: required field is missing"),
        ),
        (
            &rejecting_identity,
            Some(("x-opencode-project", CANARY)),
            (
                403,
                "untrusted/project-id: request is not trusted with identity \
                 (x-opencode-project)",
            ),
        ),
    ];
    for (server, header, (status, text)) in cases {
        let mut request = get(&server.uri("/"));
        if let Some((name, value)) = header {
            request = request.line(name, value);
        }
        assert_eq!(ask(request).await, (status, text.to_owned()), "{header:?}");
    }

    let mut many = get(&any_session.uri("/"));
    for at in 0..40 {
        many = many.line(&format!("x-v{at}-session-id"), "same");
    }
    let (status, text) = ask(many).await;
    assert_eq!((status, text.contains("missing")), (431, false), "{text}");
}

#[tokio::test]
async fn debug_of_a_rejection_equals_its_display() {
    let debug = |rejection: Rejection| {
        Response::new(axum::body::Body::from(format!("{rejection:?}|{rejection}")))
    };
    let strict = MetadataHeadersLayer::extract(conventions::clients())
        .require::<SessionId>()
        .reject_with(debug);
    let server = Server::start(app().layer(strict)).await;
    let (_, text) = ask(get(&server.uri("/"))).await;
    assert_eq!(
        text,
        "session-id: required field is missing|session-id: required field is missing"
    );
}

/// Returns a layer whose convention has more headers of identity than the
/// maximum number of faults.
fn many_users() -> MetadataHeadersLayer<Extract> {
    let names = (0..60).map(|at| format!("acme-user-{at}"));
    let rules = names.map(Rule::read_only::<UserId>);
    let acme = Convention::builder("acme")
        .rule(Rule::read_only::<SessionId>("acme-session"))
        .rule(Rule::read_only::<TaskId>("acme-task"));
    let acme = rules.fold(acme, ConventionBuilder::rule).build().unwrap();
    let budget = RequestLimits::new().max_headers(90);
    MetadataHeadersLayer::extract(ConventionSet::from(acme).request_limits(budget))
}

fn with_users(mut request: http::Request<Body>) -> http::Request<Body> {
    for at in 0..60 {
        request = request.line(&format!("acme-user-{at}"), CANARY);
    }
    request
}

#[tokio::test]
async fn untrusted_faults_beyond_the_limit_reject_no_request() {
    let usual = Server::start(app().layer(many_users().reject_with(reject_with_text))).await;
    let rejecting_identity = many_users()
        .reject_untrusted_identity()
        .reject_with(reject_with_text);
    let rejecting_identity = Server::start(app().layer(rejecting_identity)).await;

    let request = with_users(get(&usual.uri("/")));
    assert_eq!(ask(request).await, (200, "served".into()));
    let (status, text) = ask(with_users(get(&rejecting_identity.uri("/")))).await;
    assert_eq!(status, 403, "control");
    assert!(
        text.starts_with("untrusted/user-id: request is not trusted"),
        "{text}"
    );
    assert!(text.ends_with("; and 28 more"), "{text}");
}

#[tokio::test]
async fn untrusted_faults_hide_no_other_fault() {
    let usual = Server::start(app().layer(many_users().reject_with(reject_with_text))).await;
    let rejecting_identity = many_users()
        .reject_untrusted_identity()
        .reject_with(reject_with_text);
    let rejecting_identity = Server::start(app().layer(rejecting_identity)).await;

    let fault = "task-id: more than one field line (acme-task)";
    let twice = |server: &Server| {
        let request = with_users(get(&server.uri("/")));
        request.line("acme-task", "a").line("acme-task", "b")
    };
    assert_eq!(
        ask(twice(&usual)).await,
        (400, format!("repeated/{fault}")),
        "the fault comes last, and alone rejects"
    );
    let (status, text) = ask(twice(&rejecting_identity)).await;
    assert_eq!(status, 403);
    assert!(text.ends_with(&format!("; {fault}; and 29 more")), "{text}");
}

#[tokio::test]
async fn status_and_code_are_of_the_gravest_fault_in_any_order_of_headers() {
    let names = (0..40).map(|at| format!("acme-turn-{at}"));
    let rules = names.map(Rule::read_only::<TurnId>);
    let acme = Convention::builder("acme")
        .rule(Rule::read_only::<SessionId>("acme-session"))
        .rule(Rule::read_only::<TaskId>("acme-task"))
        .rule(Rule::read_only::<UserId>("acme-user"));
    let acme = rules.fold(acme, ConventionBuilder::rule).build().unwrap();
    let budget = RequestLimits::new().max_headers(90);
    let extractor = ConventionSet::from(acme).request_limits(budget);
    let strict = |layer: MetadataHeadersLayer<Extract>| {
        Server::start(app().layer(layer.reject_with(reject_with_text)))
    };
    let usual = strict(MetadataHeadersLayer::extract(extractor.clone())).await;
    let rejecting_identity =
        strict(MetadataHeadersLayer::extract(extractor).reject_untrusted_identity()).await;

    let long = "x".repeat(300);
    // If several codes have the same status, the first in alphabetical order is
    // the rejection's code.
    let bad: &[_] = &[("acme-session", "two words"), ("acme-task", "")];
    let long: &[_] = &[("acme-task", long.as_str()), ("acme-session", "two words")];
    let untrusted: &[_] = &[("acme-user", CANARY), ("acme-session", "two words")];
    // There are so many faults that the fault with the gravest status is not
    // kept.
    let names: Vec<String> = (0..40).map(|at| format!("acme-turn-{at}")).collect();
    let turns = names.iter().map(|name| (name.as_str(), "two words"));
    let many: Vec<_> = turns.chain(long.iter().copied()).collect();
    for (server, lines, status, code) in [
        (&usual, bad, 400, "empty"),
        (&usual, long, 431, "too_long"),
        (&usual, &many, 431, "too_long"),
        (&usual, untrusted, 400, "invalid_character"),
        (&rejecting_identity, untrusted, 403, "untrusted"),
    ] {
        let forward = lines.to_vec();
        let backward = lines.iter().rev().copied().collect();
        for lines in [forward, backward] {
            let mut request = get(&server.uri("/"));
            for (name, value) in &lines {
                request = request.line(name, value);
            }
            let (found, text) = ask(request).await;
            let found = (found, text.split('/').next());
            assert_eq!(found, (status, Some(code)), "{lines:?}");
        }
    }
}

/// Kilo Code and Copilot send an organization or a machine with every request.
#[tokio::test]
async fn untrusted_identity_rejects_no_request() {
    let reject = |_: Rejection| Response::new(axum::body::Body::from("rejected"));
    let strict = MetadataHeadersLayer::extract(conventions::clients()).reject_with(reject);
    let server = Server::start(app().layer(strict)).await;

    let request = get(&server.uri("/")).line("x-kilocode-taskid", "t");
    let claimed = request.clone().line("x-kilocode-organizationid", "claimed");
    assert_eq!(ask(claimed).await, (200, "served".into()));
    let twice = request.line("x-kilocode-taskid", "u");
    assert_eq!(ask(twice).await, (200, "rejected".into()), "control");
}

/// A layer rejects by the faults of its own reading, and not by those of
/// another layer.
#[tokio::test]
async fn faults_of_another_layer_reject_no_request() {
    let reject = |_: Rejection| Response::new(axum::body::Body::from("rejected"));
    let strict =
        MetadataHeadersLayer::extract(Convention::vendor("acme").unwrap()).reject_with(reject);
    let lenient = MetadataHeadersLayer::extract(conventions::clients());
    let server = Server::start(app().layer(strict).layer(lenient)).await;

    let others = get(&server.uri("/")).line("x-task-id", "");
    assert_eq!(ask(others).await, (200, "served".into()));
    let own = get(&server.uri("/")).line("x-acme-task-id", "");
    assert_eq!(ask(own).await, (200, "rejected".into()), "control");
}

#[tokio::test]
async fn reject_with_answers_in_place_of_the_handler() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let handler = async move |_: Request| {
        counted.fetch_add(1, Ordering::Relaxed);
        "served"
    };
    let strict = MetadataHeadersLayer::extract(conventions::clients())
        .require::<SessionId>()
        .reject_with(reject_with_text);
    let server = Server::start(Router::new().fallback(handler).layer(strict)).await;

    for version in VERSIONS {
        let client = client::<Body>(version);
        calls.store(0, Ordering::Relaxed);
        for (header, found) in [
            (
                ("x-zoom", CANARY),
                "missing/session-id: required field is missing",
            ),
            (
                ("x_zoo_session_id", CANARY),
                "look_alike/session-id: look-alike of a known header name (x_zoo_session_id)",
            ),
        ] {
            let request = get(&server.uri("/")).line(header.0, header.1);
            let response = send(&client, request).await;
            assert_eq!(response.status(), 400);
            assert_eq!(text(&response), found);
        }
        assert_eq!(calls.load(Ordering::Relaxed), 0);

        let request = get(&server.uri("/")).line("x-zoo-session-id", "ses_1");
        let response = send(&client, request).await;
        assert_eq!(
            (response.status().as_u16(), text(&response)),
            (200, "served")
        );
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
}

/// HTTP/1.1 does not allow such a name.
#[cfg(feature = "axum-08")]
#[tokio::test]
async fn rejection_of_a_name_with_a_quotation_mark_is_json_over_http_2() {
    use http::{HeaderName, HeaderValue};

    let strict = MetadataHeadersLayer::extract(conventions::clients())
        .reject_with(axum::response::IntoResponse::into_response);
    let server = Server::start(app().layer(strict)).await;
    let client = client::<Body>(Version::HTTP_2);
    // Names that HTTP/2 allows beyond tokens.
    for name in [
        &br#"x-zoo"task-id"#[..],
        br#"x_zoo-""task""#,
        br#"x-zoo-task"id"#,
    ] {
        let name = HeaderName::from_lowercase(name).unwrap();
        let mut request = get(&server.uri("/"));
        let value = HeaderValue::from_static(CANARY);
        request.headers_mut().try_insert(&name, value).unwrap();
        let response = send(&client, request).await;
        assert_eq!(response.status(), 400);
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.ends_with(&format!("({name})")), "{message}");
        assert_eq!(body["error"].as_object().unwrap().len(), 3);
    }
}

#[cfg(feature = "axum-08")]
mod responses {
    use axum::{body::Body as AxumBody, response::IntoResponse};

    use super::*;

    #[tokio::test]
    async fn rejection_is_a_json_response() {
        let strict = MetadataHeadersLayer::extract(conventions::clients())
            .require::<SessionId>()
            .reject_with(|rejection| -> Response<AxumBody> { rejection.into_response() });
        let server = Server::start(app().layer(strict)).await;
        for version in VERSIONS {
            let client = client::<Body>(version);
            for (header, code, message) in [
                (None, "missing", "session-id: required field is missing"),
                (
                    Some("x-zoo!session`id"),
                    "look_alike",
                    "session-id: look-alike of a known header name \
                     (x-zoo!session`id)",
                ),
            ] {
                let mut request = get(&server.uri("/"));
                if let Some(header) = header {
                    request = request.line(header, CANARY);
                }
                let response = send(&client, request).await;
                assert_eq!(response.status(), 400);
                assert_eq!(response.headers()["content-type"], "application/json");
                let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
                assert_eq!(
                    body,
                    serde_json::json!({"error": {
                        "type": "invalid_request_metadata",
                        "code": code,
                        "message": message,
                    }}),
                );
            }

            let request = get(&server.uri("/")).line("x-zoo-session-id", "ses_1");
            let response = send(&client, request).await;
            assert_eq!(text(&response), "served");
        }
    }

    /// The names are as long and unusual as a client can make them.
    #[tokio::test]
    async fn rejection_is_valid_json_whatever_the_headers_are_named() {
        let strict = MetadataHeadersLayer::extract(conventions::clients())
            .reject_with(|rejection| -> Response<AxumBody> { rejection.into_response() });
        let server = Server::start(app().layer(strict)).await;
        let mut request = get(&server.uri("/"));
        for separator in "!#$%&'*+.^_`|~".chars() {
            let name = format!("x-zoo-{separator}{}", "a".repeat(200));
            request = request.line(&name.replacen('-', &separator.to_string(), 1), CANARY);
        }
        let response = send(&client::<Body>(Version::HTTP_11), request).await;
        assert_eq!(response.status(), 400);
        assert!(!text(&response).contains(CANARY));
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["error"]["code"], "look_alike");
        assert!(text(&response).len() < 4096, "{}", text(&response).len());
    }
}

#[tokio::test]
async fn rejection_with_parts_sees_the_request_and_its_metadata() {
    let strict = MetadataHeadersLayer::extract(conventions::clients())
        .require::<SessionId>()
        .reject_with_parts(|rejection, parts| {
            let task = parts.extensions.get::<Metadata>().unwrap().get::<TaskId>();
            let task = task.as_ref().map_or("no task", |task| task.as_str());
            let text = format!("{} {}: {task}", parts.method, parts.uri.path());
            rejection.to_response(axum::body::Body::from(text))
        });
    let server = Server::start(app().layer(strict)).await;
    for version in VERSIONS {
        let client = client::<Body>(version);
        let request = get(&server.uri("/v1/messages")).line("x-kilocode-taskid", "t-1");
        let response = send(&client, request).await;
        assert_eq!(response.status(), 400);
        assert_eq!(text(&response), "GET /v1/messages: t-1");

        // Control: a request that meets the requirements reaches the handler unchanged.
        let request = get(&server.uri("/v1/messages")).line("x-zoo-session-id", "s-1");
        assert_eq!(text(&send(&client, request).await), "served");
    }
}
