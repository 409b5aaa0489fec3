//! Body of a request on its way to the upstream.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::forward::data_only;

/// Request body without trailers and within the relay's limit.
///
/// Metadata in trailers is neither read nor removed. Forwarded trailers could carry forged
/// metadata to the upstream.
///
/// Clones share the body. So if the connection to an upstream fails, before the body is read,
/// the request can be sent to another.
#[derive(Clone, Debug)]
pub(crate) struct OutgoingBody(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    source: Source,
    remaining: u64,
    is_too_large: bool,
}

#[derive(Debug)]
enum Source {
    /// The client's body, as it arrives.
    Incoming(Incoming),
    /// The body that was read for the model in it.
    Whole(Option<Bytes>),
}

impl OutgoingBody {
    /// Creates a body that is sent as it arrives, and fails beyond the limit.
    pub(crate) fn streamed(body: Incoming, limit: u64) -> Self {
        Self::new(Source::Incoming(body), limit)
    }

    /// Creates a body that was read before.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::new(Source::Whole(Some(bytes)), u64::MAX)
    }

    fn new(source: Source, remaining: u64) -> Self {
        Self(Arc::new(Mutex::new(Shared {
            source,
            remaining,
            is_too_large: false,
        })))
    }

    /// Returns true if the client has sent more than the limit.
    pub(crate) fn is_too_large(&self) -> bool {
        self.shared().is_too_large
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, OutgoingError>>> {
        let frame = match &mut self.source {
            Source::Incoming(body) => std::task::ready!(data_only(body, context)),
            Source::Whole(bytes) => bytes.take().map(|bytes| Ok(Frame::data(bytes))),
        };
        let Some(frame) = frame else {
            return Poll::Ready(None);
        };
        let frame = frame.map_err(OutgoingError::Client);
        let len = frame
            .as_ref()
            .ok()
            .and_then(Frame::data_ref)
            .map_or(0, Bytes::len);
        match self.remaining.checked_sub(len as u64) {
            Some(remaining) => self.remaining = remaining,
            None => {
                self.is_too_large = true;
                return Poll::Ready(Some(Err(OutgoingError::TooLarge)));
            }
        }
        Poll::Ready(Some(frame))
    }
}

impl Body for OutgoingBody {
    type Data = Bytes;
    type Error = OutgoingError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, OutgoingError>>> {
        self.shared().poll(context)
    }

    fn is_end_stream(&self) -> bool {
        match &self.shared().source {
            Source::Incoming(body) => body.is_end_stream(),
            Source::Whole(bytes) => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.shared().source {
            Source::Incoming(body) => body.size_hint(),
            Source::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64)
            }
        }
    }
}

/// Reason why a request's body ended early.
#[derive(Debug)]
pub(crate) enum OutgoingError {
    Client(hyper::Error),
    TooLarge,
}

impl fmt::Display for OutgoingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client(_) => "request body: can't be read",
            Self::TooLarge => "request body: too large",
        })
    }
}

impl Error for OutgoingError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Client(error) => Some(error),
            Self::TooLarge => None,
        }
    }
}
