//! Upstreams that fail.

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

/// Takes a connection, and reads a request's head.
async fn accept(upstream: &TcpListener) -> TcpStream {
    let (mut stream, _) = upstream.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0);
    }
    stream
}

fn no_answer() -> Value {
    json!({
        "error": {
            "message": "The relay got no answer from its upstream.",
            "type": "upstream_error",
            "param": null,
            "code": "upstream_unreachable",
        },
    })
}

#[tokio::test]
async fn no_upstream_is_a_502() {
    let upstream = port().await;
    let relay = relay_to(&upstream).await;
    drop(upstream);
    for protocol in PROTOCOLS {
        let response = ask(protocol, &relay, &[]).await;
        assert_eq!(response.status(), 502);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(json(response).await, no_answer());
    }
}

#[tokio::test]
async fn an_upstream_that_speaks_no_http_is_a_502() {
    for nonsense in [
        "",
        "220 mail.example ESMTP\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
    ] {
        let upstream = port().await;
        let relay = relay_to(&upstream).await;
        tokio::spawn(async move {
            loop {
                let mut stream = accept(&upstream).await;
                stream.write_all(nonsense.as_bytes()).await.unwrap();
            }
        });
        for protocol in PROTOCOLS {
            let response = ask(protocol, &relay, &[]).await;
            assert_eq!(response.status(), 502, "{nonsense}");
            assert_eq!(json(response).await, no_answer());
        }
    }
}

#[tokio::test]
async fn an_upstream_that_dies_breaks_its_own_answer_off_and_no_other() {
    for protocol in PROTOCOLS {
        let upstream = port().await;
        let relay = relay_to(&upstream).await;
        let (die, dies) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let mut stream = accept(&upstream).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(b"9\r\ndata: 1\n\n\r\n").await.unwrap();
            dies.await.unwrap();
            drop(stream);

            let mut stream = accept(&upstream).await;
            let whole = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nalive";
            stream.write_all(whole.as_bytes()).await.unwrap();
        });
        let client = client(protocol);
        let response = client.request(chat(&relay, &[], "{}")).await.unwrap();
        let mut body = response.into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "data: 1\n\n");
        die.send(()).unwrap();
        let end = body.frame().await.unwrap();
        assert!(end.is_err(), "{protocol:?}: it must not look whole");

        let response = client.request(chat(&relay, &[], "{}")).await.unwrap();
        assert_eq!(text(response).await, "alive");
    }
}
