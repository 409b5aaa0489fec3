//! Helpers of the advisories' tests: gateways that forward, clients with and
//! without the layer, and what a handler sees.

use axum::{Router, extract::Request};
use http::{HeaderMap, HeaderName, HeaderValue, Response, Version, header::HOST};
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tower::{
    BoxError, Layer, Service, ServiceExt,
    layer::util::Identity,
    util::{BoxCloneSyncService, MapRequestLayer},
};
use tower_metadata_headers::{Convention, Metadata, UserId};

use crate::common::{
    Body, RequestExt, VERSIONS,
    client::{client, read, send, text},
    get, lines,
    server::{Server, Upstream},
};

pub(crate) type Client = BoxCloneSyncService<http::Request<Body>, Response<Incoming>, BoxError>;

/// The usual scheme, for a vendor named Acme.
pub(crate) fn acme() -> Convention {
    Convention::vendor("acme").unwrap()
}

pub(crate) fn user(id: &str) -> Metadata {
    Metadata::new().with(UserId::try_from(id).unwrap())
}

/// A client without our layer.
pub(crate) fn bare(version: Version) -> Client {
    with(Identity::new(), version)
}

/// A client with this layer around it.
pub(crate) fn with<L>(layer: L, version: Version) -> Client
where
    L: Layer<Client>,
    L::Service: Service<http::Request<Body>, Response = Response<Incoming>, Error = BoxError>
        + Clone
        + Send
        + Sync
        + 'static,
    <L::Service as Service<http::Request<Body>>>::Future: Send,
{
    let client = client::<Body>(version).map_err(BoxError::from);
    BoxCloneSyncService::new(layer.layer(BoxCloneSyncService::new(client)))
}

/// The routes of a gateway that forwards all that it is sent to this server,
/// extensions too.
pub(crate) fn forward(client: Client, to: &Server) -> Router {
    let to = to.uri("/");
    Router::new().fallback(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let mut forwarded = http::Request::new(Body::from(body));
        *forwarded.method_mut() = parts.method;
        *forwarded.uri_mut() = to;
        *forwarded.headers_mut() = parts.headers;
        *forwarded.extensions_mut() = parts.extensions;
        forwarded.headers_mut().remove(HOST);
        let answer = client.oneshot(forwarded).await.unwrap();
        read(answer).await.map(axum::body::Body::from)
    })
}

/// Returns what an upstream gets of these lines from a gateway with this around
/// its routes and this client: the same over either version of HTTP.
pub(crate) async fn forwarded(
    around: impl Fn(Router) -> Router,
    client: impl Fn(Version) -> Client,
    sent: &[(&str, &str)],
) -> Vec<String> {
    let mut arrived = Vec::new();
    for version in VERSIONS {
        let upstream = Upstream::start().await;
        let gateway = Server::start(around(forward(client(version), &upstream))).await;
        let request = with_lines(get(&gateway.uri("/")), sent);
        send(&bare(version), request).await;
        arrived.push(lines(&upstream.take_one().headers));
    }
    assert_eq!(arrived[0], arrived[1], "HTTP/1.1 and HTTP/2");
    arrived.swap_remove(0)
}

/// Returns an app's response to these lines, which is the same over either
/// version of HTTP.
pub(crate) async fn ask(app: Router, sent: &[(&str, &str)]) -> String {
    let [one, two] = answers(app, sent).await;
    assert_eq!(one.status(), 200);
    assert_eq!(text(&one), text(&two), "HTTP/1.1 and HTTP/2");
    text(&one).to_owned()
}

/// An app's answers to these lines, over HTTP/1.1 and HTTP/2.
pub(crate) async fn answers(app: Router, sent: &[(&str, &str)]) -> [Response<Bytes>; 2] {
    let server = Server::start(app).await;
    let answer = async |version| {
        let request = with_lines(get(&server.uri("/")), sent);
        send(&bare(version), request).await
    };
    let [one, two] = VERSIONS;
    [answer(one).await, answer(two).await]
}

pub(crate) fn with_lines<B>(request: http::Request<B>, sent: &[(&str, &str)]) -> http::Request<B> {
    sent.iter()
        .fold(request, |request, (name, value)| request.line(name, value))
}

/// Returns a server's response to these bytes, with its head. They must ask it
/// to close the connection.
pub(crate) async fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// Around routes: does this to each request's headers.
pub(crate) fn edit<E>(edit: E) -> impl Fn(Router) -> Router
where
    E: Fn(&mut HeaderMap) + Clone + Send + Sync + 'static,
{
    move |routes| {
        let edit = edit.clone();
        routes.layer(MapRequestLayer::new(move |mut request: Request| {
            edit(request.headers_mut());
            request
        }))
    }
}

/// Around routes: nothing.
pub(crate) fn nothing(routes: Router) -> Router {
    routes
}

pub(crate) fn set(headers: &mut HeaderMap, name: &'static str, value: &'static str) {
    let name = HeaderName::from_static(name);
    let value = HeaderValue::from_static(value);
    headers.try_insert(name, value).unwrap();
}

/// The first line of a header, as those have it who think of one.
pub(crate) fn first(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or("none").to_owned()
}

/// A value without its percent escapes, whatever comes of it.
pub(crate) fn unescaped(value: &str) -> String {
    let mut parts = value.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (escaped, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(escaped, 16).unwrap());
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).unwrap()
}

/// A field of the metadata that our layer has left.
pub(crate) fn field(request: &Request, name: &str) -> String {
    let metadata = request.extensions().get::<Metadata>().unwrap();
    let mut fields = metadata.iter();
    let field = fields.find(|(key, _)| key.name() == name);
    field.map_or("none", |(_, value)| value.expose()).to_owned()
}

/// An app that answers with this header.
pub(crate) fn by_header(name: &'static str) -> Router {
    Router::new().fallback(async move |request: Request| first(request.headers(), name))
}

/// An app that answers with this field.
pub(crate) fn by_field(name: &'static str) -> Router {
    Router::new().fallback(async move |request: Request| field(&request, name))
}
