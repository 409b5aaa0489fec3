//! Servers of hyper for HTTP/1.1 and HTTP/2 on one port, which run until they
//! are dropped.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use http::{Request, Response, Uri, request::Parts};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tower::{Service, ServiceExt, service_fn};

use super::{Body, client::BoxError};

/// Server that closes all its connections when it is dropped.
pub(crate) struct Server {
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start<S, B>(service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: hyper::body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, peer) = listener.accept().await.unwrap();
                let service = service
                    .clone()
                    .map_request(move |request| from(peer, request));
                let service = TowerToHyperService::new(service);
                connections.spawn(async move {
                    let builder = auto::Builder::new(TokioExecutor::new());
                    // Fails if a client disconnects, which a test may do.
                    _ = builder
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { addr, task }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Returns `127.0.0.1` with the port.
    pub(crate) fn authority(&self) -> String {
        self.addr.to_string()
    }

    /// Returns a host's name with the port. The tests' clients resolve every
    /// host to this machine.
    pub(crate) fn named(&self, host: &str) -> String {
        format!("{host}:{}", self.addr.port())
    }

    pub(crate) fn uri(&self, path: &str) -> Uri {
        uri(&self.authority(), path)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Adds the peer's address to a request's extensions.
fn from<B>(peer: SocketAddr, mut request: Request<B>) -> Request<B> {
    request.extensions_mut().insert(peer);
    request
}

pub(crate) fn uri(authority: &str, path: &str) -> Uri {
    format!("http://{authority}{path}").parse().unwrap()
}

/// Server that records the requests that it receives.
pub(crate) struct Upstream {
    server: Server,
    requests: Arc<Mutex<Vec<Parts>>>,
}

impl Upstream {
    /// Starts a server that responds to every request with 200 and no body.
    pub(crate) async fn start() -> Self {
        Self::answering(|_| Response::default()).await
    }

    pub(crate) async fn answering<A>(answer: A) -> Self
    where
        A: Fn(&Parts) -> Response<Body> + Clone + Send + Sync + 'static,
    {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let server = Server::start(service_fn(move |request: Request<Incoming>| {
            let (log, answer) = (Arc::clone(&log), answer.clone());
            async move {
                let (parts, body) = request.into_parts();
                body.collect().await.unwrap();
                let response = answer(&parts);
                log.lock().unwrap().push(parts);
                Ok::<_, Infallible>(response)
            }
        }))
        .await;
        Self { server, requests }
    }

    /// Takes the requests so far, in order.
    pub(crate) fn take(&self) -> Vec<Parts> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    /// Takes the only request so far.
    #[track_caller]
    pub(crate) fn take_one(&self) -> Parts {
        let [parts] = <[Parts; 1]>::try_from(self.take()).expect("one request");
        parts
    }
}

impl std::ops::Deref for Upstream {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}
