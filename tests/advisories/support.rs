//! Helpers of the advisories' tests: gateways that forward, and clients with
//! and without the layer.

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

/// Returns the convention of the vendor Acme.
pub(crate) fn acme() -> Convention {
    Convention::vendor("acme").unwrap()
}

pub(crate) fn user(id: &str) -> Metadata {
    Metadata::new().with(UserId::try_from(id).unwrap())
}

/// Returns a client without our layer.
pub(crate) fn bare(version: Version) -> Client {
    with(Identity::new(), version)
}

/// Returns a client with this layer around it.
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

/// Returns the routes of a gateway that forwards each request to this server,
/// with its extensions.
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

/// Returns the lines that an upstream receives if a gateway forwards these
/// lines. The gateway has this function around its routes, and this client.
/// Both versions of HTTP must give the same lines.
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

/// Returns an app's response to these lines. Both versions of HTTP must give
/// the same response.
pub(crate) async fn ask(app: Router, sent: &[(&str, &str)]) -> String {
    let [one, two] = answers(app, sent).await;
    assert_eq!(one.status(), 200);
    assert_eq!(text(&one), text(&two), "HTTP/1.1 and HTTP/2");
    text(&one).to_owned()
}

/// Returns an app's responses to these lines over HTTP/1.1 and HTTP/2.
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

/// Returns a server's response to these bytes, with its head. The request must
/// ask the server to close the connection.
pub(crate) async fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// Returns a function that wraps routes, and edits each request's headers.
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

/// Returns the routes unchanged.
pub(crate) fn nothing(routes: Router) -> Router {
    routes
}

pub(crate) fn set(headers: &mut HeaderMap, name: &'static str, value: &'static str) {
    let name = HeaderName::from_static(name);
    let value = HeaderValue::from_static(value);
    headers.try_insert(name, value).unwrap();
}

/// Returns the first line of a header, as code does that expects only one.
pub(crate) fn first(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or("none").to_owned()
}

/// Decodes the percent escapes of a value, without a check of the result.
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

/// Returns a field of the metadata in the request's extensions.
pub(crate) fn field(request: &Request, name: &str) -> String {
    let metadata = request.extensions().get::<Metadata>().unwrap();
    let mut fields = metadata.iter();
    let field = fields.find(|(key, _)| key.name() == name);
    field.map_or("none", |(_, value)| value.expose()).to_owned()
}

/// Returns an app that responds with this header.
pub(crate) fn by_header(name: &'static str) -> Router {
    Router::new().fallback(async move |request: Request| first(request.headers(), name))
}

/// Returns an app that responds with this field.
pub(crate) fn by_field(name: &'static str) -> Router {
    Router::new().fallback(async move |request: Request| field(&request, name))
}
