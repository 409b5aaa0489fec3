//! Gateways: axum over TCP, with the layer around the routes.

use axum::{
    Extension, Router,
    extract::Request,
    middleware,
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, HeaderValue, Version, header::AUTHORIZATION};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame};
use tower::ServiceBuilder;
use tower_http::trace::{DefaultMakeSpan, TraceLayer};
use tower_metadata_headers::{
    Convention, Destinations, Faults, Metadata, MetadataHeadersLayer, OrganizationId, ProjectId,
    Reason, Rule, SessionId, TurnId, UserId, conventions,
};
use tracing::level_filters::LevelFilter;

use crate::common::{
    Body, CANARY, RequestExt, VERSIONS, append,
    client::{client, send, text},
    get, lines,
    log::Log,
    server::Server,
    session,
};

/// Responds with the metadata, faults and headers that a handler finds.
async fn found(request: Request) -> String {
    let extensions = request.extensions();
    let metadata = match extensions.get::<Metadata>() {
        Some(metadata) => exposed(metadata),
        None => "no metadata".into(),
    };
    let faults = match extensions.get::<Faults>() {
        Some(faults) => faults.to_string(),
        None => "no faults".into(),
    };
    format!("{metadata}|{faults}|{}", lines(request.headers()).join(","))
}

fn exposed(metadata: &Metadata) -> String {
    let fields = metadata.iter();
    let fields = fields.map(|(key, value)| format!("{key}={}", value.expose()));
    fields.collect::<Vec<_>>().join(",")
}

fn app() -> Router {
    Router::new().fallback(found)
}

/// Returns the response to a request with these lines.
async fn ask(app: Router, version: Version, lines: &[(&str, &str)]) -> String {
    let server = Server::start(app).await;
    let request = lines
        .iter()
        .fold(get(&server.uri("/")), |request, (name, value)| {
            request.line(name, value)
        });
    let response = send(&client::<Body>(version), request).await;
    assert_eq!(response.status(), 200);
    text(&response).to_owned()
}

#[tokio::test]
async fn extract_inserts_metadata_always_and_faults_only_if_there_are_any() {
    let app = || app().layer(MetadataHeadersLayer::extract(conventions::clients()).strip());
    for version in VERSIONS {
        let bare = ask(self::app(), version, &[("x-zoo-task-id", "t")]).await;
        assert_eq!(bare, "no metadata|no faults|x-zoo-task-id: t", "control");

        assert_eq!(ask(app(), version, &[]).await, "|no faults|");
        assert_eq!(
            ask(app(), version, &[("x-claude-code-session-id", "ses_1")]).await,
            "session-id=ses_1,client-name=claude-code|no faults|",
        );
        assert_eq!(
            ask(
                app(),
                version,
                &[
                    ("x-zoo-task-id", "a"),
                    ("x-zoo-task-id", "b"),
                    ("x-zoo-mode", "code")
                ],
            )
            .await,
            "client-name=zoo-code,mode=code|task-id: more than one field line (x-zoo-task-id)|",
        );
    }
}

#[tokio::test]
async fn strip_removes_every_known_header_and_no_other() {
    let sent = [
        ("x-zoo-task-id", "a"),
        ("x-zoo-task-id", "b"),
        ("x_zoo_task_id", "look-alike"),
        ("x-zoo-not-known-yet", "family"),
        ("x.zoo.not.known.yet", "look-alike of the family"),
        ("x-pochi-session-id", "vendor"),
        ("x_pochi_session_id", "look-alike of the vendor"),
        ("x-kilocode-organizationid", "identity"),
        ("content-type", "text/plain"),
        ("mcp-session-id", "transport"),
        ("x-zoom", "mine"),
    ];
    let kept = "content-type: text/plain,mcp-session-id: transport,x-zoom: mine";
    for version in VERSIONS {
        let layer = MetadataHeadersLayer::extract(conventions::clients());

        let response = ask(app().layer(layer.clone().strip()), version, &sent).await;
        assert_eq!(response.rsplit('|').next().unwrap(), kept);

        let response = ask(app().layer(layer), version, &sent).await;
        let left = response.rsplit('|').next().unwrap();
        assert_eq!(left.split(',').count(), sent.len(), "control");
    }
}

