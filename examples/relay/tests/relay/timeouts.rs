//! Timeouts of bodies and of idle connections.

use std::{convert::Infallible, pin::Pin, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::{
    body::{Body, Bytes, Frame, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use relay::{
    Settings,
    serve::{Server, serve},
    settings::{Limits, Route},
};
use tokio::{
    net::TcpStream,
    sync::{Notify, mpsc},
    task::JoinHandle,
};
use tower::service_fn;

use crate::support::{
    PROTOCOLS, Protocol, base_url, chat, client, controlled_upstream, json, port, relay_with,
    route, text, witness,
};

type BoxBody = Pin<Box<dyn Body<Data = Bytes, Error = Infallible> + Send>>;

/// Settings with this time for the next part of a body.
fn body_within(limit: Duration) -> Settings {
    let mut limits = Limits::default();
    limits.serve.body = limit;
    Settings {
        limits,
        ..Settings::default()
    }
}

/// Adds a route, for which the relay reads each body before it sends it.
fn route_by_model(settings: &mut Settings, upstream: &Server) {
    settings.routes.push(Route {
        models: vec!["some".to_owned()],
        ..route("some", vec![base_url(upstream)])
    });
}

/// Returns a body of one frame, which has no end.
fn endless() -> BoxBody {
    let first = stream::once(async { Ok(Frame::data(Bytes::from_static(b"{"))) });
    Box::pin(StreamBody::new(first.chain(stream::pending())))
}

/// Starts an upstream that answers with this body.
async fn upstream_with(body: fn() -> BoxBody) -> Server {
    let respond = move |request: Request<Incoming>| async move {
        // hyper resets a connection with unread bytes.
        let _ = request.into_body().collect().await;
        Ok::<_, Infallible>(Response::new(body()))
    };
    serve(port().await, service_fn(respond)).unwrap()
}

#[tokio::test]
async fn client_that_pauses_in_its_body_gets_408() {
    let (upstream, _requests) = witness().await;
    let streamed = body_within(Duration::from_millis(50));
    let mut buffered = streamed.clone();
    route_by_model(&mut buffered, &upstream);
    for settings in [streamed, buffered] {
        let relay = relay_with(&upstream, settings).await;
        for protocol in PROTOCOLS {
            let request = Request::post(format!("http://{}/v1", relay.address()));
            let request = request.body(endless()).unwrap();
            let response = client(protocol).request(request).await.unwrap();
            assert_eq!(response.status(), 408, "{protocol:?}");
            assert_eq!(json(response).await["error"]["code"], "body_timeout");
        }
    }
}

#[tokio::test]
async fn upstream_that_pauses_in_its_body_ends_the_response_with_an_error() {
    let upstream = upstream_with(endless).await;
    let relay = relay_with(&upstream, body_within(Duration::from_millis(50))).await;
    for protocol in PROTOCOLS {
        let response = client(protocol)
            .request(chat(&relay, &[], "{}"))
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        let mut body = response.into_body();
        let first = body.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "{");
        assert!(body.frame().await.unwrap().is_err(), "{protocol:?}");
    }
}

#[tokio::test]
async fn body_that_takes_longer_than_the_limit_arrives_whole() {
    let (upstream, mut answers) = controlled_upstream().await;
    let relay = relay_with(&upstream, body_within(Duration::from_secs(2))).await;
    let (witness, _requests) = witness().await;
    let clock = relay_with(&witness, idle_within(Duration::from_millis(200))).await;
    let response = client(Protocol::Http1)
        .request(chat(&relay, &[], "{}"))
        .await
        .unwrap();
    let events = answers.recv().await.unwrap();
    let reader = tokio::spawn(text(response));
    // The time between two frames is at least 200 ms, and shorter than the limit.
    for _ in 0..12 {
        events.send("a").await.unwrap();
        one_request(&clock, Protocol::Http1, "/v1")
            .await
            .await
            .unwrap()
            .unwrap();
    }
    drop(events);
    assert_eq!(reader.await.unwrap(), "a".repeat(12));
}

/// Starts an upstream with a large response, which tells when the relay has dropped it.
async fn large_upstream() -> (Server, mpsc::UnboundedReceiver<()>) {
    let (dropped, drops) = mpsc::unbounded_channel();
    struct OnDrop(mpsc::UnboundedSender<()>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            // Fails only after the test.
            let _ = self.0.send(());
        }
    }
    let respond = move |request: Request<Incoming>| {
        let guard = OnDrop(dropped.clone());
        let frame = Bytes::from(vec![b'a'; 1 << 16]);
        let frames = stream::iter(0..1_024).map(move |_| {
            let _ = &guard;
            Ok::<_, Infallible>(Frame::data(frame.clone()))
        });
        async {
            // hyper resets a connection with unread bytes.
            request.into_body().collect().await.unwrap();
            Ok::<_, Infallible>(Response::new(StreamBody::new(frames)))
        }
    };
    (serve(port().await, service_fn(respond)).unwrap(), drops)
}

#[tokio::test]
async fn response_that_nobody_reads_is_aborted() {
    let (upstream, mut drops) = large_upstream().await;
    let relay = relay_with(&upstream, body_within(Duration::from_secs(2))).await;
    for protocol in PROTOCOLS {
        let client = client(protocol);
        let response = client.request(chat(&relay, &[], "{}")).await.unwrap();
        // Nobody reads the body.
        drops.recv().await.unwrap();
        let end = response.into_body().collect().await;
        assert!(end.is_err(), "{protocol:?}: the response is not whole");

        // Control: a client that reads gets all of it.
        let response = client.request(chat(&relay, &[], "{}")).await.unwrap();
        let body = response.into_body().collect().await.unwrap();
        assert_eq!(body.to_bytes().len(), 1 << 26);
        drops.recv().await.unwrap();
    }
}

/// The other streams of the connection are read.
#[tokio::test]
async fn unread_response_does_not_end_the_others_of_its_connection() {
    let (upstream, mut drops) = large_upstream().await;
    let relay = relay_with(&upstream, body_within(Duration::from_secs(2))).await;
    let stream = TokioIo::new(TcpStream::connect(relay.address()).await.unwrap());
    let (mut sender, connection) = http2::Builder::new(TokioExecutor::new())
        // So that an unread response does not use up the window of the connection.
        .initial_stream_window_size(1 << 16)
        .initial_connection_window_size(1 << 24)
        .handshake(stream)
        .await
        .unwrap();
    tokio::spawn(connection);
    let unread = sender.send_request(chat(&relay, &[], "{}")).await.unwrap();
    let reader = async {
        loop {
            let response = sender.send_request(chat(&relay, &[], "{}")).await.unwrap();
            let body = response.into_body().collect().await.unwrap();
            assert_eq!(body.to_bytes().len(), 1 << 26);
            // The first that ends is read, and the unread one ends later.
            drops.recv().await.unwrap();
            if drops.try_recv().is_ok() {
                return;
            }
        }
    };
    reader.await;
    assert!(unread.into_body().collect().await.is_err());
}

/// Settings with this time for the headers of a request.
fn idle_within(limit: Duration) -> Settings {
    let mut limits = Limits::default();
    limits.serve.headers = limit;
    Settings {
        limits,
        ..Settings::default()
    }
}

/// Sends a request on a connection of its own, and returns the connection.
async fn one_request(
    relay: &Server,
    protocol: Protocol,
    path: &str,
) -> JoinHandle<hyper::Result<()>> {
    let stream = TokioIo::new(TcpStream::connect(relay.address()).await.unwrap());
    let uri = format!("http://{}{path}", relay.address());
    let request = Request::get(uri).header("host", "relay");
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    match protocol {
        Protocol::Http1 => {
            let (mut sender, connection) = http1::handshake(stream).await.unwrap();
            let connection = tokio::spawn(connection);
            let response = sender.send_request(request).await.unwrap();
            response.into_body().collect().await.unwrap();
            held(sender, connection)
        }
        Protocol::Http2 => {
            let handshake = http2::handshake(TokioExecutor::new(), stream);
            let (mut sender, connection) = handshake.await.unwrap();
            let connection = tokio::spawn(connection);
            let response = sender.send_request(request).await.unwrap();
            response.into_body().collect().await.unwrap();
            held(sender, connection)
        }
    }
}

/// Keeps the sender as long as the connection lives, because its end would close that.
fn held(
    sender: impl Send + 'static,
    connection: JoinHandle<hyper::Result<()>>,
) -> JoinHandle<hyper::Result<()>> {
    tokio::spawn(async move {
        let ended = connection.await.unwrap();
        drop(sender);
        ended
    })
}

#[tokio::test]
async fn idle_connection_is_closed_in_an_orderly_way() {
    let (upstream, _requests) = witness().await;
    let relay = relay_with(&upstream, idle_within(Duration::from_millis(200))).await;
    for protocol in PROTOCOLS {
        let connection = one_request(&relay, protocol, "/v1").await;
        connection.await.unwrap().unwrap();
    }
    // Control: with the default limit, it stays open.
    let patient = relay_with(&upstream, Settings::default()).await;
    for protocol in PROTOCOLS {
        let connection = one_request(&patient, protocol, "/v1").await;
        let idle = one_request(&relay, protocol, "/v1").await;
        idle.await.unwrap().unwrap();
        assert!(!connection.is_finished(), "{protocol:?}");
    }
}

#[tokio::test]
async fn connection_with_a_running_request_is_not_idle() {
    let go = Arc::new(Notify::new());
    let going = Arc::clone(&go);
    let respond = move |_: Request<Incoming>| {
        let go = Arc::clone(&going);
        let whole = stream::once(async move {
            go.notified().await;
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"{}")))
        });
        async { Ok::<_, Infallible>(Response::new(StreamBody::new(whole))) }
    };
    let upstream = serve(port().await, service_fn(respond)).unwrap();
    let relay = relay_with(&upstream, idle_within(Duration::from_millis(200))).await;
    let (witness, _requests) = witness().await;
    let other = relay_with(&witness, idle_within(Duration::from_millis(200))).await;
    for protocol in PROTOCOLS {
        let client = client::<Full<Bytes>>(protocol);
        let running = client.request(chat(&relay, &[], "{}")).await.unwrap();
        // Several times the limit, as another connection shows.
        for _ in 0..3 {
            one_request(&other, protocol, "/v1")
                .await
                .await
                .unwrap()
                .unwrap();
        }
        go.notify_one();
        assert_eq!(text(running).await, "{}", "{protocol:?}");
    }
}

