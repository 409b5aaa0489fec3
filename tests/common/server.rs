//! Servers: hyper's, HTTP/1.1 and HTTP/2 on one port, until they are dropped.

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

/// A server, which ends with all its connections when it is dropped.
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
                    // Fails where a client breaks off, which is its right.
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

    /// `127.0.0.1` with the port.
    pub(crate) fn authority(&self) -> String {
        self.addr.to_string()
    }

    /// A host's name with the port. The tests' clients find every host here.
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

/// A request with the address that it came from in its extensions.
fn from<B>(peer: SocketAddr, mut request: Request<B>) -> Request<B> {
    request.extensions_mut().insert(peer);
    request
}

pub(crate) fn uri(authority: &str, path: &str) -> Uri {
    format!("http://{authority}{path}").parse().unwrap()
}

/// A server that remembers what it was asked.
pub(crate) struct Upstream {
    server: Server,
    seen: Arc<Mutex<Vec<Parts>>>,
}

impl Upstream {
    /// Answers every request with 200 and no body.
    pub(crate) async fn start() -> Self {
        Self::answering(|_| Response::default()).await
    }

    pub(crate) async fn answering<A>(answer: A) -> Self
    where
        A: Fn(&Parts) -> Response<Body> + Clone + Send + Sync + 'static,
    {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
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
        Self { server, seen }
    }

    /// Takes what came so far, in order.
    pub(crate) fn take(&self) -> Vec<Parts> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    /// Takes the one request that came.
    #[track_caller]
    pub(crate) fn take_one(&self) -> Parts {
        let [parts] = <[Parts; 1]>::try_from(self.take()).expect("one request comes");
        parts
    }
}

impl std::ops::Deref for Upstream {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}