/// These headers are not read, because they belong to others.
#[tokio::test]
async fn strip_leaves_the_session_headers_of_mcp_and_aws() {
    for header in [
        "x-acme-mcp-session-id",
        "x-amzn-bedrock-agentcore-runtime-session-id",
    ] {
        let layer = MetadataHeadersLayer::extract(conventions::clients()).strip();
        let response = ask(app().layer(layer), Version::HTTP_11, &[(header, "theirs")]).await;
        assert_eq!(response, format!("|no faults|{header}: theirs"));
    }
}

/// Extension that authentication adds to a request of an internal service.
#[derive(Clone)]
struct InternalCaller;

/// Middleware that accepts two keys: an internal service's, and a customer's.
async fn authenticate(mut request: Request, next: middleware::Next) -> Response {
    let key = request.headers_mut().remove(AUTHORIZATION);
    let key = key.as_ref().map(HeaderValue::as_bytes);
    let extensions = request.extensions_mut();
    if key == Some(b"Bearer internal") {
        extensions.insert(InternalCaller);
    } else if key == Some(b"Bearer customer") {
        let organization = OrganizationId::try_from("customer").unwrap();
        extensions.insert(Metadata::new().with(organization));
    }
    next.run(request).await
}

#[tokio::test]
async fn identity_counts_only_if_authentication_trusts_the_request() {
    let untrusting = MetadataHeadersLayer::extract(conventions::clients()).strip();
    let trusting = untrusting
        .clone()
        .trust_identity_when(|parts| parts.extensions.get::<InternalCaller>().is_some());
    let authenticated = |layer| {
        let app = app().layer::<MetadataHeadersLayer<_>>(layer);
        app.layer(middleware::from_fn(authenticate))
    };
    let organization = ("x-kilocode-organizationid", "acme");
    let task = ("x-kilocode-taskid", "t");
    let untrusted = "organization-id: request is not trusted with identity \
                     (x-kilocode-organizationid)";

    for (layer, key, expected) in [
        (
            &untrusting,
            "Bearer internal",
            format!("task-id=t,client-name=kilo-code|{untrusted}|"),
        ),
        (
            &trusting,
            "Bearer internal",
            "task-id=t,organization-id=acme,client-name=kilo-code|no faults|".into(),
        ),
        (
            &trusting,
            "Bearer wrong",
            format!("task-id=t,client-name=kilo-code|{untrusted}|"),
        ),
        // Metadata from authentication outranks headers.
        (
            &trusting,
            "Bearer customer",
            format!("task-id=t,organization-id=customer,client-name=kilo-code|{untrusted}|"),
        ),
    ] {
        let app = authenticated(layer.clone());
        let sent = [organization, task, (AUTHORIZATION.as_str(), key)];
        assert_eq!(ask(app, Version::HTTP_11, &sent).await, expected, "{key}");
    }
}

/// A client uses the operator's own vendor name. The gateway names the vendor,
/// and trusts the caller.
#[tokio::test]
async fn project_of_an_operators_vendor_is_kept_if_named_and_trusted() {
    let acme = || Convention::vendor("acme").unwrap();
    let metadata = session("ses_1").with(ProjectId::try_from("acme/web").unwrap());
    let both = "session-id=ses_1,project-id=acme/web";
    for version in VERSIONS {
        let response = async |app: Router| {
            let server = Server::start(app).await;
            let destinations = Destinations::new().host(&server.authority(), acme());
            let client = ServiceBuilder::new()
                .layer(MetadataHeadersLayer::inject(destinations.unwrap()))
                .service(client::<Body>(version));
            let request = get(&server.uri("/")).metadata(metadata.clone());
            text(&send(&client, request).await).to_owned()
        };
        let clients = conventions::clients;
        let unnamed = app().layer(MetadataHeadersLayer::extract(clients()).strip());
        let lost = "session-id=ses_1,client-name=acme|no faults|x-acme-project-id: acme/web";
        assert_eq!(response(unnamed).await, lost, "control");

        let named = || MetadataHeadersLayer::extract(clients().prefer(acme())).strip();
        let untrusted = response(app().layer(named())).await;
        assert!(untrusted.starts_with("session-id=ses_1|project-id: request is not trusted"));

        let trusted =
            named().trust_identity_when(|parts| parts.extensions.get::<InternalCaller>().is_some());
        let trusted = app().layer(trusted).layer(Extension(InternalCaller));
        assert_eq!(response(trusted).await, format!("{both}|no faults|"));
    }
}

