//! Responses to a client if the upstream fails.

use http_body_util::BodyExt;
use relay::{Settings, serve::Server};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::support::{PROTOCOLS, ask, chat, client, json, port, text};

async fn relay_to(upstream: &TcpListener) -> Server {
    let base = format!("http://{}", upstream.local_addr().unwrap());
    let settings = Settings {
        upstream: Some(base.parse().unwrap()),
        ..Settings::default()
    };
    relay::start(port().await, &settings).unwrap()
}

/// Accepts a connection, and reads a request's head.
async fn accept(upstream: &TcpListener) -> TcpStream {
    let (mut stream, _) = upstream.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0);
    }
    stream
}

fn no_response() -> Value {
    json!({
        "error": {
            "message": "upstream: no response",
            "type": "upstream_error",
            "param": null,
            "code": "upstream_unreachable",
        },
    })
}

#[tokio::test]
async fn upstream_that_is_down_gives_502() {
    let upstream = port().await;
    let relay = relay_to(&upstream).await;
    drop(upstream);
    for protocol in PROTOCOLS {
        let response = ask(protocol, &relay, &[]).await;
        assert_eq!(response.status(), 502);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(json(response).await, no_response());
    }
}

#[tokio::test]
async fn upstream_without_valid_http_gives_502() {
    for response in [
        "",
        "220 mail.example ESMTP\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
    ] {
        let upstream = port().await;
        let relay = relay_to(&upstream).await;
        tokio::spawn(async move {
            loop {
                let mut stream = accept(&upstream).await;
                stream.write_all(response.as_bytes()).await.unwrap();
            }
        });
        for protocol in PROTOCOLS {
            let error = ask(protocol, &relay, &[]).await;
            assert_eq!(error.status(), 502, "{response}");
            assert_eq!(json(error).await, no_response());
        }
    }
}

#[tokio::test]
async fn upstream_that_closes_mid_response_fails_only_that_response() {
    for protocol in PROTOCOLS {
        let upstream = port().await;
        let relay = relay_to(&upstream).await;
        let (close, closed) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let mut stream = accept(&upstream).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(b"9\r\ndata: 1\n\n\r\n").await.unwrap();
            closed.await.unwrap();
            drop(stream);

            let mut stream = accept(&upstream).await;
            let response = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nalive";
            stream.write_all(response.as_bytes()).await.unwrap();
        });
        let client = client(protocol);
        let response = client.request(chat(&relay, &[], "{}")).await.unwrap();
        let mut body = response.into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "data: 1\n\n");
        close.send(()).unwrap();
        let end = body.frame().await.unwrap();
        assert!(
            end.is_err(),
            "{protocol:?}: the body must end with an error"
        );

        let response = client.request(chat(&relay, &[], "{}")).await.unwrap();
        assert_eq!(text(response).await, "alive");
    }
}
