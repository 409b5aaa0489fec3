//! Forwarding of requests to the upstream, and of responses to the client.

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use http::{
    HeaderValue, Method, Request, Response, Version,
    header::{ACCEPT_ENCODING, AUTHORIZATION, EXPECT, HOST},
    request::Parts,
};
use http_body_util::{Either, Full};
use hyper::body::{Body, Bytes, Incoming};
use serde::Deserialize;
use tokio::{sync::Semaphore, time::timeout};
use tower::ServiceExt;
use tower_metadata_headers::Metadata;

use super::{
    client::UpstreamClient,
    data_body::DataBody,
    exchange::{Exchange, Recorded},
    hop_by_hop,
    metrics::Metrics,
    outgoing_body::OutgoingBody,
    page,
    refusal::Refusal,
    serve::places,
    sessions::Sessions,
    settings::{Limits, Route, Settings},
    telemetry::Telemetry,
};

/// Body of a response: the relay's own text, or the upstream's body.
pub(crate) type RelayBody = Either<Full<Bytes>, Recorded>;
pub(crate) type RelayResponse = Response<RelayBody>;

/// Service that sends requests to their upstream.
///
/// It changes only the headers that a proxy has to change, `Accept-Encoding`, and the
/// credentials that are the relay's.
pub(crate) struct Forward {
    /// In the order in which they are asked for a request.
    upstreams: Vec<Upstream>,
    sessions: Arc<Sessions>,
    metrics: Arc<Metrics>,
    telemetry: Option<Telemetry>,
    limits: Limits,
    /// Places of requests.
    places: Arc<Semaphore>,
    /// Places of bytes that are read before they are sent.
    buffer: Arc<Semaphore>,
    /// True if the client's credentials are the relay's, and not an upstream's.
    has_keys: bool,
}

/// Upstream with the requests that it takes.
pub(crate) struct Upstream {
    pub(crate) route: Route,
    pub(crate) client: UpstreamClient,
}

impl Forward {
    pub(crate) fn new(
        upstreams: Vec<Upstream>,
        metrics: Arc<Metrics>,
        settings: &Settings,
    ) -> Self {
        let limits = settings.limits;
        Self {
            upstreams,
            sessions: Arc::default(),
            metrics,
            limits,
            places: places(limits.requests),
            buffer: places(limits.buffered_bytes),
            telemetry: settings.telemetry.clone(),
            has_keys: settings.keys.is_some(),
        }
    }

    pub(crate) async fn request(
        &self,
        request: Request<Incoming>,
    ) -> Result<RelayResponse, Infallible> {
        match page(&request) {
            Some(Page::Sessions) => {
                let response = page::respond(&self.sessions, &request);
                return Ok(response.map(Either::Left));
            }
            Some(Page::Metrics) => return Ok(self.metrics.respond().map(Either::Left)),
            None => {}
        }
        let (sessions, metrics) = (Arc::clone(&self.sessions), Arc::clone(&self.metrics));
        let telemetry = self.telemetry.as_ref();
        let mut exchange = Exchange::begin(&request, sessions, metrics, telemetry);
        Ok(match self.exchange(request, &mut exchange).await {
            Ok((response, after)) => self.response(response, after, exchange),
            Err(refusal) => {
                exchange.refused(refusal);
                refusal.response()
            }
        })
    }

