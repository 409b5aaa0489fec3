//! Spans of a client and of a gateway, as OpenTelemetry exports them.

use axum::{Router, extract::State, routing::get as on_get};
use http::{Uri, Version};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tower::ServiceBuilder;
use tower_metadata_headers::{
    Convention, Metadata, MetadataHeadersLayer, SessionId, TaskId, UserId, conventions,
};
use tracing::{Instrument, field::Empty, info_span};
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

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let mut attributes = span.attributes.iter();
    let attribute = attributes.find(|attribute| attribute.key.as_str() == name)?;
    Some(attribute.value.to_string())
}

#[tokio::test]
async fn spans_of_gateway_and_client_carry_the_session_of_the_request() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let _guard = tracing::subscriber::set_default(subscriber);

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
