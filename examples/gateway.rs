//! Axum gateway that reads the conversation from a request's headers, and the
//! project from its API key only.
//!
//! Run it with `cargo run --example gateway`. It sends itself one request, and
//! exits.

use axum::{
    Extension, Router,
    extract::Request,
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::Response,
    routing::post,
};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tower_metadata_headers::{Metadata, MetadataHeadersLayer, ProjectId, conventions};

fn gateway() -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        // Reads the headers. Metadata of the layer outside outranks them.
        .layer(MetadataHeadersLayer::extract(conventions::clients()).strip())
        .layer(middleware::from_fn(authenticate))
}

/// Responds with the session and the project.
///
/// With the feature `axum-08`, a handler can take `metadata: Metadata` directly.
async fn chat(Extension(metadata): Extension<Metadata>) -> String {
    let session = metadata.session();
    let session = session.as_ref().map_or("none", |id| id.as_str());
    let project = metadata.get::<ProjectId>();
    let project = project.as_ref().map_or("none", |id| id.as_str());
    format!("session {session}, project {project}")
}

/// Sets the project that belongs to the API key. The request's headers could be
/// forged.
async fn authenticate(mut request: Request, next: Next) -> Result<Response, StatusCode> {
    let project = project_of(request.headers()).ok_or(StatusCode::UNAUTHORIZED)?;
    request
        .extensions_mut()
        .insert(Metadata::new().with(project));
    Ok(next.run(request).await)
}

fn project_of(headers: &HeaderMap) -> Option<ProjectId> {
    match headers.get("authorization")?.as_bytes() {
        b"Bearer key-of-acme" => ProjectId::try_from("acme/web").ok(),
        _ => None,
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, gateway()).await });

    let request = http::Request::post(format!("http://{address}/v1/chat/completions"))
        .header("authorization", "Bearer key-of-acme")
        .header("x-kilocode-taskid", "0190b2c4-7f1e-7c3a-9b55-3f1d1f6e2a10")
        .header("x-kilocode-projectid", "somebody/else")
        .body(Empty::<Bytes>::new())?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await?;
    let body = response.into_body().collect().await?.to_bytes();
    println!("{}", String::from_utf8_lossy(&body));
    Ok(())
}