    async fn exchange(
        &self,
        request: Request<Incoming>,
        exchange: &mut Exchange,
    ) -> Result<(Response<Incoming>, Duration), Refusal> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        exchange.hold(place.map_err(|_| Refusal::OVERLOADED)?);
        if request.body().size_hint().lower() > self.limits.body_bytes {
            return Err(Refusal::TOO_LARGE);
        }
        let (parts, body) = request.into_parts();
        let (model, body) = self.model(&parts, body).await?;
        let upstream = self
            .upstreams
            .iter()
            .find(|upstream| upstream.route.takes(parts.uri.path(), model.as_deref()))
            .ok_or(Refusal::NO_UPSTREAM)?;
        exchange.names_model(model.as_deref());
        let mut outgoing = self.outgoing(parts, upstream).ok_or(Refusal::TARGET)?;
        exchange.sent_to(Arc::clone(&upstream.route.name), &mut outgoing.headers);
        self.send(outgoing, &body, upstream, exchange).await
    }

    /// Returns the model that a request names, and the request's body. The body is read only
    /// if an upstream takes some models.
    async fn model(
        &self,
        parts: &Parts,
        body: Incoming,
    ) -> Result<(Option<String>, OutgoingBody), Refusal> {
        let body = DataBody::new(body, self.limits.serve.body);
        let body = OutgoingBody::streamed(body, self.limits.body_bytes);
        let any = self
            .upstreams
            .iter()
            .any(|upstream| !upstream.route.models.is_empty());
        if !any || parts.method != Method::POST {
            return Ok((None, body));
        }
        let bytes = body.read(&self.buffer).await?;
        // Any other body is for an upstream that takes any model.
        let model = serde_json::from_slice(&bytes)
            .ok()
            .map(|Model { model }| model);
        Ok((model, OutgoingBody::whole(bytes)))
    }

    /// Returns the request's parts for an upstream, or `None` if its target can't be relayed.
    fn outgoing(&self, mut parts: Parts, upstream: &Upstream) -> Option<Parts> {
        if parts.method == Method::CONNECT {
            return None;
        }
        // The version applies to the client's connection only.
        parts.version = Version::HTTP_11;
        let headers = &mut parts.headers;
        // The client sets `Host` from the URI.
        headers.remove(HOST);
        // The server has already sent `100 Continue`.
        headers.remove(EXPECT);
        // Tokens can't be read from a compressed response.
        let identity = HeaderValue::from_static("identity");
        headers.try_insert(ACCEPT_ENCODING, identity).ok()?;
        let key = &upstream.route.key;
        if self.has_keys || key.is_some() {
            headers.remove(AUTHORIZATION);
            headers.remove("x-api-key");
        }
        if let Some((name, value)) = key {
            headers.try_insert(name, value.clone()).ok()?;
        }
        // Other extensions describe the client's connection.
        let metadata = parts.extensions.remove::<Metadata>();
        parts.extensions.clear();
        parts.extensions.insert(metadata.unwrap_or_default());
        Some(parts)
    }

    /// Sends a request to the first server of an upstream that accepts a connection. Returns
    /// its response, and the time that the server took to answer.
    async fn send(
        &self,
        parts: Parts,
        body: &OutgoingBody,
        upstream: &Upstream,
        exchange: &mut Exchange,
    ) -> Result<(Response<Incoming>, Duration), Refusal> {
        let mut unsent = Some(parts);
        let mut urls = upstream.route.urls.iter().peekable();
        while let (Some(url), Some(mut parts)) = (urls.next(), unsent.take()) {
            // Most upstreams have one server, for which nothing is copied.
            unsent = urls.peek().map(|_| parts.clone());
            parts.uri = url.join(&parts.uri).map_err(|_| Refusal::TARGET)?;
            let request = Request::from_parts(parts, body.clone());
            let sent = Instant::now();
            let response = upstream.client.clone().oneshot(request);
            match timeout(self.limits.response, response).await {
                Ok(Ok(response)) => return Ok((response, sent.elapsed())),
                Ok(Err(error)) => {
                    if let Some(refusal) = body.refusal() {
                        return Err(refusal);
                    }
                    // The client does not get the error, which may show internal hosts. The
                    // operator finds it in the log.
                    exchange.failed(&error);
                    // Only then has no server seen the request, and the body is whole.
                    if !error.is_connect() {
                        break;
                    }
                }
                Err(_) => return Err(Refusal::TIMEOUT),
            }
        }
        Err(Refusal::UNREACHABLE)
    }

    fn response(
        &self,
        response: Response<Incoming>,
        after: Duration,
        mut exchange: Exchange,
    ) -> RelayResponse {
        let (mut parts, body) = response.into_parts();
        exchange.answered(parts.status, after);
        hop_by_hop::remove(&mut parts.headers);
        // The version applies to the upstream's connection only.
        parts.version = Version::HTTP_11;
        let body = DataBody::new(body, self.limits.serve.body);
        let recorded = Recorded::new(body, &parts.headers, exchange);
        Response::from_parts(parts, Either::Right(recorded))
    }
}

/// Returns true if a request is for a page that shows what others do.
pub(crate) fn is_for_operator<B>(request: &Request<B>) -> bool {
    page(request).is_some()
}

enum Page {
    Sessions,
    Metrics,
}

fn page<B>(request: &Request<B>) -> Option<Page> {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return None;
    }
    match request.uri().path() {
        "/sessions" => Some(Page::Sessions),
        "/metrics" => Some(Page::Metrics),
        _ => None,
    }
}

/// The part of a request's body that selects the upstream.
#[derive(Deserialize)]
struct Model {
    model: String,
}
