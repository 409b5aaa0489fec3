//! Spans of a client and of a gateway, as OpenTelemetry exports them.

use axum::{Router, extract::State, routing::get as on_get};
use http::{Uri, Version};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tower::ServiceBuilder;
use tower_metadata_headers::{
    Convention, Metadata, MetadataHeadersLayer, SessionId, TaskId, UserId, conventions,
};
use tracing::{Instrument, field::Empty, info_span, subscriber::DefaultGuard};
use tracing_subscriber::layer::SubscriberExt;

use crate::common::{
    Body, RequestExt,
    client::{client, send},
    get,
    server::{Server, Upstream},
};

/// Calls the upstream in a span below the gateway's.
async fn handler(State(upstream): State<Uri>) {
    let gateway = info_span!("gateway", session.id = Empty, user.id = Empty);
    let metadata = Metadata::current().unwrap();
    metadata.record(&gateway);
    let call = async move {
        let span = info_span!("client", session.id = Empty, metadata.task_id = Empty);
        Metadata::current().unwrap().record(&span);
        let client = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(conventions::litellm()).from_current())
            .service(client::<Body>(Version::HTTP_11));
        send(&client, get(&upstream)).instrument(span).await;
    };
    call.instrument(gateway).await;
}

/// Collects the spans of this thread until the guard is dropped.
fn export() -> (InMemorySpanExporter, DefaultGuard) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    (exporter, tracing::subscriber::set_default(subscriber))
}

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let mut attributes = span.attributes.iter();
    let attribute = attributes.find(|attribute| attribute.key.as_str() == name)?;
    Some(attribute.value.to_string())
}

#[tokio::test]
async fn spans_of_gateway_and_client_carry_the_session_of_the_request() {
    let (exporter, _guard) = export();
    let upstream = Upstream::start().await;
    let app = Router::new()
        .route("/", on_get(handler))
        .with_state(upstream.uri("/"))
        .layer(
            MetadataHeadersLayer::extract(Convention::vendor("acme").unwrap())
                .trust_identity_when(|_| true)
                .scoped(),
        );
    let server = Server::start(app).await;
    let agent = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(
            Convention::vendor("acme").unwrap(),
        ))
        .service(client::<Body>(Version::HTTP_11));
    let metadata = Metadata::new()
        .with(SessionId::try_from("ses_01J5Z8").unwrap())
        .with(TaskId::try_from("task_1").unwrap())
        .with(UserId::try_from("ada@example.com").unwrap());
    send(&agent, get(&server.uri("/")).metadata(metadata)).await;
    let sent = upstream.take_one();
    assert_eq!(sent.headers["x-litellm-session-id"], "ses_01J5Z8");
    assert_eq!(sent.headers["x-litellm-customer-id"], "ada@example.com");

    let spans = exporter.get_finished_spans().unwrap();
    let span = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let (gateway, client) = (span("gateway"), span("client"));
    for span in [gateway, client] {
        assert_eq!(attribute(span, "session.id").as_deref(), Some("ses_01J5Z8"));
    }
    assert_eq!(
        attribute(client, "metadata.task_id").as_deref(),
        Some("task_1")
    );
    // Identity is recorded only by an explicit call.
    assert_eq!(attribute(gateway, "user.id"), None);
    assert_eq!(client.parent_span_id, gateway.span_context.span_id());
    assert_eq!(
        client.span_context.trace_id(),
        gateway.span_context.trace_id()
    );
}

#[cfg(all(feature = "tower-http-06", feature = "tower-http-07"))]
mod make_span {
    use axum::{extract::Request, response::IntoResponse};
    use http::{HeaderMap, StatusCode};
    use opentelemetry::{
        propagation::{Extractor, Injector, TextMapPropagator},
        trace::SpanId,
    };
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use tower_http::trace::{MakeSpan, TraceLayer};
    use tower_http_06::trace as trace_06;
    use tower_metadata_headers::MetadataMakeSpan;
    use tracing::Span;
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    use super::*;
    use crate::common::append;

