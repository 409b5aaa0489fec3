//! Incoming body with a timeout.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// Body without trailers that fails if its sender pauses too long.
///
/// Unlike `tower_http::timeout::TimeoutBody`, it keeps the length of the body, and sets no
/// timer for a body that has arrived.
#[derive(Debug)]
pub(crate) struct DataBody {
    body: Incoming,
    /// Maximum time between two frames.
    limit: Duration,
    /// The time at which the wait for the next frame began, if it has. A body that nobody
    /// reads does not wait.
    waits_since: Option<Instant>,
    /// Set by the first wait. It fires early for later ones, and is then set again.
    timer: Option<Pin<Box<Sleep>>>,
}

impl DataBody {
    pub(crate) fn new(body: Incoming, limit: Duration) -> Self {
        Self {
            body,
            limit,
            waits_since: None,
            timer: None,
        }
    }

    /// Returns ready when the sender has paused too long.
    fn poll_timeout(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let since = *self.waits_since.get_or_insert_with(Instant::now);
        // A time beyond the clock's range is never reached.
        let Some(end) = since.checked_add(self.limit) else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        loop {
            ready!(timer.as_mut().poll(context));
            if timer.deadline() >= end {
                return Poll::Ready(());
            }
            timer.as_mut().reset(end);
        }
    }
}

impl Body for DataBody {
    type Data = Bytes;
    type Error = DataError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, DataError>>> {
        loop {
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
                ready!(self.poll_timeout(context));
                return Poll::Ready(Some(Err(DataError::Timeout)));
            };
            self.waits_since = None;
            match frame {
                Some(Ok(frame)) if !frame.is_data() => {}
                frame => return Poll::Ready(frame.map(|frame| frame.map_err(DataError::Network))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Reason why a body ended early.
#[derive(Debug)]
pub(crate) enum DataError {
    /// The connection failed, or the sender broke the protocol.
    Network(hyper::Error),
    /// The sender paused too long.
    Timeout,
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Network(_) => "body: can't be read",
            Self::Timeout => "body: no data in time",
        })
    }
}

impl Error for DataError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Network(error) => Some(error),
            Self::Timeout => None,
        }
    }
}
