//! Sending requests on, and their answers back.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{
    HeaderValue, Method, Request, Response, StatusCode, Version,
    header::{ACCEPT_ENCODING, EXPECT, HOST},
};
use http_body_util::{Either, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tower::ServiceExt;
use tower_metadata_headers::Metadata;

use super::{
    base_url::BaseUrl,
    client::UpstreamClient,
    error_body,
    exchange::{Exchange, Recorded},
    hop_by_hop, page,
    sessions::Sessions,
};

/// What the relay answers: a text of its own, or the upstream's body.
pub(crate) type RelayBody = Either<Full<Bytes>, Recorded>;
pub(crate) type RelayResponse = Response<RelayBody>;

/// Sends requests to the upstream, with no header changed but those that must.
pub(crate) struct Forward {
    upstream: BaseUrl,
    client: UpstreamClient,
    sessions: Arc<Sessions>,
}

impl Forward {
    pub(crate) fn new(upstream: BaseUrl, client: UpstreamClient) -> Self {
        Self {
            upstream,
            client,
            sessions: Arc::default(),
        }
    }

    pub(crate) async fn request(
        &self,
        request: Request<Incoming>,
    ) -> Result<RelayResponse, Infallible> {
        let reads = [Method::GET, Method::HEAD].contains(request.method());
        if reads && request.uri().path() == "/sessions" {
            return Ok(page::respond(&self.sessions, request.headers()).map(Either::Left));
        }
        let mut exchange = Exchange::begin(&request, Arc::clone(&self.sessions));
        let Some(request) = self.outgoing(request) else {
            exchange.refused();
            return Ok(error_body::response(
                StatusCode::BAD_REQUEST,
                "invalid_request_error",
                "invalid_target",
                "The relay can't send a request to this target.",
            ));
        };
        match self.client.clone().oneshot(request).await {
            Ok(response) => Ok(answer(response, exchange)),
            Err(error) => {
                exchange.failed(&error);
                // What went wrong is the operator's to know: it is in the log.
                Ok(error_body::response(
                    StatusCode::BAD_GATEWAY,
                    "upstream_error",
                    "upstream_unreachable",
                    "The relay got no answer from its upstream.",
                ))
            }
        }
    }

    /// The request as the upstream is to get it; `None` if its target is none
    /// that can be relayed.
    fn outgoing(&self, request: Request<Incoming>) -> Option<Request<DataOnly>> {
        let (parts, body) = request.into_parts();
        if parts.method == Method::CONNECT {
            return None;
        }
        let mut outgoing = Request::new(DataOnly(body));
        *outgoing.method_mut() = parts.method;
        *outgoing.uri_mut() = self.upstream.join(&parts.uri).ok()?;
        let headers = outgoing.headers_mut();
        *headers = parts.headers;
        // The client makes a new one from the URI.
        headers.remove(HOST);
        // The relay has answered it already.
        headers.remove(EXPECT);
        // So that the tokens in the answer can be read.
        let plain = HeaderValue::from_static("identity");
        headers.try_insert(ACCEPT_ENCODING, plain).ok()?;
        // No other extension goes along: each is about this connection.
        let metadata = parts.extensions.get::<Metadata>().cloned();
        outgoing
            .extensions_mut()
            .insert(metadata.unwrap_or_default());
        Some(outgoing)
    }
}

fn answer(response: Response<Incoming>, mut exchange: Exchange) -> RelayResponse {
    let (mut parts, body) = response.into_parts();
    exchange.answered(parts.status);
    hop_by_hop::remove(&mut parts.headers);
    // The version is each connection's own.
    parts.version = Version::HTTP_11;
    let recorded = Recorded::new(body, &parts.headers, exchange);
    Response::from_parts(parts, Either::Right(recorded))
}

/// A body without its trailers, in which a client could hide metadata that
/// nobody has read or removed.
#[derive(Debug)]
pub(crate) struct DataOnly(Incoming);

impl Body for DataOnly {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        data_only(&mut self.0, context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// The body's next frame that is not its trailers.
pub(crate) fn data_only(
    body: &mut Incoming,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
    loop {
        match std::task::ready!(Pin::new(&mut *body).poll_frame(context)) {
            Some(Ok(frame)) if !frame.is_data() => {}
            frame => return Poll::Ready(frame),
        }
    }
}
