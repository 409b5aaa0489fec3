//! Body of a request on its way to the upstream.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    data_body::{DataBody, DataError},
    refusal::Refusal,
};

/// Request body without trailers and within the relay's limits.
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
    /// Number of bytes that the client may still send.
    remaining: u64,
    /// The response to the client if its body has failed.
    refusal: Option<Refusal>,
}

#[derive(Debug)]
enum Source {
    /// The client's body, as it arrives.
    Streamed(DataBody),
    /// The body that was read for the model in it.
    Whole(Option<Bytes>),
}

impl OutgoingBody {
    /// Creates a body that is sent as it arrives, and fails beyond the limit in bytes.
    pub(crate) fn streamed(body: DataBody, limit: u64) -> Self {
        Self::new(Source::Streamed(body), limit)
    }

    /// Creates a body that was read before.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::new(Source::Whole(Some(bytes)), 0)
    }

    fn new(source: Source, remaining: u64) -> Self {
        Self(Arc::new(Mutex::new(Shared {
            source,
            remaining,
            refusal: None,
        })))
    }

    /// Reads the whole body. Each byte takes one of the `places` until it is sent.
    pub(crate) async fn read(mut self, places: &Arc<Semaphore>) -> Result<Bytes, Refusal> {
        let mut whole = Buffered::default();
        while let Some(frame) = self.frame().await {
            let frame = frame.map_err(|error| error.refusal())?;
            whole.push(&frame.into_data().unwrap_or_default(), places)?;
        }
        Ok(Bytes::from_owner(whole))
    }

    /// Returns the response to the client if its body has failed.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.shared().refusal
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes with their places among those that the relay buffers at once.
#[derive(Default)]
struct Buffered {
    bytes: Vec<u8>,
    places: Option<OwnedSemaphorePermit>,
}

impl Buffered {
    fn push(&mut self, data: &[u8], places: &Arc<Semaphore>) -> Result<(), Refusal> {
        let count = u32::try_from(data.len()).map_err(|_| Refusal::TOO_LARGE)?;
        let taken = Arc::clone(places).try_acquire_many_owned(count);
        let taken = taken.map_err(|_| Refusal::OVERLOADED)?;
        match &mut self.places {
            Some(places) => places.merge(taken),
            None => self.places = Some(taken),
        }
        self.bytes.extend_from_slice(data);
        Ok(())
    }
}

impl AsRef<[u8]> for Buffered {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Shared {
    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, OutgoingError>>> {
        let body = match &mut self.source {
            Source::Streamed(body) => body,
            Source::Whole(bytes) => {
                return Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes))));
            }
        };
        let Some(frame) = ready!(Pin::new(body).poll_frame(context)) else {
            return Poll::Ready(None);
        };
        let frame = frame.map_err(OutgoingError::Client).and_then(|frame| {
            let len = frame.data_ref().map_or(0, Bytes::len) as u64;
            let remaining = self.remaining.checked_sub(len);
            self.remaining = remaining.ok_or(OutgoingError::TooLarge)?;
            Ok(frame)
        });
        if let Err(error) = &frame {
            self.refusal = Some(error.refusal());
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
            Source::Streamed(body) => body.is_end_stream(),
            Source::Whole(bytes) => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.shared().source {
            Source::Streamed(body) => body.size_hint(),
            Source::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64)
            }
        }
    }
}

/// Reason why a request's body ended early.
#[derive(Debug)]
pub(crate) enum OutgoingError {
    Client(DataError),
    TooLarge,
}

impl OutgoingError {
    /// Returns the response to the client.
    const fn refusal(&self) -> Refusal {
        match self {
            Self::Client(DataError::Network(_)) => Refusal::BODY,
            Self::Client(DataError::Timeout) => Refusal::BODY_TIMEOUT,
            Self::TooLarge => Refusal::TOO_LARGE,
        }
    }
}

impl fmt::Display for OutgoingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client(_) => "request body: incomplete",
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
