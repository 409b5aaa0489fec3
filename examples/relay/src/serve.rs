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
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    task::JoinHandle,
};
use tower::{Service, ServiceBuilder};

use super::BoxError;

/// Limits of a server.
#[derive(Clone, Copy, Debug)]
pub struct ServeLimits {
    /// Maximum number of connections. Further ones wait in the kernel's queue.
    pub connections: usize,
    /// Time in which a client must send the headers of a request. An open connection without
    /// a request is closed after it too.
    pub headers: Duration,
    /// Time for which a stopping server waits for running requests.
    pub drain: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            headers: Duration::from_secs(30),
            drain: Duration::from_secs(3),
        }
    }
}

/// Address of the client that sent a request, in the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// Serves HTTP/1.1 and HTTP/2 on the listener until it is stopped.
///
/// # Errors
///
/// Returns an error if the listener has no address.
pub fn serve<S, B>(listener: TcpListener, service: S) -> io::Result<Server>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    serve_with(listener, service, ServeLimits::default())
}

/// Serves HTTP/1.1 and HTTP/2 on the listener within these limits until it is stopped.
///
/// # Errors
///
/// Returns an error if the listener has no address.
pub fn serve_with<S, B>(
    listener: TcpListener,
    service: S,
    limits: ServeLimits,
) -> io::Result<Server>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(Connections::new(service, limits).accept(listener, stopped));
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
            tokio::time::sleep(wait).await;
        }
        drop(self.stop);
        // Fails only if the task panicked, and the panic has been printed.
        let _ = self.task.await;
    }
}

/// Service with the connections that use it.
struct Connections<S> {
    service: S,
    limits: ServeLimits,
    open: GracefulShutdown,
    places: Arc<Semaphore>,
}

impl<S, B> Connections<S>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    fn new(service: S, limits: ServeLimits) -> Self {
        let places = limits.connections.min(Semaphore::MAX_PERMITS);
        Self {
            service,
            limits,
            open: GracefulShutdown::new(),
            places: Arc::new(Semaphore::new(places)),
        }
    }

    /// Accepts connections until the server is to stop, and waits until they have ended.
    async fn accept(self, listener: TcpListener, mut stopped: oneshot::Receiver<()>) {
        loop {
            let accepted = async {
                // Fails only if the semaphore is closed, which it never is.
                let place = Arc::clone(&self.places).acquire_owned().await.ok();
                (listener.accept().await, place)
            };
            let (stream, place) = tokio::select! {
                accepted = accepted => accepted,
                _ = &mut stopped => break,
            };
            match stream {
                Ok((stream, peer)) => self.serve(stream, peer.ip(), place),
                Err(error) => {
                    tracing::warn!(%error, "connection not accepted");
                    // The likely cause is a lack of file descriptors. Without a pause,
                    // this loop would use a whole core.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        drop(listener);
        if tokio::time::timeout(self.limits.drain, self.open.shutdown())
            .await
            .is_err()
        {
            tracing::info!("running requests aborted");
        }
    }

    /// Serves a connection, which keeps its place until it ends.
    fn serve(&self, stream: TcpStream, peer: IpAddr, place: Option<OwnedSemaphorePermit>) {
        // Nagle's algorithm would delay small events.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY not set");
        }
        let has_request = Arc::new(AtomicBool::new(false));
        let service = with_peer(self.service.clone(), peer, Arc::clone(&has_request));
        let limit = self.limits.headers;
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limit);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(limit)
            .keep_alive_timeout(limit);
        let connection = builder
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
            .into_owned();
        let mut connection = Box::pin(self.open.watch(connection));
        tokio::spawn(async move {
            // The builder's own timeout begins only when it knows the version of HTTP, for
            // which it waits without limit.
            let ended = match tokio::time::timeout(limit, &mut connection).await {
                Ok(ended) => ended,
                Err(_) if has_request.load(Ordering::Relaxed) => connection.await,
                Err(_) => {
                    tracing::debug!("connection without a request closed");
                    Ok(())
                }
            };
            if let Err(error) = ended {
                tracing::debug!(error, "connection closed with an error");
            }
            drop(place);
        });
    }
}

/// Adds the client's address to each request, and notes that there was one.
fn with_peer<S>(
    service: S,
    peer: IpAddr,
    has_request: Arc<AtomicBool>,
) -> impl Service<Request<Incoming>, Response = S::Response, Error = S::Error, Future: Send + 'static>
+ Clone
where
    S: Service<Request<Incoming>, Future: Send + 'static> + Clone,
{
    ServiceBuilder::new()
        .map_request(move |mut request: Request<Incoming>| {
            has_request.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(Peer(peer));
            request
        })
        .service(service)
}
