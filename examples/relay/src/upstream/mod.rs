//! An OpenAI-compatible upstream that shows the headers it got. It stands in
//! for a model where there is none.

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
/// Returns an error if it can't listen there.
pub async fn start(listen: impl ToSocketAddrs) -> io::Result<Server> {
    serve(TcpListener::bind(listen).await?, router())
}

fn router() -> Router {
    let speaks = |dialect| post(async move |headers, body| answer(dialect, &headers, &body));
    Router::new()
        .route("/v1/chat/completions", speaks(Dialect::Chat))
        .route("/v1/responses", speaks(Dialect::Responses))
        .route("/v1/messages", speaks(Dialect::Messages))
        .route("/v1/models", get(async || Json(models())))
        .fallback(async || error(StatusCode::NOT_FOUND, "There is no such path here."))
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
        return error(StatusCode::BAD_REQUEST, "The body is no JSON of a request.");
    };
    let headers = received(headers);
    let lines = headers
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| format!("{name}: {value}\n")));
    let parts: Vec<String> = ["These headers reached me:\n".to_owned()]
        .into_iter()
        .chain(lines)
        .collect();
    let reply = Reply {
        model: request.model.unwrap_or_else(|| MODEL.to_owned()),
        // About what a tokenizer makes of it.
        input_tokens: body.len().div_ceil(4),
        output_tokens: parts.len() * 8,
        parts,
        received_headers: json!(headers),
    };
    if request.stream {
        // Each event is a frame of its own, as a model's are.
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

/// The headers as they came, each with its lines. Credentials are not shown.
fn received(headers: &HeaderMap) -> BTreeMap<String, Vec<String>> {
    const SECRET: [&str; 4] = ["api-key", "authorization", "cookie", "x-api-key"];
    headers
        .keys()
        .map(|name| {
            let lines = headers.get_all(name).iter().map(|value| {
                if SECRET.contains(&name.as_str()) {
                    return "(not shown)".to_owned();
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
