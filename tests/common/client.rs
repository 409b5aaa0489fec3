//! Clients of hyper-util with a connection pool, over TCP.

use std::{
    convert::Infallible,
    fmt,
    future::{Ready, ready},
    iter,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use http::{Request, Response, Uri, Version};
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use hyper_util::{
    client::legacy::{
        Client, Error,
        connect::{HttpConnector, dns::Name},
    },
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::TcpStream;
use tower::{Service, ServiceExt, service_fn};

/// Returns a client for this version, which resolves every host to this
/// machine.
pub(crate) fn client<B>(version: Version) -> Client<HttpConnector<Here>, B>
where
    B: Body + Send,
    B::Data: Send,
{
    Client::builder(TokioExecutor::new())
        .http2_only(version == Version::HTTP_2)
        .build(HttpConnector::new_with_resolver(Here))
}

/// Returns a client on one connection, and the address that the server sees.
pub(crate) async fn connected(
    server: SocketAddr,
    version: Version,
) -> (
    SocketAddr,
    impl Service<Request<super::Body>, Response = Response<Incoming>, Error = Error> + Clone,
) {
    let stream = TcpStream::connect(server).await.unwrap();
    let address = stream.local_addr().unwrap();
    let stream = Arc::new(Mutex::new(Some(TokioIo::new(stream))));
    let connect = service_fn(move |_: Uri| {
        let stream = stream.lock().unwrap().take();
        ready(stream.ok_or("only one connection"))
    });
    let client = Client::builder(TokioExecutor::new())
        .http2_only(version == Version::HTTP_2)
        .build(connect);
    (address, client)
}

/// Resolver that resolves every name to this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here;

impl Service<Name> for Here {
    type Response = iter::Once<SocketAddr>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(iter::once((Ipv4Addr::LOCALHOST, 0).into())))
    }
}

/// Sends a request through a copy of this stack, and reads the whole response.
pub(crate) async fn send<S, B, ResBody>(stack: &S, request: Request<B>) -> Response<Bytes>
where
    S: Service<Request<B>, Response = Response<ResBody>> + Clone,
    S::Error: fmt::Debug,
    ResBody: Body<Error: fmt::Debug>,
{
    read(stack.clone().oneshot(request).await.unwrap()).await
}

/// Reads the whole response.
pub(crate) async fn read<B>(response: Response<B>) -> Response<Bytes>
where
    B: Body<Error: fmt::Debug>,
{
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

/// Returns the response's body as text.
pub(crate) fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
