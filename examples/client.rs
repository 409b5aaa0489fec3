//! Hyper client that sends the metadata of one conversation with each request.
//!
//! Run it with `cargo run --example client`. It starts its own server.

use axum::{Router, http::HeaderMap, routing::get};
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_metadata_headers::{
    Convention, Metadata, MetadataHeadersLayer, ProjectId, RequestId, SessionId,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = start_server().await?;

    let mut client = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(Convention::vendor("acme")?))
        .service(Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>());

    // The fields that are stable over the conversation are made once.
    let conversation = Metadata::new()
        .with(SessionId::new())
        .with(ProjectId::try_from("acme/web")?);

    for _ in 0..2 {
        let mut request = Request::get(format!("http://{address}/")).body(Empty::new())?;
        request
            .extensions_mut()
            .insert(conversation.clone().with(RequestId::new()));

        let response = client.ready().await?.call(request).await?;
        let body = response.into_body().collect().await?.to_bytes();
        println!("the server received:\n{}", String::from_utf8_lossy(&body));
    }
    Ok(())
}

/// Starts a server that responds with the metadata headers it received.
async fn start_server() -> std::io::Result<std::net::SocketAddr> {
    let app = Router::new().route(
        "/",
        get(async |headers: HeaderMap| {
            let mut lines = String::new();
            for (name, value) in &headers {
                if name.as_str().starts_with("x-acme-") {
                    lines += &format!("  {name}: {}\n", value.to_str().unwrap_or("?"));
                }
            }
            lines
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}
