//! HTTP server with a graceful stop.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tower::Service;

use super::{BoxError, connection};

/// Limits of a server.
#[derive(Clone, Copy, Debug)]
pub struct ServeLimits {
    /// Maximum number of connections. Further ones wait in the kernel's queue.
    pub connections: usize,
    /// Time in which a client must send the headers of a request. A connection without a
    /// request is closed after it too, or after twice the time.
    pub headers: Duration,
    /// Maximum pause in a body: of a client that sends or reads it, and of an upstream that
    /// sends it.
    pub body: Duration,
    /// Time for which a stopping server waits for running requests.
    pub drain: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            headers: Duration::from_secs(30),
            // A model may pause for minutes between two tokens.
            body: Duration::from_secs(600),
            drain: Duration::from_secs(3),
        }
    }
}

/// Address of the client that sent a request, in the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// Service that a server can run: any Tower service for requests, with any body of responses.
pub trait Served:
    Service<
        Request<Incoming>,
        Response = Response<Self::Body>,
        Error: Into<BoxError>,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static
{
    /// The body of responses.
    type Body: Body<Data: Send, Error: Into<BoxError>> + Send + 'static;
}

impl<S, B> Served for S
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S: Service<Request<Incoming>, Error: Into<BoxError>, Future: Send + 'static>,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    type Body = B;
}

/// Serves HTTP/1.1 and HTTP/2 on the listener until it is stopped.
///
/// # Errors
///
/// Returns an error if the listener has no address.
pub fn serve(listener: TcpListener, service: impl Served) -> io::Result<Server> {
    serve_with(listener, service, ServeLimits::default())
}

/// Serves HTTP/1.1 and HTTP/2 on the listener within these limits until it is stopped.
///
/// # Errors
///
/// Returns an error if the listener has no address.
pub fn serve_with(
    listener: TcpListener,
    service: impl Served,
    limits: ServeLimits,
) -> io::Result<Server> {
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(accept(listener, service, limits, stopped));
    Ok(Server {
        address,
        stop,
        task,
        readiness: None,
    })
}

/// Running server, which stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    /// What is true while the server is ready, and the time that it stays open after that.
    readiness: Option<(Arc<AtomicBool>, Duration)>,
}

impl Server {
    /// Returns the address that the server listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes [`stop`](Self::stop) set `is_ready` to false first, and wait before the server
    /// stops accepting connections, so that a load balancer can notice.
    #[must_use]
    pub(crate) fn with_readiness(self, is_ready: Arc<AtomicBool>, wait: Duration) -> Self {
        Self {
            readiness: Some((is_ready, wait)),
            ..self
        }
    }

    /// Stops accepting connections, and waits for running requests, up to
    /// [`ServeLimits::drain`].
    pub async fn stop(self) {
        if let Some((is_ready, wait)) = self.readiness {
            is_ready.store(false, Ordering::Relaxed);
            sleep(wait).await;
        }
        drop(self.stop);
        // Fails only if the task panicked, and the panic has been printed.
        let _ = self.task.await;
    }
}

/// Accepts connections until the server is to stop, and waits until they have ended.
async fn accept(
    listener: TcpListener,
    service: impl Served,
    limits: ServeLimits,
    mut stopped: oneshot::Receiver<()>,
) {
    let places = places(limits.connections);
    let (stop, _) = watch::channel(());
    loop {
        let accepted = async {
            // Fails only if the semaphore is closed, which it never is.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            _ = &mut stopped => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection =
                    connection::serve(stream, peer.ip(), service.clone(), limits, stop.subscribe());
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(error, "connection closed with an error");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "connection not accepted");
                // The likely cause is a lack of file descriptors. Without a pause,
                // this loop would use a whole core.
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    stop.send_replace(());
    // All receivers are dropped when all connections have ended.
    if timeout(limits.drain, stop.closed()).await.is_err() {
        tracing::info!("running requests aborted");
    }
}

/// Returns a semaphore with this many places, or as many as it can have.
pub(crate) fn places(count: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)))
}
