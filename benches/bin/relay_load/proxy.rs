//! Proxy that only forwards requests, and changes their headers with our layers, by hand or
//! not at all.

use std::{
    io::{self, Read, Write},
    net::SocketAddr,
};

use benches::cases::{by_hand, ours::KILO};
use http::{HeaderName, Request, Response, Uri, header::HOST};
use hyper::body::{Body, Incoming};
use hyper_util::{
    client::legacy::{self, Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::net::TcpListener;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_metadata_headers::{Destinations, MetadataHeadersLayer, conventions};

use crate::BoxError;

pub(crate) const PLAIN: &str = "plain";
pub(crate) const BY_HAND: &str = "by-hand";
pub(crate) const LAYERS: &str = "layers";

/// Serves until its standard input ends, which is when its parent exits.
pub(crate) fn run(kind: &str, upstream: SocketAddr) -> Result<(), BoxError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let address = runtime.block_on(start(kind, upstream))?;
    writeln!(io::stdout(), "http://{address}/")?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

async fn start(kind: &str, upstream: SocketAddr) -> Result<SocketAddr, BoxError> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    if kind == PLAIN {
        return serve(forward(client, upstream)).await;
    }
    if kind == BY_HAND {
        return serve(translate_by_hand(forward(client, upstream))).await;
    }
    let destinations = Destinations::new().host(&upstream.to_string(), conventions::litellm())?;
    let client = MetadataHeadersLayer::inject(destinations).layer(client);
    let extract = MetadataHeadersLayer::extract(conventions::clients()).strip();
    serve(extract.layer(forward(client, upstream))).await
}

/// Returns a service that sends requests to the upstream.
fn forward<S>(
    client: S,
    upstream: SocketAddr,
) -> impl Service<Request<Incoming>, Response = Response<Incoming>, Error = legacy::Error, Future: Send>
+ Clone
where
    S: Service<
            Request<Incoming>,
            Response = Response<Incoming>,
            Error = legacy::Error,
            Future: Send,
        > + Clone
        + Send,
{
    service_fn(move |mut request: Request<Incoming>| {
        let client = client.clone();
        request.headers_mut().remove(HOST);
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        // The path was parsed before, and the upstream is an address.
        let uri = format!("http://{upstream}{path}").parse::<Uri>();
        async move {
            if let Ok(uri) = uri {
                *request.uri_mut() = uri;
            }
            client.oneshot(request).await
        }
    })
}

/// Header of the session for the upstream.
const SENT: HeaderName = HeaderName::from_static("x-litellm-session-id");

/// Returns a service that removes Kilo Code's headers, and writes its task as the session, as
/// our layers do for a request of Kilo Code.
fn translate_by_hand<S>(
    inner: S,
) -> impl Service<Request<Incoming>, Response = S::Response, Error = S::Error, Future = S::Future> + Clone
where
    S: Service<Request<Incoming>> + Clone,
{
    let names = KILO.map(HeaderName::from_static);
    tower::util::MapRequest::new(inner, move |mut request: Request<Incoming>| {
        let headers = request.headers_mut();
        let mut task = None;
        for name in names.iter().rev() {
            task = headers.remove(name);
        }
        by_hand::insert(headers, &[SENT], task.as_slice());
        request
    })
}

/// Serves on a free port, with a task for each connection.
pub(crate) async fn serve<S, B>(service: S) -> Result<SocketAddr, BoxError>
where
    S: Service<
            Request<Incoming>,
            Response = Response<B>,
            Error: Into<BoxError>,
            Future: Send + 'static,
        > + Clone
        + Send
        + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            _ = stream.set_nodelay(true);
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let builder = auto::Builder::new(TokioExecutor::new());
                // Fails if the client closes the connection.
                _ = builder
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(address)
}
