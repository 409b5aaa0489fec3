//! Requests that crash a server with a panic.

use axum::{Extension, Router, extract::Request};
use http::{HeaderValue, Version};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tower::ServiceExt;
use tower_metadata_headers::{MetadataHeadersLayer, conventions};

use crate::{
    common::{VERSIONS, append, get, metadata, server::Server, zoo},
    support::{bare, field},
};

/// Maximum number of names in a `HeaderMap`.
const FULL: usize = 24_576;

/// Serves one connection, with a higher limit of headers than hyper's default.
async fn serve_many(app: Router) -> (TcpStream, JoinHandle<hyper::Result<()>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let app = app.map_request(|request: http::Request<_>| request.map(axum::body::Body::new));
    let serving = http1::Builder::new()
        .max_headers(FULL)
        .max_buf_size(1 << 22)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    (client, tokio::spawn(serving))
}

/// Returns the response to a request with the maximum number of headers, and
/// true if the server panicked.
async fn ask_full(app: Router) -> (String, bool) {
    let (mut client, serving) = serve_many(app).await;
    let mut request = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n".to_vec();
    for number in 2..FULL {
        request.extend(format!("x-other-{number}: 1\r\n").bytes());
    }
    request.extend(b"\r\n");
    client.write_all(&request).await.unwrap();
    let mut answer = String::new();
    _ = client.read_to_string(&mut answer).await;
    (answer, serving.await.is_err())
}

/// One header more than the maximum of a map was a panic in h2 that any peer
/// could cause (hyperium/h2, `Headers::load_hpack`). It is still a panic in
/// every `HeaderMap::insert`.
#[tokio::test]
async fn h2_full_map_one_header_more_is_no_panic() {
    let naive = Router::new().fallback(async |mut request: Request| {
        let value = HeaderValue::from_static("ses_1");
        #[expect(clippy::disallowed_methods, reason = "this is the panic")]
        request.headers_mut().insert("x-zoo-session-id", value);
    });
    let (answer, panicked) = ask_full(naive).await;
    assert_eq!((answer.as_str(), panicked), ("", true));

    let handler = async |request: Request| request.headers().keys_len().to_string();
    let ours = Router::new()
        .fallback(handler)
        .layer(MetadataHeadersLayer::inject(zoo()))
        .layer(Extension(metadata()))
        .layer(MetadataHeadersLayer::extract(conventions::clients()).strip());
    let (answer, panicked) = ask_full(ours).await;
    assert!(answer.ends_with(&format!("\r\n\r\n{FULL}")), "{answer}");
    assert!(!panicked);
}

/// Returns true if a server responds to these lines over either version.
async fn is_answered(app: Router, sent: &[(&str, &[u8])]) -> bool {
    let server = Server::start(app).await;
    let mut answered = Vec::new();
    for version in VERSIONS {
        answered.push(is_answered_over(version, &server, sent).await);
    }
    assert_eq!(answered[0], answered[1], "HTTP/1.1 and HTTP/2");
    answered[0]
}

async fn is_answered_over(version: Version, server: &Server, sent: &[(&str, &[u8])]) -> bool {
    let mut request = get(&server.uri("/"));
    for (name, value) in sent {
        append(request.headers_mut(), name, value);
    }
    let answer = bare(version).oneshot(request).await;
    answer.is_ok_and(|answer| answer.status() == 200)
}

/// Reads every value as text, and panics if one is not ASCII.
async fn unwraps(request: Request) -> String {
    let values = request.headers().values();
    values.map(|value| value.to_str().unwrap()).collect()
}

/// One byte beyond ASCII in a header crashed Legba, which read every value as
/// text (evilsocket/legba#98).
#[tokio::test]
async fn legba_pr_98_a_byte_beyond_ascii_is_no_panic() {
    let naive = Router::new().fallback(unwraps);
    let ours = Router::new()
        .fallback(async |request: Request| field(&request, "session-id"))
        .layer(MetadataHeadersLayer::extract(conventions::clients()));
    for byte in [0x80, 0xa0, 0xc3, 0xfe, 0xff] {
        let value: &[u8] = &[b'a', byte, b'b'];
        for name in [
            "x-zoo-session-id",
            "x-zoo-mode",
            "baggage",
            "x-litellm-tags",
            "user-agent",
        ] {
            let sent = [(name, value)];
            assert!(!is_answered(naive.clone(), &sent).await, "control");
            assert!(is_answered(ours.clone(), &sent).await, "{name}, {byte:x}");
        }
    }
}

/// Tide panicked if the first line was not ASCII, and later if the second line
/// was not (http-rs/tide#853).
#[tokio::test]
async fn tide_issue_853_second_line_that_is_not_ascii_is_no_panic() {
    let naive = Router::new().fallback(unwraps);
    let ours = Router::new()
        .fallback(async |request: Request| field(&request, "session-id"))
        .layer(MetadataHeadersLayer::extract(conventions::clients()));
    let value: &[u8] = "тест".as_bytes();
    let sent = [
        ("x-zoo-session-id", b"test".as_slice()),
        ("x-zoo-session-id", value),
    ];
    assert!(!is_answered(naive, &sent).await, "control");
    assert!(is_answered(ours, &sent).await);
}