#[tokio::test]
async fn metadata_of_an_earlier_layer_outranks_trusted_headers() {
    let layer = MetadataHeadersLayer::extract(conventions::clients())
        .strip()
        .trust_identity_when(|_| true);
    let app = || app().layer(layer.clone());
    let sent = [
        ("x-kilocode-organizationid", "claimed"),
        ("x-zoo-session-id", "claimed"),
    ];

    let response = ask(app(), Version::HTTP_2, &sent).await;
    assert_eq!(
        response, "session-id=claimed,organization-id=claimed,client-name=kilo-code|no faults|",
        "control",
    );

    let known = session("known").with(OrganizationId::try_from("known").unwrap());
    let response = ask(app().layer(Extension(known)), Version::HTTP_2, &sent).await;
    assert_eq!(
        response,
        "session-id=known,organization-id=known,client-name=kilo-code|no faults|",
    );
}

#[tokio::test]
async fn identity_and_volatile_headers_that_stay_are_hidden_in_traces() {
    let sent = [
        ("x-kilocode-organizationid", "identity"),
        ("x-opencode-request", "volatile"),
        ("x_kilocode_organizationid", "look-alike"),
        ("x-kilocode-taskid", "the-task"),
    ];
    let trace =
        || TraceLayer::new_for_http().make_span_with(DefaultMakeSpan::new().include_headers(true));
    let app = || app().layer(trace());
    let extract = || MetadataHeadersLayer::extract(conventions::clients());
    let shown = async |app| {
        let log = Log::start(LevelFilter::DEBUG);
        let values = sent.map(|(name, value)| (name, format!("{CANARY}-{value}")));
        let values = values.each_ref().map(|(name, value)| (*name, &value[..]));
        let response = ask(app, Version::HTTP_11, &values).await;
        // The headers are still on the request.
        assert!(response.matches(CANARY).count() >= sent.len(), "{response}");
        let text = log.text();
        assert!(text.contains("request{"), "{text}");
        sent.map(|(_, value)| value)
            .into_iter()
            .filter(|value| text.contains(&format!("{CANARY}-{value}")))
            .collect::<Vec<_>>()
    };

    assert_eq!(shown(app()).await.len(), sent.len(), "control");
    assert_eq!(shown(app().layer(extract())).await, ["the-task"]);
}

/// `strip` leaves shared headers. A client may also send a header that is only
/// written.
#[tokio::test]
async fn sensitive_headers_that_strip_leaves_are_hidden_in_traces() {
    let writes = Rule::write_only::<UserId>("acme-user");
    let writes = Convention::builder("acme").rule(writes).build().unwrap();
    let sent = [
        ("x-request-id", "request"),
        ("baggage", "other=1,user.id=ada"),
        ("acme-user", "user"),
    ];
    let trace =
        || TraceLayer::new_for_http().make_span_with(DefaultMakeSpan::new().include_headers(true));
    let shown = async |app: Router| {
        let log = Log::start(LevelFilter::DEBUG);
        let values = sent.map(|(name, value)| (name, format!("{CANARY}={value}")));
        let values = values.each_ref().map(|(name, value)| (*name, &value[..]));
        let _ = ask(app, Version::HTTP_11, &values).await;
        let text = log.text();
        assert!(text.contains("request{"), "{text}");
        let shown = sent.map(|(_, value)| format!("{CANARY}={}", &value[..4]));
        shown.iter().filter(|value| text.contains(*value)).count()
    };
    let app = || app().layer(trace());
    assert_eq!(shown(app()).await, sent.len(), "control");
    let extract = || MetadataHeadersLayer::extract(conventions::clients().prefer(writes.clone()));
    assert_eq!(shown(app().layer(extract())).await, 0);
    assert_eq!(shown(app().layer(extract().strip())).await, 0);
}

/// Returns the span of a request. The session is recorded in it after reading.
fn span(request: &Request) -> tracing::Span {
    tracing::debug_span!(
        "request",
        method = %request.method(),
        path = request.uri().path(),
        session = tracing::field::Empty,
    )
}

fn record_session(request: Request) -> Request {
    let metadata = request.extensions().get::<Metadata>();
    if let Some(session) = metadata.and_then(Metadata::session) {
        tracing::Span::current().record("session", session.as_str());
    }
    request
}

