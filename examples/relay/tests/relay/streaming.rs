//! Bodies pass as they come.

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

use crate::support::{PROTOCOLS, ask, chat, client, port, relay, text};

type Events = mpsc::Sender<&'static str>;

/// A body that is what the channel brings.
fn events(channel: mpsc::Receiver<&'static str>) -> Body {
    Body::from_stream(stream::unfold(channel, async |mut channel| {
        let event = channel.recv().await?;
        Some((Ok::<_, Infallible>(event), channel))
    }))
}

/// An upstream that hands over the sender of each answer's events. It reads
/// the request first: hyper sees no end of a connection behind unread bytes.
async fn conducted() -> (Server, mpsc::UnboundedReceiver<Events>) {
    let (tell, told) = mpsc::unbounded_channel();
    let route = post(async move |_: Bytes| {
        let (sender, receiver) = mpsc::channel(1);
        tell.send(sender).unwrap();
        ([(CONTENT_TYPE, "text/event-stream")], events(receiver))
    });
    let router = Router::new().route("/v1/chat/completions", route);
    (serve(port().await, router).unwrap(), told)
}

async fn next(body: &mut Incoming) -> Bytes {
    body.frame().await.unwrap().unwrap().into_data().unwrap()
}

/// The upstream makes the second event only once the client has the first.
#[tokio::test]
async fn events_pass_one_by_one() {
    let (upstream, mut answers) = conducted().await;
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

/// Stopping the relay, as Ctrl-C does, takes no new connection and cuts no
/// answer off.
#[tokio::test]
async fn an_answer_that_runs_outlives_the_listener() {
    let (upstream, mut answers) = conducted().await;
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

/// The client sends the second part only once the upstream has the first.
#[tokio::test]
async fn parts_of_a_request_pass_one_by_one() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let route = post(async move |body: Body| {
        let mut parts = body.into_data_stream();
        while let Some(part) = parts.next().await {
            tell.send(part.unwrap()).unwrap();
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
                assert_eq!(told.recv().await.unwrap(), part, "{protocol:?}");
            }
            drop(sender);
        };
        let (answer, ()) = future::join(answer, conversation).await;
        assert_eq!(answer.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn the_upstream_learns_that_a_client_left_in_mid_stream() {
    let (upstream, mut answers) = conducted().await;
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
async fn the_upstream_learns_that_a_client_left_before_the_answer() {
    for protocol in PROTOCOLS {
        let (arrive, mut arrived) = mpsc::unbounded_channel();
        let route = post(async move |_: Bytes| {
            // Dropped when the server gives the request up.
            let (alive, gone) = oneshot::channel::<()>();
            arrive.send(gone).unwrap();
            future::pending::<()>().await;
            drop(alive);
        });
        let router = Router::new().route("/v1/chat/completions", route);
        let upstream = serve(port().await, router).unwrap();
        let relay = relay(&upstream).await;
        let client = client(protocol);
        let request = tokio::spawn(client.request(chat(&relay, &[], "{}")));
        let gone = arrived.recv().await.unwrap();

        request.abort();
        drop(client);
        assert!(gone.await.is_err(), "{protocol:?}");
    }
}

const CLIENTS: usize = 64;
const EVENTS: usize = 20;

/// An upstream whose answers repeat the session, and which begins none before
/// all are asked for, nor ends one before all have begun.
async fn echoing_upstream() -> Server {
    let asked = Arc::new(Barrier::new(CLIENTS));
    let begun = Arc::new(Barrier::new(CLIENTS));
    let route = post(async move |headers: HeaderMap, _: Bytes| {
        asked.wait().await;
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

/// Agents of several spellings at once: each gets the whole answer to its own
/// session, and no line of another's.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_streams_at_once_lose_and_mix_nothing() {
    const SPELLINGS: [&str; 4] = [
        "x-claude-code-session-id",
        "session-id",
        "x-kilocode-taskid",
        "x-zoo-task-id",
    ];
    let upstream = echoing_upstream().await;
    let relay = relay(&upstream).await;
    for protocol in PROTOCOLS {
        // One client: over HTTP/2 all streams share its connection.
        let client = client(protocol);
        let streams = (0..CLIENTS).map(|at| {
            let session = format!("session-{protocol:?}-{at}");
            let spelling = SPELLINGS[at % SPELLINGS.len()];
            let request = chat(&relay, &[(spelling, &session)], "{}");
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
    let told = crate::support::sessions(&relay).await;
    let sessions = told["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2 * CLIENTS);
    assert!(sessions.iter().all(|session| session["requests"] == 1));
}