    /// Headers that carry `traceparent`.
    struct Carrier<M>(M);

    impl Injector for Carrier<&mut HeaderMap> {
        fn set(&mut self, key: &str, value: String) {
            append(self.0, key, value);
        }
    }

    impl Extractor for Carrier<&HeaderMap> {
        fn get(&self, key: &str) -> Option<&str> {
            self.0.get(key)?.to_str().ok()
        }

        fn keys(&self) -> Vec<&str> {
            self.0.keys().map(http::HeaderName::as_str).collect()
        }
    }

    fn send_traceparent<B>(mut request: http::Request<B>) -> http::Request<B> {
        let context = Span::current().context();
        let mut headers = Carrier(request.headers_mut());
        TraceContextPropagator::new().inject_context(&context, &mut headers);
        request
    }

    /// Returns the span, below the one that the request's `traceparent` names.
    fn below_client(span: Span, request: &Request) -> Span {
        let parent = TraceContextPropagator::new().extract(&Carrier(request.headers()));
        span.set_parent(parent).unwrap();
        span
    }

    /// Returns a layer that trusts every request, and requires a session.
    fn extract(app: Router) -> Router {
        let convention = Convention::vendor("acme").unwrap();
        let extract = MetadataHeadersLayer::extract(convention)
            .trust_identity_when(|_| true)
            .require::<SessionId>()
            .reject_with(IntoResponse::into_response);
        app.layer(extract)
    }

    /// Sends a request with this metadata through a gateway. Returns the spans of
    /// the client and of the gateway, and the status.
    async fn spans(
        gateway: impl FnOnce(Router) -> Router,
        metadata: Metadata,
    ) -> ([SpanData; 2], StatusCode) {
        let (exporter, _guard) = export();
        let app = Router::new().route("/chat", on_get(async || ()));
        let server = Server::start(gateway(app)).await;
        let agent = ServiceBuilder::new()
            .layer(TraceLayer::new_for_http().make_span_with(MetadataMakeSpan::new()))
            .map_request(send_traceparent)
            .layer(MetadataHeadersLayer::inject(
                Convention::vendor("acme").unwrap(),
            ))
            .service(client::<Body>(Version::HTTP_11));
        let request = get(&server.uri("/chat?key=secret")).metadata(metadata);
        let status = send(&agent, request).await.status();

        let mut spans = exporter.get_finished_spans().unwrap();
        // The server's span may end after the client has the response.
        for _ in 0..1000 {
            if spans.len() == 2 {
                break;
            }
            tokio::task::yield_now().await;
            spans = exporter.get_finished_spans().unwrap();
        }
        // The client's span was made first.
        spans.sort_by_key(|span| span.start_time);
        (spans.try_into().unwrap(), status)
    }

    fn metadata() -> Metadata {
        Metadata::new()
            .with(SessionId::try_from("ses_01J5Z8").unwrap())
            .with(TaskId::try_from("task_1").unwrap())
            .with(UserId::try_from("ada@example.com").unwrap())
    }

    fn with_07(app: Router, make_span: MetadataMakeSpan) -> Router {
        let trace = TraceLayer::new_for_http().make_span_with(move |request: &Request| {
            below_client(make_span.clone().make_span(request), request)
        });
        app.layer(trace)
    }

    fn with_06(app: Router, make_span: MetadataMakeSpan) -> Router {
        let make_span = move |request: &Request| {
            let span = trace_06::MakeSpan::make_span(&mut make_span.clone(), request);
            below_client(span, request)
        };
        app.layer(trace_06::TraceLayer::new_for_http().make_span_with(make_span))
    }

    const VERSIONS: [fn(Router, MetadataMakeSpan) -> Router; 2] = [with_06, with_07];

