//! Spans for OpenTelemetry, one for each request.

use std::{collections::HashMap, env, fmt, str::FromStr, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, uri::Scheme};
use opentelemetry::{
    Context, KeyValue,
    propagation::TextMapPropagator,
    trace::{SpanKind, Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkError,
    propagation::TraceContextPropagator,
    trace::{SdkTracer, SdkTracerProvider},
};
use tower_metadata_headers::Metadata;

use super::ended::Ended;

/// Exporter of spans to a collector. Clones share it.
#[derive(Clone)]
pub struct Telemetry {
    provider: SdkTracerProvider,
    tracer: Arc<SdkTracer>,
}

impl Telemetry {
    /// Creates an exporter to a collector.
    ///
    /// # Errors
    ///
    /// Returns an error if the standard environment variables of OTLP are invalid.
    pub fn new(collector: &CollectorUrl) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder().with_http();
        let exporter = exporter.with_endpoint(&*collector.0);
        let mut resource = Resource::builder();
        if env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name("relay");
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter.build()?)
            .with_resource(resource.build())
            .build();
        let tracer = Arc::new(provider.tracer("relay"));
        Ok(Self { provider, tracer })
    }

    /// Exports the spans that wait, and stops. Blocks for at most five seconds.
    ///
    /// # Errors
    ///
    /// Returns an error if not all spans were exported.
    pub fn stop(&self) -> Result<(), OTelSdkError> {
        self.provider.shutdown()
    }

    /// Starts the span of a request, under the span that the caller names in `traceparent`.
    pub(crate) fn start<B>(&self, request: &Request<B>, metadata: &Metadata) -> RequestSpan {
        let parent = parent(request.headers());
        let operation = operation(request.method(), request.uri().path());
        // A path may contain any text, and names of spans should be few.
        let name = operation.unwrap_or(request.method().as_str()).to_owned();
        let mut attributes = vec![
            KeyValue::new("http.request.method", request.method().to_string()),
            KeyValue::new("url.path", request.uri().path().to_owned()),
        ];
        attributes.extend(operation.map(|name| KeyValue::new("gen_ai.operation.name", name)));
        let session = metadata.attributes();
        attributes.extend(session.map(|(name, value)| KeyValue::new(name, value.to_owned())));
        let builder = self
            .tracer
            .span_builder(name)
            .with_kind(SpanKind::Server)
            .with_attributes(attributes);
        let span = self.tracer.build_with_context(builder, &parent);
        RequestSpan(Context::new().with_span(span))
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}

/// URL of a collector's OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectorUrl(String);

impl FromStr for CollectorUrl {
    type Err = InvalidCollectorUrl;

    fn from_str(url: &str) -> Result<Self, InvalidCollectorUrl> {
        let uri: Uri = url.parse().map_err(|_| InvalidCollectorUrl)?;
        // The exporter is built without TLS.
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err(InvalidCollectorUrl);
        }
        Ok(Self(url.to_owned()))
    }
}

impl fmt::Display for CollectorUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Error returned for an invalid [`CollectorUrl`].
#[derive(Clone, Copy, Debug)]
pub struct InvalidCollectorUrl;

impl fmt::Display for InvalidCollectorUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("collector URL: must begin with http://")
    }
}

impl std::error::Error for InvalidCollectorUrl {}

/// Span of a request, which ends when it is dropped.
#[derive(Debug)]
pub(crate) struct RequestSpan(Context);

impl RequestSpan {
    /// Makes this span the parent of the upstream's spans.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let mut fields = HashMap::new();
        TraceContextPropagator::new().inject_context(&self.0, &mut fields);
        for (name, value) in fields {
            headers.remove(&name);
            let header = HeaderName::try_from(name).ok();
            if let (Some(name), Ok(value)) = (header, HeaderValue::try_from(value)) {
                // Fails only if the map is full. Then the upstream starts a trace of its own.
                let _ = headers.try_insert(name, value);
            }
        }
    }

    /// Sets the attributes that are known at the end of the response.
    pub(crate) fn end(&self, ended: &Ended<'_>) {
        let span = self.0.span();
        let set = |name, value: Option<opentelemetry::Value>| {
            if let Some(value) = value {
                span.set_attribute(KeyValue::new::<&'static str, _>(name, value));
            }
        };
        let count = |tokens| i64::try_from(tokens).unwrap_or(i64::MAX).into();
        set("relay.end", Some(ended.end.into()));
        set(
            "relay.upstream",
            ended.upstream.map(|name| Arc::clone(name).into()),
        );
        set(
            "gen_ai.request.model",
            ended.model.map(|model| model.to_owned().into()),
        );
        set(
            "http.response.status_code",
            ended.status.map(|status| i64::from(status.as_u16()).into()),
        );
        set(
            "gen_ai.usage.input_tokens",
            ended.usage.map(|usage| count(usage.input)),
        );
        set(
            "gen_ai.usage.output_tokens",
            ended.usage.map(|usage| count(usage.output)),
        );
        let error = match ended.status {
            Some(status) if status.is_server_error() => Some(status.as_str().to_owned()),
            Some(_) if ended.end == "complete" => None,
            Some(status) if status.is_client_error() => None,
            _ => Some(ended.end.to_owned()),
        };
        if let Some(error) = error {
            set("error.type", Some(error.clone().into()));
            span.set_status(Status::error(error));
        }
        span.end();
    }
}

/// Returns the context that the caller names, or an empty one.
fn parent(headers: &HeaderMap) -> Context {
    let mut fields = HashMap::new();
    for name in ["traceparent", "tracestate"] {
        // Several `tracestate` lines are one list. A repeated `traceparent` is invalid, and so
        // is the list of its lines.
        let lines = headers.get_all(name).iter();
        let lines: Option<Vec<&str>> = lines.map(|line| line.to_str().ok()).collect();
        if let Some(lines) = lines.filter(|lines| !lines.is_empty()) {
            fields.insert(name.to_owned(), lines.join(","));
        }
    }
    TraceContextPropagator::new().extract_with_context(&Context::new(), &fields)
}

/// Returns the name of the operation, as OpenTelemetry's conventions for `gen_ai` have it
/// (checked 2026-11-25).
fn operation(method: &Method, path: &str) -> Option<&'static str> {
    if method != Method::POST {
        return None;
    }
    let ends_with = |end: &&str| path.ends_with(end);
    if ["/chat/completions", "/messages", "/responses"]
        .iter()
        .any(ends_with)
    {
        Some("chat")
    } else if path.ends_with("/completions") {
        Some("text_completion")
    } else if path.ends_with("/embeddings") {
        Some("embeddings")
    } else if path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent") {
        Some("generate_content")
    } else {
        None
    }
}