/// `TraceLayer` is outside, in one stack with a layer that rejects.
#[tokio::test]
async fn trace_span_has_method_and_path_if_rejected_and_the_session_if_served() {
    let extract = || {
        MetadataHeadersLayer::extract(conventions::clients())
            .require_session()
            .reject_with(|rejection| (rejection.status(), rejection.to_string()).into_response())
    };
    let stack = || {
        ServiceBuilder::new()
            .layer(TraceLayer::new_for_http().make_span_with(span))
            .layer(extract())
            .map_request(record_session)
    };
    for (lines, status, expected) in [
        (&[][..], 400, "request{method=GET path=\"/v1\"}"),
        (
            &[("x-kilocode-taskid", "t-1")],
            200,
            "request{method=GET path=\"/v1\" session=\"t-1\"}",
        ),
    ] {
        let log = Log::start(LevelFilter::DEBUG);
        let server = Server::start(app().layer(stack())).await;
        let request = lines
            .iter()
            .fold(get(&server.uri("/v1")), |request, (name, value)| {
                request.line(name, value)
            });
        let response = send(&client::<Body>(Version::HTTP_11), request).await;
        assert_eq!(response.status(), status);
        let finished = log.lines_with("finished processing request");
        assert!(finished[0].contains(expected), "{finished:?}");
        assert!(
            finished[0].contains(&format!("status={status}")),
            "{finished:?}"
        );
    }

    // If the layer that rejects is outside `TraceLayer`, it needs a separate
    // call, because the response bodies differ.
    let log = Log::start(LevelFilter::DEBUG);
    let trace = TraceLayer::new_for_http().make_span_with(span);
    let inside = app().layer(trace).layer(extract());
    let server = Server::start(inside).await;
    let response = send(&client::<Body>(Version::HTTP_11), get(&server.uri("/v1"))).await;
    assert_eq!(response.status(), 400);
    assert!(
        log.lines_with("finished processing request").is_empty(),
        "control"
    );
}

#[tokio::test]
async fn request_without_a_required_field_is_served_and_reported() {
    let layer = MetadataHeadersLayer::extract(conventions::clients()).require::<SessionId>();
    let response = ask(app().layer(layer), Version::HTTP_11, &[]).await;
    assert_eq!(response, "|session-id: required field is missing|");
}

/// Responds with the trailers, and with the metadata that the layer read.
async fn trailers(request: Request) -> String {
    let metadata = |extensions: &http::Extensions| exposed(extensions.get::<Metadata>().unwrap());
    let before = metadata(request.extensions());
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap();
    let trailers = body.trailers().map(lines).unwrap_or_default().join(",");
    let after = metadata(&parts.extensions);
    let faults = parts.extensions.get::<Faults>().is_some();
    format!("{before}|{after}|{faults}|{trailers}")
}

#[tokio::test]
async fn trailers_are_never_read() {
    let app = Router::new()
        .route("/", post(trailers))
        .layer(MetadataHeadersLayer::extract(conventions::clients()));
    let server = Server::start(app).await;
    for version in VERSIONS {
        for (sent, expected) in [
            ("", "||false|"),
            (
                "ses_1",
                "session-id=ses_1,client-name=zoo-code|session-id=ses_1,client-name=zoo-code|false|",
            ),
        ] {
            let mut late = HeaderMap::new();
            append(&mut late, "x-zoo-session-id", "late");
            append(&mut late, "x-kilocode-taskid", "late");
            let frames = [
                Frame::data(Bytes::from_static(b"{}")),
                Frame::trailers(late),
            ];
            let frames = frames.map(Ok::<_, std::convert::Infallible>);
            let body = StreamBody::new(futures_util::stream::iter(frames));
            let mut request = http::Request::post(server.uri("/")).body(body).unwrap();
            if version == Version::HTTP_11 {
                // Hyper sends only announced trailers.
                request = request.line("trailer", "x-zoo-session-id, x-kilocode-taskid");
            }
            if !sent.is_empty() {
                request = request.line("x-zoo-session-id", sent);
            }

            let response = send(&client(version), request).await;
            let came = "x-kilocode-taskid: late,x-zoo-session-id: late";
            assert_eq!(text(&response), format!("{expected}{came}"), "{version:?}");
        }
    }
}

