//! Relays, upstreams and clients for the tests.

use std::convert::Infallible;

use axum::Router;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request, Response, header::CONTENT_TYPE, request::Parts};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connect, HttpConnector},
    },
    rt::TokioExecutor,
};
use relay::{
    Settings,
    base_url::BaseUrl,
    keys::Keys,
    serve::{Server, serve},
    settings::Route,
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc};
use tower::service_fn;
use tower_metadata_headers::conventions;

/// HTTP version between a client and the relay.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

pub(crate) const PROTOCOLS: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

pub(crate) fn client<B>(protocol: Protocol) -> Client<HttpConnector, B>
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    client_over(HttpConnector::new(), protocol)
}

pub(crate) fn client_over<C, B>(connector: C, protocol: Protocol) -> Client<C, B>
where
    C: Connect + Clone,
    B: Body + Send,
    B::Data: Send,
{
    Client::builder(TokioExecutor::new())
        .http2_only(matches!(protocol, Protocol::Http2))
        .build(connector)
}

pub(crate) async fn port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Starts a relay to this upstream with the default settings.
pub(crate) async fn relay(upstream: &Server) -> Server {
    relay_with(upstream, Settings::default()).await
}

pub(crate) async fn relay_with(upstream: &Server, mut settings: Settings) -> Server {
    settings.upstream = Some(base_url(upstream));
    relay::start(port().await, &settings).unwrap()
}

/// Starts a relay to the upstreams of these routes alone.
pub(crate) async fn relay_by(routes: Vec<Route>) -> Server {
    let settings = Settings {
        routes,
        ..Settings::default()
    };
    relay::start(port().await, &settings).unwrap()
}

pub(crate) fn base_url(server: &Server) -> BaseUrl {
    BaseUrl::http(server.address()).unwrap()
}

/// Returns a route of all requests to these servers.
pub(crate) fn route(name: &str, urls: Vec<BaseUrl>) -> Route {
    Route {
        name: name.into(),
        urls,
        send_as: conventions::litellm(),
        paths: Vec::new(),
        models: Vec::new(),
        key: None,
    }
}

/// Starts an upstream that responds with `{}`, and sends each request and its
/// trailers to the test.
pub(crate) async fn witness() -> (Server, mpsc::UnboundedReceiver<(Parts, Option<HeaderMap>)>) {
    let (sender, requests) = mpsc::unbounded_channel();
    let service = service_fn(move |request: Request<Incoming>| {
        let sender = sender.clone();
        async move {
            let (parts, body) = request.into_parts();
            let trailers = body.collect().await.unwrap().trailers().cloned();
            sender.send((parts, trailers)).unwrap();
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"{}"))))
        }
    });
    (serve(port().await, service).unwrap(), requests)
}

pub(crate) type Events = mpsc::Sender<&'static str>;

/// Returns a body with the events that the channel receives.
fn events(channel: mpsc::Receiver<&'static str>) -> axum::body::Body {
    axum::body::Body::from_stream(stream::unfold(channel, async |mut channel| {
        let event = channel.recv().await?;
        Some((Ok::<_, Infallible>(event), channel))
    }))
}

/// Starts an upstream that sends each response's event sender to the test.
///
/// It reads the request first, because hyper does not notice the end of a
/// connection behind unread bytes.
pub(crate) async fn controlled_upstream() -> (Server, mpsc::UnboundedReceiver<Events>) {
    let (responses, received) = mpsc::unbounded_channel();
    let respond = async move |_: Bytes| {
        let (sender, receiver) = mpsc::channel(1);
        responses.send(sender).unwrap();
        ([(CONTENT_TYPE, "text/event-stream")], events(receiver))
    };
    let router = Router::new().fallback(respond);
    (serve(port().await, router).unwrap(), received)
}

/// Returns a chat request with these headers.
pub(crate) fn chat(
    server: &Server,
    headers: &[(&'static str, &str)],
    body: impl Into<Bytes>,
) -> Request<Full<Bytes>> {
    let uri = format!("http://{}/v1/chat/completions", server.address());
    let request = Request::post(uri).header("content-type", "application/json");
    headers
        .iter()
        .fold(request, |request, (name, value)| {
            request.header(*name, *value)
        })
        .body(Full::new(body.into()))
        .unwrap()
}

/// Returns a body whose trailers contain a session.
pub(crate) fn body_with_trailers() -> impl Body<Data = Bytes, Error = Infallible> + Send {
    let trailers = HeaderMap::from_iter([(
        "x-litellm-session-id".parse().unwrap(),
        HeaderValue::from_static("smuggled"),
    )]);
    let frames = [
        Frame::data(Bytes::from_static(b"{}")),
        Frame::trailers(trailers),
    ];
    StreamBody::new(stream::iter(frames.map(Ok)))
}

/// Sends a chat request with these headers, and returns the response.
pub(crate) async fn ask(
    protocol: Protocol,
    server: &Server,
    headers: &[(&'static str, &str)],
) -> Response<Incoming> {
    let request = chat(server, headers, "{}");
    client(protocol).request(request).await.unwrap()
}

/// Sends `GET` without headers, and returns the response.
pub(crate) async fn get(server: &Server, path: &str) -> Response<Incoming> {
    let uri = format!("http://{}{path}", server.address());
    let client = client::<Full<Bytes>>(Protocol::Http1);
    client.get(uri.parse().unwrap()).await.unwrap()
}

pub(crate) async fn text(response: Response<Incoming>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

pub(crate) async fn json(response: Response<Incoming>) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

/// Returns the JSON of `GET /sessions`.
pub(crate) async fn sessions(relay: &Server) -> Value {
    json(get(relay, "/sessions").await).await
}

/// Returns the headers that belong to any convention as sorted `name: value`
/// lines.
pub(crate) fn metadata(headers: &HeaderMap) -> Vec<String> {
    let mut others = headers.clone();
    for convention in conventions::all() {
        convention.remove_from(&mut others);
    }
    let mut lines: Vec<String> = headers
        .iter()
        .filter(|(name, _)| !others.contains_key(*name))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    lines
}

/// Returns settings with the keys of the example file.
pub(crate) fn keyed() -> Settings {
    let keys = Keys::parse(include_str!("../../keys.example.toml"));
    Settings {
        keys: Some(keys.unwrap()),
        ..Settings::default()
    }
}
