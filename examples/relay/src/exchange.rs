//! One request and its answer, from arrival to the last byte.

use std::{
    error::Error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use http::{HeaderMap, Request, StatusCode};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tower_metadata_headers::{Faults, Metadata, Reason};

use super::{
    caller,
    forward::data_only,
    sessions::Sessions,
    usage::{Usage, UsageReader},
};

/// What the log and the table of sessions tell of a request. It tells them when
/// it is dropped, which is when all is over: the answer sent to its end, the
/// client gone, or the upstream.
#[derive(Debug)]
pub(crate) struct Exchange {
    sessions: Arc<Sessions>,
    began: Instant,
    request: String,
    session: Option<String>,
    client: String,
    faults: Option<String>,
    status: Option<StatusCode>,
    usage: Option<Usage>,
    end: &'static str,
    error: Option<String>,
}

impl Exchange {
    /// Counts a request as its session's.
    pub(crate) fn begin<B>(request: &Request<B>, sessions: Arc<Sessions>) -> Self {
        let extensions = request.extensions();
        let none = Metadata::new();
        let metadata = extensions.get::<Metadata>().unwrap_or(&none);
        let client = caller::name(metadata);
        // A text of its own: an id would keep the connection's buffer.
        let session = metadata.session().map(|session| session.to_string());
        sessions.request(session.as_deref(), &client);
        Self {
            sessions,
            began: Instant::now(),
            request: line(request),
            session,
            client,
            faults: extensions.get::<Faults>().and_then(told),
            status: None,
            usage: None,
            end: "the client left",
            error: None,
        }
    }

    pub(crate) fn refused(&mut self) {
        self.end = "invalid_field";
    }

    pub(crate) const fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
    }

    /// Keeps what went wrong, with its causes, for the log.
    pub(crate) fn failed(&mut self, error: &dyn Error) {
        self.end = "the upstream failed";
        let mut told = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            told = format!("{told}: {error}");
            cause = error.source();
        }
        self.error = Some(told);
    }
}

/// The request for the log, without its query, which may hold a key.
fn line<B>(request: &Request<B>) -> String {
    const LONGEST: usize = 120;
    let path = request.uri().path().chars().take(LONGEST);
    let path: String = path.flat_map(char::escape_debug).collect();
    format!("{} {path}", request.method())
}

/// The faults for the log, by field, header and reason. That identity was
/// claimed and dropped is what this relay is for, and not told each time.
fn told(faults: &Faults) -> Option<String> {
    let told: Vec<String> = faults
        .iter()
        .filter(|fault| fault.reason() != Reason::Untrusted)
        .map(ToString::to_string)
        .collect();
    (!told.is_empty()).then(|| told.join("; "))
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let usage = self.usage.unwrap_or_default();
        self.sessions.tokens(self.session.as_deref(), usage);
        tracing::info!(
            session = self.session.as_deref().unwrap_or("-"),
            client = self.client,
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

/// The upstream's body on its way to the client, read for its tokens as it
/// passes.
#[derive(Debug)]
pub(crate) struct Recorded {
    body: Incoming,
    usage: UsageReader,
    /// `None` once it is over.
    exchange: Option<Exchange>,
}

impl Recorded {
    pub(crate) fn new(body: Incoming, headers: &HeaderMap, exchange: Exchange) -> Self {
        let mut recorded = Self {
            body,
            usage: UsageReader::new(headers),
            exchange: Some(exchange),
        };
        recorded.see_whether_it_is_over();
        recorded
    }

    /// The server asks for no more once it knows that nothing comes. What is
    /// counted then is counted before the client sees the end.
    fn see_whether_it_is_over(&mut self) {
        if self.body.is_end_stream() {
            self.finish(|exchange| exchange.end = "done");
        }
    }

    fn finish(&mut self, how: impl FnOnce(&mut Exchange)) {
        if let Some(mut exchange) = self.exchange.take() {
            exchange.usage = self.usage.finish();
            how(&mut exchange);
        }
    }
}

impl Body for Recorded {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = std::task::ready!(data_only(&mut self.body, context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.usage.pass(data);
                }
                self.see_whether_it_is_over();
            }
            Some(Err(error)) => self.finish(|exchange| exchange.failed(error)),
            None => self.finish(|exchange| exchange.end = "done"),
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
        // Not over yet: the client left. Its tokens so far count.
        self.finish(|_| {});
    }
}
