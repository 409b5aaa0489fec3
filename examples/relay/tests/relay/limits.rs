//! Limits and timeouts, and the way to stop.

use std::{convert::Infallible, sync::Arc, time::Duration};

use futures_util::stream;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use relay::{
    Settings,
    serve::{Server, serve},
    settings::Limits,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, mpsc},
};
use tower::service_fn;

use crate::support::{PROTOCOLS, Protocol, ask, client, json, port, relay_with, text, witness};

fn limited(limits: Limits) -> Settings {
    Settings {
        limits,
        ..Settings::default()
    }
}

/// Starts an upstream that tells of each request, and answers it when it is told to.
async fn held() -> (Server, mpsc::UnboundedReceiver<()>, Arc<Notify>) {
    let (sender, arrived) = mpsc::unbounded_channel();
    let go = Arc::new(Notify::new());
    let going = Arc::clone(&go);
    let service = service_fn(move |_: Request<Incoming>| {
        let (sender, go) = (sender.clone(), Arc::clone(&going));
        async move {
            sender.send(()).unwrap();
            go.notified().await;
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"{}"))))
        }
    });
    (serve(port().await, service).unwrap(), arrived, go)
}

#[tokio::test]
async fn body_beyond_the_limit_gets_413() {
    let (upstream, _requests) = witness().await;
    let limits = Limits {
        body_bytes: 8,
        ..Limits::default()
    };
    let relay = relay_with(&upstream, limited(limits)).await;
    let uri = format!("http://{}/v1", relay.address());
    for protocol in PROTOCOLS {
        for (len, status) in [(8, 200), (9, 413)] {
            let body = "a".repeat(len);
            let whole = Request::post(&uri)
                .body(Full::<Bytes>::from(body.clone()))
                .unwrap();
            let response = client(protocol).request(whole).await.unwrap();
            assert_eq!(response.status(), status, "{len}");
            // Without a length, the limit is found while the body is sent.
            let frames = body.into_bytes().into_iter();
            let frames =
                frames.map(|byte| Ok::<_, Infallible>(Frame::data(Bytes::from(vec![byte]))));
            let streamed = StreamBody::new(stream::iter(frames));
            let streamed = Request::post(&uri).body(streamed).unwrap();
            let response = client(protocol).request(streamed).await.unwrap();
            assert_eq!(response.status(), status, "{len}, {protocol:?}");
            if status == 413 {
                assert_eq!(json(response).await["error"]["code"], "body_too_large");
            }
        }
    }
}

#[tokio::test]
async fn requests_beyond_the_limit_get_503_until_one_has_ended() {
    let (upstream, mut arrived, go) = held().await;
    let limits = Limits {
        requests: 1,
        ..Limits::default()
    };
    let relay = relay_with(&upstream, limited(limits)).await;
    for protocol in PROTOCOLS {
        let running = ask(protocol, &relay, &[]);
        let refused = async {
            arrived.recv().await.unwrap();
            let refused = ask(protocol, &relay, &[]).await;
            assert_eq!(refused.status(), 503);
            assert_eq!(json(refused).await["error"]["code"], "overloaded");
            go.notify_one();
        };
        let (running, ()) = tokio::join!(running, refused);
        // The place is free when the body has ended.
        assert_eq!(text(running).await, "{}");
    }
}

#[tokio::test]
async fn upstream_that_does_not_answer_in_time_gives_504() {
    let (upstream, _arrived, _go) = held().await;
    let limits = Limits {
        response: Duration::from_millis(50),
        ..Limits::default()
    };
    let relay = relay_with(&upstream, limited(limits)).await;
    for protocol in PROTOCOLS {
        let response = ask(protocol, &relay, &[]).await;
        assert_eq!(response.status(), 504);
        assert_eq!(json(response).await["error"]["code"], "upstream_timeout");
    }
}

#[tokio::test]
async fn client_that_does_not_send_its_headers_in_time_is_disconnected() {
    let (upstream, _requests) = witness().await;
    let mut limits = Limits::default();
    limits.serve.headers = Duration::from_millis(50);
    let relay = relay_with(&upstream, limited(limits)).await;
    for head in [
        "",
        "PRI * HTTP/2.0\r\n",
        "GET /healthz HTTP/1.1\r\nHost: relay\r\nx-slow: ",
    ] {
        let mut slow = TcpStream::connect(relay.address()).await.unwrap();
        slow.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        slow.read_to_end(&mut answer).await.unwrap();
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{head:?}");
    }
    // Control: a request at once is answered.
    let mut quick = TcpStream::connect(relay.address()).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n";
    quick.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    quick.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn connection_beyond_the_limit_waits_for_another_to_end() {
    let (upstream, mut arrived, go) = held().await;
    let mut limits = Limits::default();
    limits.serve.connections = 1;
    let relay = relay_with(&upstream, limited(limits)).await;
    let request = b"GET /v1 HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n";
    let mut first = TcpStream::connect(relay.address()).await.unwrap();
    first.write_all(request).await.unwrap();
    arrived.recv().await.unwrap();
    let mut second = TcpStream::connect(relay.address()).await.unwrap();
    second.write_all(request).await.unwrap();

    // The second is answered only after the first: if it were relayed at once, the upstream
    // would hold both, and one release would not be enough for the first.
    go.notify_one();
    let mut answer = Vec::new();
    first.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    arrived.recv().await.unwrap();
    go.notify_one();
    answer.clear();
    second.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

/// Returns the status of a probe.
async fn ready(relay: std::net::SocketAddr) -> Option<u16> {
    let request = Request::get(format!("http://{relay}/readyz"));
    let request = request.body(Full::<Bytes>::default()).unwrap();
    let response = client(Protocol::Http1).request(request).await.ok()?;
    Some(response.status().as_u16())
}

#[tokio::test]
async fn stopping_relay_is_not_ready_first_and_then_lets_requests_end() {
    let (upstream, mut arrived, go) = held().await;
    let mut limits = Limits {
        unready: Duration::from_secs(3),
        ..Limits::default()
    };
    limits.serve.drain = Duration::from_secs(60);
    let relay = relay_with(&upstream, limited(limits)).await;
    let address = relay.address();
    let uri = format!("http://{address}/v1");
    let ask = || {
        let request = Request::get(&uri).body(Full::<Bytes>::default()).unwrap();
        tokio::spawn(client(Protocol::Http1).request(request))
    };
    let running = ask();
    arrived.recv().await.unwrap();
    assert_eq!(ready(address).await, Some(200), "control");

    let stopped = tokio::spawn(relay.stop());
    // The task runs up to its first wait before the relay answers 503.
    while ready(address).await == Some(200) {}
    assert_eq!(ready(address).await, Some(503));
    // While the load balancer does not know it yet, requests are relayed.
    let late = ask();
    arrived.recv().await.unwrap();
    // Then the relay accepts no connection, and waits for both.
    while ready(address).await.is_some() {}
    assert!(!stopped.is_finished());
    go.notify_one();
    go.notify_one();
    for response in [running, late] {
        let response = response.await.unwrap().unwrap();
        assert_eq!(response.status(), 200);
        response.into_body().collect().await.unwrap();
        go.notify_one();
    }
    stopped.await.unwrap();
}