#[tokio::test]
async fn layer_wraps_a_router_a_route_or_a_stack() {
    let layer = || MetadataHeadersLayer::extract(conventions::clients()).strip();
    let route = Router::new().route("/", post(found).get(found).layer(layer()));
    let stack = app().layer(ServiceBuilder::new().layer(layer()).layer(Extension(())));
    let nested = Router::new().fallback_service(app()).layer(layer());
    for app in [route, stack, nested] {
        let response = ask(app, Version::HTTP_11, &[("x-zoo-session-id", "ses_1")]).await;
        assert_eq!(response, "session-id=ses_1,client-name=zoo-code|no faults|");
    }
}

#[tokio::test]
async fn two_layers_read_two_vendors() {
    let first = MetadataHeadersLayer::extract(Convention::vendor("first").unwrap()).strip();
    let second = MetadataHeadersLayer::extract(Convention::vendor("second").unwrap()).strip();
    let sent = [
        ("x-first-session-id", "first"),
        ("x-second-session-id", "second"),
        ("x-second-task-id", "t"),
        ("x-second-task-id", "u"),
        ("x-first-turn-id", "bad,id"),
    ];
    // The outer layer reads first, so its values outrank.
    let app = app().layer(second).layer(first);
    assert_eq!(
        ask(app, Version::HTTP_11, &sent).await,
        "session-id=first|turn-id: invalid character at byte 3 \
         (x-first-turn-id); task-id: more than one field line (x-second-task-id)|",
    );
}

#[tokio::test]
async fn faults_name_field_header_and_reason() {
    let app = Router::new()
        .fallback(async |request: Request| {
            let faults = request.extensions().get::<Faults>().unwrap();
            let [fault] = faults.iter().as_slice() else {
                panic!("{faults}");
            };
            assert_eq!(fault.field().unwrap().name(), "turn-id");
            assert_eq!(fault.header_name().unwrap(), "x-opencode-request");
            assert_eq!(fault.reason(), Reason::InvalidCharacter { at: 1 });
            let metadata = request.extensions().get::<Metadata>().unwrap();
            assert_eq!(metadata.get::<TurnId>(), None);
        })
        .layer(MetadataHeadersLayer::extract(conventions::clients()));
    assert_eq!(
        ask(app, Version::HTTP_11, &[("x-opencode-request", "a,b")]).await,
        *"",
    );
}

#[cfg(feature = "axum-08")]
mod extractors {
    use super::*;

    async fn metadata(metadata: Metadata, faults: Faults) -> String {
        format!("{}|{}", exposed(&metadata), faults.len())
    }

    async fn perhaps(metadata: Option<Metadata>) -> String {
        metadata.map_or("none".into(), |metadata| exposed(&metadata))
    }

    fn app() -> Router {
        Router::new()
            .route("/metadata", post(metadata).get(metadata))
            .route("/perhaps", post(perhaps).get(perhaps))
    }

    #[tokio::test]
    async fn handler_takes_metadata_and_faults_as_arguments() {
        let layer = MetadataHeadersLayer::extract(conventions::clients());
        let server = Server::start(app().layer(layer)).await;
        let client = client::<Body>(Version::HTTP_11);

        for (path, lines, expected) in [
            ("/metadata", &[][..], "|0"),
            (
                "/metadata",
                &[("session-id", "ses_1")],
                "session-id=ses_1|0",
            ),
            ("/metadata", &[("session-id", "a,b")], "|1"),
            ("/perhaps", &[], ""),
            ("/perhaps", &[("session-id", "ses_1")], "session-id=ses_1"),
        ] {
            let request = lines
                .iter()
                .fold(get(&server.uri(path)), |request, (name, value)| {
                    request.line(name, value)
                });
            let response = send(&client, request).await;
            assert_eq!(response.status(), 200);
            assert_eq!(text(&response), expected, "{path}");
        }
    }

    #[tokio::test]
    async fn metadata_argument_without_the_layer_is_a_500_and_an_option_is_none() {
        let server = Server::start(app()).await;
        let client = client::<Body>(Version::HTTP_11);

        let response = send(&client, get(&server.uri("/metadata"))).await;
        assert_eq!(response.status(), 500);
        assert!(text(&response).contains("MetadataHeadersLayer::extract"));

        let response = send(&client, get(&server.uri("/perhaps"))).await;
        assert_eq!((response.status().as_u16(), text(&response)), (200, "none"));
    }
}
