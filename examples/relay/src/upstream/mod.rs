//! OpenAI-compatible upstream that returns the headers it received.
//!
//! The relay uses it if no upstream is given.

mod dialect;

use std::{collections::BTreeMap, convert::Infallible, io};

use axum::{
    Json, Router,
    body::Body,
    extract::DefaultBodyLimit,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures_util::stream;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::{TcpListener, ToSocketAddrs};

use self::dialect::{Dialect, Reply};
use super::serve::{Server, serve};

/// Starts the upstream.
///
/// # Errors
///
/// Returns an error if it can't listen on this address.
pub async fn start(listen: impl ToSocketAddrs) -> io::Result<Server> {
    serve(TcpListener::bind(listen).await?, router())
}

fn router() -> Router {
    let route = |dialect| post(async move |headers, body| answer(dialect, &headers, &body));
    Router::new()
        .route("/v1/chat/completions", route(Dialect::Chat))
        .route("/v1/responses", route(Dialect::Responses))
        .route("/v1/messages", route(Dialect::Messages))
        .route("/v1/models", get(async || Json(models())))
        .fallback(async || error(StatusCode::NOT_FOUND, "path: not found"))
        .layer(DefaultBodyLimit::max(32 << 20))
}

#[derive(Deserialize)]
struct Request {
    model: Option<String>,
    #[serde(default)]
    stream: bool,
}

fn answer(dialect: Dialect, headers: &HeaderMap, body: &Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<Request>(body) else {
        return error(StatusCode::BAD_REQUEST, "request body: invalid JSON");
    };
    let headers = received(headers);
    let lines = headers
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| format!("{name}: {value}\n")));
    let parts: Vec<String> = ["Received headers:\n".to_owned()]
        .into_iter()
        .chain(lines)
        .collect();
    let reply = Reply {
        model: request.model.unwrap_or_else(|| MODEL.to_owned()),
        // An estimate of four bytes a token.
        input_tokens: body.len().div_ceil(4),
        output_tokens: parts.len() * 8,
        parts,
        received_headers: json!(headers),
    };
    if request.stream {
        // Each event is one frame, as in a model's response.
        let events = dialect.events(&reply).into_iter().map(Ok::<_, Infallible>);
        let body = Body::from_stream(stream::iter(events));
        return ([(CONTENT_TYPE, "text/event-stream")], body).into_response();
    }
    Json(dialect.whole(&reply)).into_response()
}

const MODEL: &str = "looking-glass";

fn models() -> Value {
    json!({
        "object": "list",
        "data": [{ "id": MODEL, "object": "model", "created": 0, "owned_by": "relay" }],
    })
}

/// Returns the field lines of each header, without the values of credentials.
fn received(headers: &HeaderMap) -> BTreeMap<String, Vec<String>> {
    const SECRET: [&str; 4] = ["api-key", "authorization", "cookie", "x-api-key"];
    headers
        .keys()
        .map(|name| {
            let lines = headers.get_all(name).iter().map(|value| {
                if SECRET.contains(&name.as_str()) {
                    return "(hidden)".to_owned();
                }
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            });
            (name.to_string(), lines.collect())
        })
        .collect()
}

fn error(status: StatusCode, message: &str) -> Response {
    let error = json!({
        "error": { "message": message, "type": "invalid_request_error", "param": null, "code": null },
    });
    (status, Json(error)).into_response()
}
