//! Connection of a client.

use std::{
    net::IpAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::Request;
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use pin_project_lite::pin_project;
use tokio::{net::TcpStream, sync::watch};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use super::{
    BoxError,
    pause::pause,
    serve::{Peer, ServeLimits, Served},
    unread::{Reading, StreamExecutor},
};

/// Serves a connection until it ends or breaks a limit. After `stop` has changed, the
/// connection takes no new requests, and ends after the last response.
pub(crate) async fn serve<S: Served>(
    stream: TcpStream,
    peer: IpAddr,
    service: S,
    limits: ServeLimits,
    mut stop: watch::Receiver<()>,
) -> Result<(), BoxError> {
    // Nagle's algorithm would delay small events.
    stream.set_nodelay(true)?;
    // For HTTP/1.1. The executor does it for HTTP/2.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.body));

    let activity = Arc::<Activity>::default();
    let activity_of_requests = Arc::clone(&activity);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let running = Running::new(&activity_of_requests);
        let response = service.clone().oneshot(request);
        async move {
            let reading = Reading::current();
            let tracked = |body| Tracked {
                body,
                reading,
                running,
            };
            Ok::<_, S::Error>(response.await?.map(tracked))
        }
    });

    let mut builder = Builder::new(StreamExecutor(limits.body));
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.headers)
        .keep_alive_timeout(limits.headers);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(Box::pin(stream)), service));

    tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        () = activity.end(limits.headers) => tracing::debug!("idle connection closed"),
        // Fails only if the server is gone.
        _ = stop.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        biased;
        ended = connection => ended,
        // The client has not read the end of a response, or does not close the connection.
        () = activity.end(limits.body) => Ok(()),
    }
}

/// Requests of a connection.
#[derive(Debug, Default)]
struct Activity {
    running: AtomicUsize,
    /// True if a request has begun since it was last read.
    has_begun: AtomicBool,
}

impl Activity {
    /// Waits until no request has been running for at least this time.
    ///
    /// hyper closes an idle connection of HTTP/1.1 only, and waits without limit for the first
    /// bytes, from which it knows the version.
    async fn end(&self, limit: Duration) {
        let is_idle = || self.running.load(Ordering::Relaxed) == 0;
        pause(limit, &self.has_begun, is_idle).await;
    }
}

/// Request that is running until this is dropped.
#[derive(Debug)]
struct Running(Arc<Activity>);

impl Running {
    fn new(activity: &Arc<Activity>) -> Self {
        activity.has_begun.store(true, Ordering::Relaxed);
        activity.running.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(activity))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

pin_project! {
    /// Body of a response, with which the request ends.
    struct Tracked<B> {
        #[pin]
        body: B,
        reading: Option<Arc<Reading>>,
        running: Running,
    }
}

impl<B: Body> Body for Tracked<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = this.body.poll_frame(context);
        if let Some(reading) = this.reading {
            reading.polled(frame.is_ready());
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
