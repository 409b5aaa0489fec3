//! Proxy that only forwards requests, with our layers or without.

use std::{
    io::{self, Read, Write},
    net::SocketAddr,
};

use http::{Request, Response, Uri, header::HOST};
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
