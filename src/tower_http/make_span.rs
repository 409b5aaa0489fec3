//! Spans of requests, for each version of tower-http.

use http::Request;
use tracing::{Level, Span, field::Empty};

use crate::Metadata;

/// Makes the spans of tower-http's [`TraceLayer`], with the request's metadata.
///
/// It implements the `MakeSpan` of tower-http 0.6 with the features `tower-http-06` and
/// `tracing`, and that of 0.7 with the features `tower-http-07` and `tracing`.
///
/// The span has the name `request`, the target `tower_metadata_headers`, and these fields:
///
/// - `method` and `version`;
/// - `path`: the URI's path. The query is not included, because it may have credentials;
/// - one for each well-known field, by its [name](crate::FieldKey::otel_name) for
///   OpenTelemetry, such as `session.id`. A field that the request does not have is empty.
///
/// ```
/// # #[cfg(feature = "tower-http-07")]
/// # fn main() {
/// use axum::{Router, routing::get};
/// use tower_http::trace::TraceLayer;
/// use tower_metadata_headers::{MetadataHeadersLayer, MetadataMakeSpan, conventions};
///
/// // Router's last layer is the outermost: the headers are read before the span is made.
/// let app: Router = Router::new()
///     .route("/", get(async || "ok"))
///     .layer(TraceLayer::new_for_http().make_span_with(MetadataMakeSpan::new()))
///     .layer(MetadataHeadersLayer::extract(conventions::clients()));
/// # }
/// # #[cfg(not(feature = "tower-http-07"))]
/// # fn main() {}
/// ```
///
/// # Order
///
/// The span has the [`Metadata`] in the request's extensions when it is made, so
/// `TraceLayer` must be inside the extracting layer. The module
/// [`layer::extract`](crate::layer::extract#order) shows the other order. Around a client,
/// where the caller inserts `Metadata`, `TraceLayer` is outermost.
///
/// # Limitations
///
/// - It sets no parent from `traceparent`. To set one, call `make_span` in a closure, and
///   set the parent of the span that it returns.
/// - User-defined fields are not recorded, because a span records only the fields that its
///   code declares. Declare them in a closure, and use [`Metadata::record`]:
///
/// ```
/// # #[cfg(feature = "tower-http-07")]
/// # fn main() {
/// use http::Request;
/// use tower_http::trace::TraceLayer;
/// use tower_metadata_headers::{Metadata, metadata_field};
/// use tracing::{Span, field::Empty, info_span};
///
/// metadata_field! {
///     /// Branch that the agent works on.
///     pub struct Branch("branch"): Correlation;
/// }
///
/// let layer = TraceLayer::new_for_http().make_span_with(|request: &Request<String>| {
///     let span = info_span!("request", session.id = Empty, metadata.branch = Empty);
///     if let Some(metadata) = request.extensions().get::<Metadata>() {
///         metadata.record(&span);
///     }
///     span
/// });
/// # fn is_layer<M>(_: tower_http::trace::TraceLayer<M, impl Fn(&Request<String>) -> Span>) {}
/// # is_layer(layer);
/// # }
/// # #[cfg(not(feature = "tower-http-07"))]
/// # fn main() {}
/// ```
///
/// [`TraceLayer`]: https://docs.rs/tower-http/0.7/tower_http/trace/struct.TraceLayer.html
#[derive(Clone, Debug)]
pub struct MetadataMakeSpan {
    level: Level,
    include_identity: bool,
}

impl MetadataMakeSpan {
    /// Creates spans of level `DEBUG` with correlation fields.
    #[must_use]
    pub fn new() -> Self {
        Self {
            level: Level::DEBUG,
            include_identity: false,
        }
    }

    /// Sets the level of the spans. The default is `DEBUG`.
    ///
    /// ```
    /// use tower_metadata_headers::MetadataMakeSpan;
    /// use tracing::Level;
    ///
    /// let make_span = MetadataMakeSpan::new().level(Level::INFO);
    /// ```
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Records identity (project, organization, user, machine and tags) in the spans too.
    /// The default is false.
    ///
    /// # Security
    ///
    /// The values identify users and projects, and are recorded in clear text. Logs and
    /// traces are often kept longer and seen by more people than requests.
    ///
    /// ```
    /// use tower_metadata_headers::MetadataMakeSpan;
    ///
    /// let make_span = MetadataMakeSpan::new().include_identity(true);
    /// ```
    #[must_use]
    pub fn include_identity(mut self, include_identity: bool) -> Self {
        self.include_identity = include_identity;
        self
    }

    /// Returns a span of this request.
    pub(super) fn make<B>(&self, request: &Request<B>) -> Span {
        // tracing needs the level and the names of the fields as literals. The fields are
        // in the order of `FieldKey::well_known`, with which a test compares them.
        macro_rules! request_span {
            ($level:expr) => {
                tracing::span!(
                    // A module's path would be the default. The modules are private and
                    // may change, but filters name the target.
                    target: "tower_metadata_headers",
                    $level,
                    "request",
                    method = %request.method(),
                    path = request.uri().path(),
                    version = ?request.version(),
                    session.id = Empty,
                    gen_ai.conversation.id = Empty,
                    metadata.task_id = Empty,
                    metadata.parent_session = Empty,
                    metadata.parent_task_id = Empty,
                    metadata.turn_id = Empty,
                    metadata.request_id = Empty,
                    metadata.trace_id = Empty,
                    gen_ai.agent.id = Empty,
                    metadata.parent_agent_id = Empty,
                    metadata.project_id = Empty,
                    metadata.organization_id = Empty,
                    user.id = Empty,
                    metadata.machine_id = Empty,
                    user_agent.name = Empty,
                    user_agent.version = Empty,
                    metadata.mode = Empty,
                    metadata.tags = Empty,
                )
            };
        }

        let span = match self.level {
            Level::ERROR => request_span!(Level::ERROR),
            Level::WARN => request_span!(Level::WARN),
            Level::INFO => request_span!(Level::INFO),
            Level::DEBUG => request_span!(Level::DEBUG),
            Level::TRACE => request_span!(Level::TRACE),
        };
        if let Some(metadata) = request.extensions().get::<Metadata>() {
            metadata.record(&span);
            if self.include_identity {
                metadata.record_identity(&span);
            }
        }
        span
    }
}

impl Default for MetadataMakeSpan {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldKey;

    #[test]
    fn span_of_each_level_declares_every_well_known_field() {
        let mut expected = ["method", "path", "version"].map(str::to_owned).to_vec();
        expected.extend(FieldKey::well_known().map(|key| key.otel_name().into_owned()));
        for level in [
            Level::ERROR,
            Level::WARN,
            Level::INFO,
            Level::DEBUG,
            Level::TRACE,
        ] {
            let make_span = MetadataMakeSpan::new().level(level);
            let span = make_span.make(&Request::new(()));
            let metadata = span.metadata().unwrap();
            let fields: Vec<&str> = metadata.fields().iter().map(|field| field.name()).collect();
            assert_eq!(fields, expected);
            assert_eq!(*metadata.level(), level);
            assert_eq!(metadata.name(), "request");
            assert_eq!(metadata.target(), "tower_metadata_headers");
        }
    }
}
