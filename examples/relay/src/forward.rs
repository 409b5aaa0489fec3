//! Forwarding of requests to the upstream, and of responses to the client.

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

/// Body of a response: the relay's own text, or the upstream's body.
pub(crate) type RelayBody = Either<Full<Bytes>, Recorded>;
pub(crate) type RelayResponse = Response<RelayBody>;

/// Service that sends requests to the upstream.
///
/// It changes only the headers that a proxy has to change, and `Accept-Encoding`.
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
        let is_read = [Method::GET, Method::HEAD].contains(request.method());
        if is_read && request.uri().path() == "/sessions" {
            return Ok(page::respond(&self.sessions, request.headers()).map(Either::Left));
        }
        let mut exchange = Exchange::begin(&request, Arc::clone(&self.sessions));
        let Some(request) = self.outgoing(request) else {
            exchange.rejected();
            return Ok(error_body::response(
                StatusCode::BAD_REQUEST,
                "invalid_request_error",
                "invalid_target",
                "request target: can't be relayed",
            ));
        };
        match self.client.clone().oneshot(request).await {
            Ok(response) => Ok(forward_response(response, exchange)),
            Err(error) => {
                exchange.failed(&error);
                // The client does not get the error, which may show internal
                // hosts. The operator finds it in the log.
                Ok(error_body::response(
                    StatusCode::BAD_GATEWAY,
                    "upstream_error",
                    "upstream_unreachable",
                    "upstream: no response",
                ))
            }
        }
    }

    /// Returns the request for the upstream, or `None` if its target can't be
    /// relayed.
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
        // The client sets `Host` from the URI.
        headers.remove(HOST);
        // The server has already sent `100 Continue`.
        headers.remove(EXPECT);
        // Tokens can't be read from a compressed response.
        let identity = HeaderValue::from_static("identity");
        headers.try_insert(ACCEPT_ENCODING, identity).ok()?;
        // Other extensions describe the client's connection.
        let metadata = parts.extensions.get::<Metadata>().cloned();
        outgoing
            .extensions_mut()
            .insert(metadata.unwrap_or_default());
        Some(outgoing)
    }
}

fn forward_response(response: Response<Incoming>, mut exchange: Exchange) -> RelayResponse {
    let (mut parts, body) = response.into_parts();
    exchange.answered(parts.status);
    hop_by_hop::remove(&mut parts.headers);
    // The version applies to the upstream's connection only.
    parts.version = Version::HTTP_11;
    let recorded = Recorded::new(body, &parts.headers, exchange);
    Response::from_parts(parts, Either::Right(recorded))
}

/// Request body without trailers.
///
/// Metadata in trailers is neither read nor removed. Forwarded trailers could carry
/// forged metadata to the upstream.
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

/// Returns the body's next data frame, and drops trailers.
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
