//! Record of one request and its response, up to the last byte.

use std::{
    error::Error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use http::{HeaderMap, Request, StatusCode};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tower_metadata_headers::{Faults, Metadata, Reason};

use super::{
    caller,
    data_body::{DataBody, DataError},
    ended::Ended,
    metrics::Metrics,
    refusal::Refusal,
    sessions::Sessions,
    telemetry::{RequestSpan, Telemetry},
    usage::{Usage, UsageReader},
};

/// Record of one request, written to the log and to the sessions on drop.
///
/// It is dropped when the response is complete, when the client disconnects or
/// when the upstream fails.
#[derive(Debug)]
pub(crate) struct Exchange {
    sessions: Arc<Sessions>,
    metrics: Arc<Metrics>,
    began: Instant,
    request: String,
    session: Option<String>,
    client: Option<String>,
    faults: Option<String>,
    upstream: Option<Arc<str>>,
    status: Option<StatusCode>,
    usage: Option<Usage>,
    span: Option<RequestSpan>,
    model: Option<String>,
    end: &'static str,
    error: Option<String>,
    /// The request's place among those that the relay takes at once.
    place: Option<OwnedSemaphorePermit>,
}

impl Exchange {
    /// Counts a request for its session, and starts its record.
    pub(crate) fn begin<B>(
        request: &Request<B>,
        sessions: Arc<Sessions>,
        metrics: Arc<Metrics>,
        telemetry: Option<&Telemetry>,
    ) -> Self {
        let extensions = request.extensions();
        let none = Metadata::new();
        let metadata = extensions.get::<Metadata>().unwrap_or(&none);
        let client = caller::name(metadata);
        // Copied, because an id would keep the connection's buffer alive.
        let session = metadata.session().map(|session| session.to_string());
        sessions.request(session.as_deref(), client.as_deref().unwrap_or("-"));
        metrics.begun();
        let faults = extensions.get::<Faults>();
        if let Some(faults) = faults {
            metrics.faults(faults);
        }
        Self {
            sessions,
            metrics,
            began: Instant::now(),
            request: request_line(request),
            session,
            client,
            faults: faults.and_then(fault_summary),
            upstream: None,
            status: None,
            usage: None,
            span: telemetry.map(|telemetry| telemetry.start(request, metadata)),
            model: None,
            end: "client disconnected",
            error: None,
            place: None,
        }
    }

    /// Keeps the request's place until its response has ended.
    pub(crate) fn hold(&mut self, place: OwnedSemaphorePermit) {
        self.place = Some(place);
    }

    /// Records the upstream's name, and makes the request's span the parent of its spans.
    pub(crate) fn sent_to(&mut self, upstream: Arc<str>, headers: &mut HeaderMap) {
        self.upstream = Some(upstream);
        if let Some(span) = &self.span {
            span.write(headers);
        }
    }

    /// Records the model that the request names.
    pub(crate) fn names_model(&mut self, model: Option<&str>) {
        if self.span.is_some() {
            self.model = model.map(ToOwned::to_owned);
        }
    }

    /// Records that the relay itself answers.
    pub(crate) const fn refused(&mut self, refusal: Refusal) {
        self.status = Some(refusal.status);
        self.end = refusal.code;
    }

    /// Records the upstream's status, and the time that it took to answer.
    pub(crate) fn answered(&mut self, status: StatusCode, after: Duration) {
        self.status = Some(status);
        if let Some(upstream) = &self.upstream {
            self.metrics.answered(upstream, after);
        }
    }

    /// Records an error and its sources for the log.
    pub(crate) fn failed(&mut self, error: &dyn Error) {
        self.end = "upstream failed";
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            message = format!("{message}: {error}");
            source = error.source();
        }
        self.error = Some(message);
    }
}

/// Returns the request's method and path for the log.
///
/// The query is left out, because it may contain a key.
fn request_line<B>(request: &Request<B>) -> String {
    const LONGEST: usize = 120;
    let path = request.uri().path();
    let is_plain = |byte| (b' '..=b'~').contains(&byte) && !b"'\"\\".contains(&byte);
    if path.len() <= LONGEST && path.bytes().all(is_plain) {
        return [request.method().as_str(), " ", path].concat();
    }
    let path = path.chars().take(LONGEST);
    let path: String = path.flat_map(char::escape_debug).collect();
    format!("{} {path}", request.method())
}

/// Returns the faults for the log: field, header and reason of each.
///
/// Untrusted identity is left out, because removing it is the relay's normal work.
fn fault_summary(faults: &Faults) -> Option<String> {
    let summary: Vec<String> = faults
        .iter()
        .filter(|fault| fault.reason() != Reason::Untrusted)
        .map(ToString::to_string)
        .collect();
    (!summary.is_empty()).then(|| summary.join("; "))
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let usage = self.usage.unwrap_or_default();
        self.sessions.tokens(self.session.as_deref(), usage);
        let ended = Ended {
            client: self.client.as_deref(),
            upstream: self.upstream.as_ref(),
            model: self.model.as_deref(),
            status: self.status,
            usage: self.usage,
            end: self.end,
        };
        self.metrics.ended(&ended);
        if let Some(span) = &self.span {
            span.end(&ended);
        }
        tracing::info!(
            session = self.session.as_deref().unwrap_or("-"),
            client = self.client.as_deref().unwrap_or("-"),
            upstream = self.upstream.as_deref(),
            status = self.status.map(|status| status.as_u16()),
            tokens_in = self.usage.map(|usage| usage.input),
            tokens_out = self.usage.map(|usage| usage.output),
            ms = u64::try_from(self.began.elapsed().as_millis()).ok(),
            end = self.end,
            faults = self.faults,
            error = self.error,
            "{}",
            self.request,
        );
    }
}

/// Body of the upstream's response, which counts tokens while it is sent.
#[derive(Debug)]
pub(crate) struct Recorded {
    body: DataBody,
    usage: UsageReader,
    /// `None` after the body has ended.
    exchange: Option<Exchange>,
}

impl Recorded {
    pub(crate) fn new(body: DataBody, headers: &HeaderMap, exchange: Exchange) -> Self {
        let mut recorded = Self {
            body,
            usage: UsageReader::new(headers),
            exchange: Some(exchange),
        };
        recorded.finish_if_ended();
        recorded
    }

    /// Finishes the record if the body has ended.
    ///
    /// The server does not poll a body again after its end. The tokens are
    /// counted here, before the client sees the end.
    fn finish_if_ended(&mut self) {
        if self.body.is_end_stream() {
            self.finish(|exchange| exchange.end = "complete");
        }
    }

    fn finish(&mut self, set_end: impl FnOnce(&mut Exchange)) {
        if let Some(mut exchange) = self.exchange.take() {
            exchange.usage = self.usage.finish();
            set_end(&mut exchange);
        }
    }
}

impl Body for Recorded {
    type Data = Bytes;
    type Error = DataError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, DataError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.usage.push(data);
                }
                self.finish_if_ended();
            }
            Some(Err(error)) => self.finish(|exchange| exchange.failed(error)),
            None => self.finish(|exchange| exchange.end = "complete"),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        // If the record is not finished, the client has disconnected. The tokens
        // so far are counted.
        self.finish(|_| {});
    }
}
