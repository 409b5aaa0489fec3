//! Responses over HTTP/2 that the client does not read.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper::rt::Executor;
use tokio::task_local;

use super::pause::pause;

task_local! {
    static CURRENT: Arc<Reading>;
}

/// Executor for the streams of HTTP/2 connections. It resets a stream if its client reads
/// nothing of the response for this long.
///
/// A timeout of the socket is not enough, because other streams may use the connection
/// meanwhile. A timeout of the body is not either: hyper does not poll the body while the
/// client's window is full.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamExecutor(pub(crate) Duration);

impl<F> Executor<F> for StreamExecutor
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let limit = self.0;
        let reading = Arc::<Reading>::default();
        let watched = Arc::clone(&reading);
        tokio::spawn(CURRENT.scope(reading, async move {
            tokio::select! {
                _ = stream => {}
                () = watched.paused(limit) => tracing::debug!("unread response aborted"),
            }
        }));
    }
}

/// State of a response that is sent over HTTP/2.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// False while the body has no data for the client.
    waits_for_client: AtomicBool,
    /// True if the body was polled since it was last looked at.
    has_moved: AtomicBool,
}

impl Reading {
    /// Returns the state of the stream in whose task this is called, or `None` if it is that of
    /// an HTTP/1.1 connection.
    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    /// Records that the body was polled, and whether it had data.
    pub(crate) fn polled(&self, has_data: bool) {
        self.waits_for_client.store(has_data, Ordering::Relaxed);
        self.has_moved.store(true, Ordering::Relaxed);
    }

    /// Waits until the client has read nothing for at least this time.
    async fn paused(&self, limit: Duration) {
        let waits = || self.waits_for_client.load(Ordering::Relaxed);
        pause(limit, &self.has_moved, waits).await;
    }
}