    #[tokio::test]
    async fn spans_of_client_and_gateway_are_one_trace_with_the_session() {
        for trace in VERSIONS {
            let gateway = |app| extract(trace(app, MetadataMakeSpan::new()));
            let ([client, gateway], status) = spans(gateway, metadata()).await;
            assert_eq!(status, StatusCode::OK);
            for span in [&client, &gateway] {
                assert_eq!(span.name, "request");
                for (name, value) in [
                    ("method", "GET"),
                    ("path", "/chat"),
                    ("version", "HTTP/1.1"),
                    ("session.id", "ses_01J5Z8"),
                    ("metadata.task_id", "task_1"),
                ] {
                    assert_eq!(attribute(span, name).as_deref(), Some(value), "{name}");
                }
                assert_eq!(attribute(span, "gen_ai.conversation.id"), None);
                assert!(!format!("{span:?}").contains("secret"), "{span:?}");
            }
            assert_eq!(client.parent_span_id, SpanId::INVALID);
            assert_eq!(gateway.parent_span_id, client.span_context.span_id());
            assert_eq!(
                gateway.span_context.trace_id(),
                client.span_context.trace_id()
            );
        }
    }

    #[tokio::test]
    async fn span_without_a_parent_from_traceparent_is_a_trace_of_its_own() {
        let trace = TraceLayer::new_for_http().make_span_with(MetadataMakeSpan::new());
        let gateway = |app: Router| extract(app.layer(trace));
        let ([client, gateway], _) = spans(gateway, metadata()).await;
        assert_eq!(gateway.parent_span_id, SpanId::INVALID);
        assert_eq!(
            attribute(&gateway, "session.id"),
            attribute(&client, "session.id")
        );
    }

    #[tokio::test]
    async fn identity_is_in_a_span_only_if_asked() {
        for trace in VERSIONS {
            for (include, expected) in [(false, None), (true, Some("ada@example.com"))] {
                let make_span = MetadataMakeSpan::new().include_identity(include);
                let gateway = |app| extract(trace(app, make_span));
                let ([client, gateway], _) = spans(gateway, metadata()).await;
                assert_eq!(attribute(&gateway, "user.id").as_deref(), expected);
                assert_eq!(attribute(&client, "user.id"), None);
                let all = format!("{:?}", gateway.attributes);
                assert_eq!(all.contains("ada@"), include, "{all}");
            }
        }
    }

    /// A span made outside the extracting layer has the metadata once it is
    /// recorded. A rejected request has a span without it.
    #[tokio::test]
    async fn span_made_outside_gets_the_metadata_by_record() {
        fn record(request: Request) -> Request {
            if let Some(metadata) = request.extensions().get::<Metadata>() {
                metadata.record(&Span::current());
                metadata.record_identity(&Span::current());
            }
            request
        }
        for trace in VERSIONS {
            let outside = |app| trace(extract(app), MetadataMakeSpan::new());
            let ([_, gateway], _) = spans(outside, metadata()).await;
            assert_eq!(attribute(&gateway, "session.id"), None, "control");

            let recorded = |app: Router| {
                let app = app.layer(tower::util::MapRequestLayer::new(record));
                trace(extract(app), MetadataMakeSpan::new())
            };
            let ([client, gateway], _) = spans(recorded, metadata()).await;
            for (name, value) in [("session.id", "ses_01J5Z8"), ("user.id", "ada@example.com")] {
                assert_eq!(attribute(&gateway, name).as_deref(), Some(value), "{name}");
            }
            assert_eq!(gateway.parent_span_id, client.span_context.span_id());

            let ([_, gateway], status) = spans(recorded, Metadata::new()).await;
            assert_eq!(status, StatusCode::BAD_REQUEST);
            assert_eq!(attribute(&gateway, "path").as_deref(), Some("/chat"));
            assert_eq!(attribute(&gateway, "session.id"), None);
        }
    }
}
