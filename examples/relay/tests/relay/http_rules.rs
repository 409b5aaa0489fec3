//! Rules of HTTP for intermediaries.

use std::convert::Infallible;

use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use relay::{
    Settings,
    base_url::BaseUrl,
    serve::{Server, serve},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::service_fn;
use tower_metadata_headers::conventions;

use crate::support::{
    PROTOCOLS, Protocol, ask, body_with_trailers, client, metadata, port, relay, text, witness,
};

/// Sends these bytes, and reads until the server closes the connection.
async fn raw(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn hop_by_hop_headers_of_a_request_are_removed() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    let request = "GET /v1/models HTTP/1.1\r\n\
        Host: relay.internal\r\n\
        Connection: X-One , keep-alive,\r\n\
        CONNECTION: close,x-TWO,, bad name\r\n\
        X-One: 1\r\n\
        X-Two: 2\r\n\
        X-Three: 3\r\n\
        Keep-Alive: timeout=5\r\n\
        Proxy-Connection: keep-alive\r\n\
        Proxy-Authorization: Basic c2VjcmV0\r\n\
        TE: trailers\r\n\
        Trailer: x-sum\r\n\
        Upgrade: websocket\r\n\
        Authorization: Bearer key\r\n\r\n";
    for server in [&upstream, &relay] {
        let response = raw(server, request).await;
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    }
    let (control, _) = requests.recv().await.unwrap();
    let (got, _) = requests.recv().await.unwrap();
    for name in [
        "connection",
        "x-one",
        "x-two",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "te",
        "trailer",
        "upgrade",
    ] {
        assert!(control.headers.contains_key(name), "the control: {name}");
        assert!(!got.headers.contains_key(name), "{name}");
    }
    assert_eq!(got.headers["x-three"], "3");
    assert_eq!(got.headers["authorization"], "Bearer key");
    assert_eq!(got.headers["host"], upstream.address().to_string());
    assert_eq!(got.headers.get_all("host").iter().count(), 1);
}

#[tokio::test]
async fn hop_by_hop_headers_of_a_response_are_removed() {
    let service = service_fn(async |_: Request<Incoming>| {
        let mut response = Response::new(Full::new(Bytes::from_static(b"short and stout")));
        *response.status_mut() = http::StatusCode::IM_A_TEAPOT;
        *response.headers_mut() = HeaderMap::from_iter([
            (http::header::CONNECTION, HeaderValue::from_static("x-one")),
            (http::header::CONNECTION, HeaderValue::from_static("X-Two")),
            (http::header::UPGRADE, HeaderValue::from_static("h2c")),
            ("x-one".parse().unwrap(), HeaderValue::from_static("1")),
            ("x-two".parse().unwrap(), HeaderValue::from_static("2")),
            (
                "keep-alive".parse().unwrap(),
                HeaderValue::from_static("timeout=5"),
            ),
            (
                "x-ratelimit-remaining".parse().unwrap(),
                HeaderValue::from_static("59"),
            ),
            (
                "set-cookie".parse().unwrap(),
                HeaderValue::from_static("a=1"),
            ),
            (
                "set-cookie".parse().unwrap(),
                HeaderValue::from_static("b=2"),
            ),
        ]);
        Ok::<_, Infallible>(response)
    });
    let upstream = serve(port().await, service).unwrap();
    let control = ask(Protocol::Http1, &upstream, &[]).await;
    assert_eq!(control.headers()["x-one"], "1");

    let relay = relay(&upstream).await;
    for protocol in PROTOCOLS {
        let response = ask(protocol, &relay, &[]).await;
        assert_eq!(response.status(), 418);
        for name in ["connection", "upgrade", "x-one", "x-two", "keep-alive"] {
            assert!(
                !response.headers().contains_key(name),
                "{name}, {protocol:?}"
            );
        }
        assert_eq!(response.headers()["x-ratelimit-remaining"], "59");
        let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert_eq!(text(response).await, "short and stout");
    }
}

/// The relay's header is written after nominated headers are removed, so a client
/// can remove only headers of its own.
#[tokio::test]
async fn connection_that_nominates_the_relays_header_does_not_remove_it() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    let request = |nominated: &str| {
        format!(
            "GET /v1/models HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\
             Connection: {nominated}\r\nX-Claude-Code-Session-Id: 7f3b0a52-session\r\n\r\n"
        )
    };
    raw(&relay, &request("X-LiteLLM-Session-Id")).await;
    let (got, _) = requests.recv().await.unwrap();
    assert_eq!(
        metadata(&got.headers),
        ["x-litellm-session-id: 7f3b0a52-session"]
    );

    raw(&relay, &request("x-claude-code-session-id")).await;
    let (got, _) = requests.recv().await.unwrap();
    assert!(
        metadata(&got.headers).is_empty(),
        "the session is nominated, and so removed"
    );
}

