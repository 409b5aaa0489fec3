//! Streaming of request and response bodies.

use std::{convert::Infallible, sync::Arc};

use axum::{Router, body::Body, routing::post};
use futures_util::{StreamExt, future, stream};
use http::{HeaderMap, Request, header::CONTENT_TYPE};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use relay::serve::{Server, serve};
use tokio::{
    net::TcpStream,
    sync::{Barrier, mpsc, oneshot},
};

use crate::support::{PROTOCOLS, ask, chat, client, controlled_upstream, port, relay, text};

async fn next(body: &mut Incoming) -> Bytes {
    body.frame().await.unwrap().unwrap().into_data().unwrap()
}

/// The upstream sends each event after the client has received the one before.
#[tokio::test]
async fn events_of_a_response_pass_without_buffering() {
    let (upstream, mut answers) = controlled_upstream().await;
    let relay = relay(&upstream).await;
    for protocol in PROTOCOLS {
        let response = ask(protocol, &relay, &[]).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut body = response.into_body();
        let events = answers.recv().await.unwrap();
        for event in ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"] {
            events.send(event).await.unwrap();
            assert_eq!(next(&mut body).await, event, "{protocol:?}");
        }
        drop(events);
        assert!(body.collect().await.unwrap().to_bytes().is_empty());
    }
}

/// A stopped relay accepts no new connection, and completes running responses.
#[tokio::test]
async fn running_response_completes_after_the_listener_stops() {
    let (upstream, mut answers) = controlled_upstream().await;
    for protocol in PROTOCOLS {
        let relay = relay(&upstream).await;
        let address = relay.address();
        let response = ask(protocol, &relay, &[]).await;
        let events = answers.recv().await.unwrap();
        let stop = relay.stop();
        let conversation = async {
            while TcpStream::connect(address).await.is_ok() {
                tokio::task::yield_now().await;
            }
            events.send("data: 1\n\n").await.unwrap();
            drop(events);
            text(response).await
        };
        let ((), got) = future::join(stop, conversation).await;
        assert_eq!(got, "data: 1\n\n", "{protocol:?}");
    }
}

/// The client sends each part after the upstream has received the one before.
#[tokio::test]
async fn parts_of_a_request_pass_without_buffering() {
    let (sender, mut received) = mpsc::unbounded_channel();
    let route = post(async move |body: Body| {
        let mut parts = body.into_data_stream();
        while let Some(part) = parts.next().await {
            sender.send(part.unwrap()).unwrap();
        }
    });
    let upstream = serve(port().await, Router::new().route("/v1/files", route)).unwrap();
    let relay = relay(&upstream).await;
    for protocol in PROTOCOLS {
        let (sender, receiver) = mpsc::unbounded_channel::<&'static str>();
        let frames = stream::unfold(receiver, async |mut receiver| {
            let part = receiver.recv().await?;
            let frame = Frame::data(Bytes::from_static(part.as_bytes()));
            Some((Ok::<_, Infallible>(frame), receiver))
        });
        let uri = format!("http://{}/v1/files", relay.address());
        let body = StreamBody::new(Box::pin(frames));
        let client = client(protocol);
        let answer = client.request(Request::post(uri).body(body).unwrap());
        let conversation = async {
            for part in ["one", "two", "three"] {
                sender.send(part).unwrap();
                assert_eq!(received.recv().await.unwrap(), part, "{protocol:?}");
            }
            drop(sender);
        };
        let (answer, ()) = future::join(answer, conversation).await;
        assert_eq!(answer.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn client_that_disconnects_mid_stream_ends_the_upstream_response() {
    let (upstream, mut answers) = controlled_upstream().await;
    let relay = relay(&upstream).await;
    for protocol in PROTOCOLS {
        let client = client(protocol);
        let response = client.request(chat(&relay, &[], "{}")).await.unwrap();
        let mut body = response.into_body();
        let events = answers.recv().await.unwrap();
        events.send("data: 1\n\n").await.unwrap();
        next(&mut body).await;
        assert!(!events.is_closed());

        drop(body);
        drop(client);
        events.closed().await;
    }
}

#[tokio::test]
async fn client_that_disconnects_before_the_response_ends_the_upstream_request() {
    for protocol in PROTOCOLS {
        let (arrive, mut arrived) = mpsc::unbounded_channel();
        let route = post(async move |_: Bytes| {
            // Dropped when the server drops the request.
            let (request, dropped) = oneshot::channel::<()>();
            arrive.send(dropped).unwrap();
            future::pending::<()>().await;
            drop(request);
        });
        let router = Router::new().route("/v1/chat/completions", route);
        let upstream = serve(port().await, router).unwrap();
        let relay = relay(&upstream).await;
        let client = client(protocol);
        let request = tokio::spawn(client.request(chat(&relay, &[], "{}")));
        let dropped = arrived.recv().await.unwrap();

        request.abort();
        drop(client);
        assert!(dropped.await.is_err(), "{protocol:?}");
    }
}

const CLIENTS: usize = 64;
const EVENTS: usize = 20;

/// Starts an upstream whose responses repeat the session.
///
/// No response begins before all requests have arrived, and none ends before all
/// responses have begun.
async fn echoing_upstream() -> Server {
    let arrived = Arc::new(Barrier::new(CLIENTS));
    let begun = Arc::new(Barrier::new(CLIENTS));
    let route = post(async move |headers: HeaderMap, _: Bytes| {
        arrived.wait().await;
        let session = headers["x-litellm-session-id"].to_str().unwrap().to_owned();
        let state = (0, session, Arc::clone(&begun));
        let events = stream::unfold(state, async |(at, session, begun)| {
            if at == EVENTS / 2 {
                begun.wait().await;
            }
            tokio::task::yield_now().await;
            let event = format!("data: {at} {session}\n\n");
            (at < EVENTS).then_some((Ok::<_, Infallible>(event), (at + 1, session, begun)))
        });
        (
            [(CONTENT_TYPE, "text/event-stream")],
            Body::from_stream(events),
        )
    });
    let router = Router::new().route("/v1/chat/completions", route);
    serve(port().await, router).unwrap()
}

/// Each of several agents gets the whole response for its own session, and no line
/// of another session.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_concurrent_streams_each_get_their_own_events() {
    const HEADERS: [&str; 4] = [
        "x-claude-code-session-id",
        "session-id",
        "x-kilocode-taskid",
        "x-zoo-task-id",
    ];
    let upstream = echoing_upstream().await;
    let relay = relay(&upstream).await;
    for protocol in PROTOCOLS {
        // Over HTTP/2, all streams share the connection of this one client.
        let client = client(protocol);
        let streams = (0..CLIENTS).map(|at| {
            let session = format!("session-{protocol:?}-{at}");
            let header = HEADERS[at % HEADERS.len()];
            let request = chat(&relay, &[(header, &session)], "{}");
            let answer = client.request(request);
            tokio::spawn(async move {
                let got = text(answer.await.unwrap()).await;
                let whole: String = (0..EVENTS)
                    .map(|at| format!("data: {at} {session}\n\n"))
                    .collect();
                assert_eq!(got, whole);
            })
        });
        for stream in streams.collect::<Vec<_>>() {
            stream.await.unwrap();
        }
    }
    let counts = crate::support::sessions(&relay).await;
    let sessions = counts["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2 * CLIENTS);
    assert!(sessions.iter().all(|session| session["requests"] == 1));
}