#[tokio::test]
async fn bodies_beyond_the_buffer_get_503() {
    let (upstream, mut requests) = witness().await;
    let mut settings = Settings::default();
    settings.limits.buffered_bytes = 20;
    route_by_model(&mut settings, &upstream);
    let relay = relay_with(&upstream, settings).await;
    for protocol in PROTOCOLS {
        // The places are free again each time.
        for (body, status) in [
            (r#"{"model":"some", "a"}"#, 503),
            (r#"{"model":"some","a"}"#, 200),
            (r#"{"model":"some"}"#, 200),
            (r#"{"model":"other"}"#, 200),
        ] {
            let response = client(protocol)
                .request(chat(&relay, &[], body))
                .await
                .unwrap();
            assert_eq!(response.status(), status, "{body}");
            if status == 503 {
                assert_eq!(json(response).await["error"]["code"], "overloaded");
            } else {
                requests.recv().await.unwrap();
            }
        }
    }
}

/// When the relay has read all of a response, a part of it may still wait for the client.
#[tokio::test]
async fn client_that_reads_late_gets_the_whole_response() {
    let respond = |request: Request<Incoming>| async move {
        let size: usize = request
            .uri()
            .path()
            .trim_start_matches('/')
            .parse()
            .unwrap();
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(vec![b'a'; size]))))
    };
    let upstream = serve(port().await, service_fn(respond)).unwrap();
    let relay = relay_with(&upstream, idle_within(Duration::from_millis(200))).await;
    for protocol in PROTOCOLS {
        // With some of these sizes, sockets have no room for the end of the response, and the
        // relay has.
        let mut responses = Vec::new();
        for size in (1..64).map(|number| number << 17) {
            let request = Request::get(format!("http://{}/{size}", relay.address()));
            let request = request.body(Empty::<Bytes>::new()).unwrap();
            let response = client(protocol).request(request).await.unwrap();
            responses.push((size, response));
        }
        // Several times the limit, as other connections show.
        for _ in 0..4 {
            one_request(&relay, protocol, "/1")
                .await
                .await
                .unwrap()
                .unwrap();
        }
        for (size, response) in responses {
            let body = response.into_body().collect().await;
            let body = body.unwrap_or_else(|error| panic!("{protocol:?}, {size}: {error}"));
            assert_eq!(body.to_bytes().len(), size);
        }
    }
}