#[tokio::test]
async fn trailers_of_a_request_are_not_forwarded() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    for protocol in PROTOCOLS {
        for server in [&upstream, &relay] {
            let uri = format!("http://{}/v1/chat/completions", server.address());
            let request = Request::post(uri)
                .header("trailer", "x-litellm-session-id")
                .body(body_with_trailers())
                .unwrap();
            client(protocol).request(request).await.unwrap();
        }
        let (_, control) = requests.recv().await.unwrap();
        assert_eq!(control.unwrap()["x-litellm-session-id"], "smuggled");
        let (_, trailers) = requests.recv().await.unwrap();
        assert_eq!(trailers, None, "{protocol:?}");
    }
}

#[tokio::test]
async fn request_keeps_method_path_and_query_below_the_upstreams_path() {
    let (upstream, mut requests) = witness().await;
    let base = format!("http://{}/api/", upstream.address());
    let settings = Settings {
        upstream: Some(base.parse().unwrap()),
        send_as: conventions::openrouter(),
        ..Settings::default()
    };
    let relay = relay::start(port().await, &settings).unwrap();
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let uri = format!("http://{}/v1/files/a%2Fb?limit=2&after=x", relay.address());
        let request = Request::builder().method(&method).uri(uri);
        let request = request.body(Full::<Bytes>::default()).unwrap();
        client(Protocol::Http1).request(request).await.unwrap();
        let (got, _) = requests.recv().await.unwrap();
        assert_eq!(got.method, method);
        assert_eq!(got.uri, "/api/v1/files/a%2Fb?limit=2&after=x");
    }
}

#[tokio::test]
async fn only_get_sessions_is_answered_by_the_relay() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    for (method, path) in [
        (Method::POST, "/sessions"),
        (Method::GET, "/sessions/"),
        (Method::GET, "/v1/sessions"),
        (Method::GET, "/"),
    ] {
        let uri = format!("http://{}{path}", relay.address());
        let request = Request::builder().method(&method).uri(uri);
        let request = request.body(Full::<Bytes>::default()).unwrap();
        client(Protocol::Http1).request(request).await.unwrap();
        let (got, _) = requests.recv().await.unwrap();
        assert_eq!((got.method, got.uri.path()), (method, path));
    }
}

#[tokio::test]
async fn connect_request_is_rejected() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    let request =
        "CONNECT evil.internal:443 HTTP/1.1\r\nHost: evil.internal\r\nConnection: close\r\n\r\n";
    let response = raw(&relay, request).await;
    assert!(response.starts_with("HTTP/1.1 400"), "{response}");
    assert!(requests.try_recv().is_err());
}

/// The relay ignores the authority of a request's target.
#[tokio::test]
async fn absolute_target_of_another_host_goes_to_the_upstream() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    let request = "GET http://evil.internal/v1/models HTTP/1.1\r\nHost: evil.internal\r\nConnection: close\r\n\r\n";
    raw(&relay, request).await;
    let (got, _) = requests.recv().await.unwrap();
    assert_eq!(got.uri, "/v1/models");
    assert_eq!(got.headers["host"], upstream.address().to_string());
}

#[tokio::test]
async fn response_to_head_has_no_body() {
    let upstream = relay::upstream::start("127.0.0.1:0").await.unwrap();
    let relay = relay(&upstream).await;
    let uri = format!("http://{}/v1/models", relay.address());
    let request = Request::head(uri).body(Full::<Bytes>::default()).unwrap();
    let response = client(Protocol::Http1).request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_ne!(response.headers()["content-length"], "0");
    let body = response.into_body().collect().await.unwrap();
    assert!(body.to_bytes().is_empty());
}

#[test]
fn upstream_url_that_is_invalid_is_an_error() {
    for text in [
        "localhost:4000",
        "ftp://localhost",
        "http://user:key@localhost",
        "http://localhost/?key=1",
        "http://",
        "/v1",
    ] {
        assert!(text.parse::<BaseUrl>().is_err(), "{text}");
    }
    let base: BaseUrl = "https://openrouter.ai/api/".parse().unwrap();
    assert_eq!(base.to_string(), "https://openrouter.ai/api");
}
