//! Upstream instead of a model: short responses, and streams of events.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Either, Full, channel::Channel};
use hyper::body::{Bytes, Incoming};
use tower::service_fn;

use crate::{BoxError, proxy::serve};

/// Path of the streams.
pub(crate) const STREAM: &str = "/v1/chat/completions/stream";

const EVENTS: usize = 40;
const BETWEEN: Duration = Duration::from_millis(25);
const EVENT: Bytes = Bytes::from_static(
    b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}\n\n",
);
const ANSWER: Bytes = Bytes::from_static(
    b"{\"choices\":[],\"usage\":{\"prompt_tokens\":512,\"completion_tokens\":40}}",
);

pub(crate) async fn start() -> Result<SocketAddr, BoxError> {
    serve(service_fn(async |request: Request<Incoming>| {
        let is_stream = request.uri().path() == STREAM;
        // If the client has disconnected, it does not get the response.
        _ = request.into_body().collect().await;
        if !is_stream {
            let mut response = Response::new(Either::Left(Full::new(ANSWER)));
            let json = HeaderValue::from_static("application/json");
            _ = response.headers_mut().try_insert(CONTENT_TYPE, json);
            return Ok::<_, Infallible>(response);
        }
        let (mut events, body) = Channel::<_, Infallible>::new(1);
        tokio::spawn(async move {
            for _ in 0..EVENTS {
                tokio::time::sleep(BETWEEN).await;
                // Fails if the client has disconnected.
                if events.send_data(EVENT).await.is_err() {
                    return;
                }
            }
        });
        let mut response = Response::new(Either::Right(body));
        let events = HeaderValue::from_static("text/event-stream");
        _ = response.headers_mut().try_insert(CONTENT_TYPE, events);
        Ok(response)
    }))
    .await
}
