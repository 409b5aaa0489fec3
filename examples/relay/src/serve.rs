//! HTTP server with a graceful stop.

use std::{io, net::SocketAddr, time::Duration};

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tower::Service;

use super::BoxError;

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
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(accept(listener, service, stopped));
    Ok(Server {
        address,
        stop,
        task,
    })
}

/// Running server, which stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Returns the address that the server listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting connections, and waits up to three seconds for running
    /// requests.
    pub async fn stop(self) {
        drop(self.stop);
        // Fails only if the task panicked, and the panic has been printed.
        let _ = self.task.await;
    }
}

async fn accept<S, B>(listener: TcpListener, service: S, mut stopped: oneshot::Receiver<()>)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let connections = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => break,
        };
        match stream {
            Ok((stream, _)) => connection(stream, service.clone(), &connections),
            Err(error) => {
                tracing::warn!(%error, "connection not accepted");
                // The likely cause is a lack of file descriptors. Without a pause,
                // this loop would use a whole core.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let grace_period = Duration::from_secs(3);
    if tokio::time::timeout(grace_period, connections.shutdown())
        .await
        .is_err()
    {
        tracing::info!("running requests aborted");
    }
}

fn connection<S, B>(stream: TcpStream, service: S, connections: &GracefulShutdown)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    // Nagle's algorithm would delay small events.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY not set");
    }
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new());
    let connection = builder
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .into_owned();
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error, "connection closed with an error");
        }
    });
}
