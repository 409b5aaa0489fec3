//! Memory of the relay as a process, while clients or upstreams are slow.

use std::{
    convert::Infallible,
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::{Stream, stream};
use http::{Request, Response};
use http_body_util::{BodyExt, Either, Empty, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use relay::serve::serve;
use tokio::{sync::watch, task::JoinSet};
use tower::service_fn;

use super::{
    process::Relay,
    support::{PROTOCOLS, Protocol, client, port},
};

/// Number of slow requests at once.
const REQUESTS: usize = 16;
/// Size of each body in bytes, far more than sockets and the relay hold of it.
const SIZE: usize = 1 << 25;
/// Memory that a slow request may take, in bytes.
const LIMIT: usize = 3 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_take_little_memory_and_delay_no_other() {
    let sent = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&sent);
    let respond = move |request: Request<Incoming>| {
        let body = match request.uri().path() {
            "/v1/large" => Either::Left(large(Arc::clone(&counted))),
            _ => Either::Right(Full::new(Bytes::from_static(b"{}"))),
        };
        async { Ok::<_, Infallible>(Response::new(body)) }
    };
    let upstream = serve(port().await, service_fn(respond)).unwrap();
    for protocol in PROTOCOLS {
        let relay = Relay::start(&upstream, &[]);
        let before = peak_memory(&relay);
        let mut responses = Vec::new();
        for _ in 0..REQUESTS {
            // A connection for each.
            let request = Request::get(format!("{}/large", relay.base_url));
            let request = request.body(Empty::<Bytes>::new()).unwrap();
            responses.push(client(protocol).request(request).await.unwrap());
        }
        assert!(settled(&relay, &sent).await < SIZE * REQUESTS);
        assert!(peak_memory(&relay) < before + LIMIT * REQUESTS);

        // Control: all of it is sent to clients that read.
        let mut readers = JoinSet::new();
        for response in responses {
            readers.spawn(async { read(response.into_body()).await });
        }
        assert_eq!(readers.join_all().await, [SIZE; REQUESTS]);
        assert!(peak_memory(&relay) < before + LIMIT * REQUESTS);
        sent.store(0, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_upstreams_take_little_memory_and_delay_no_other() {
    let (go, going) = watch::channel(false);
    let respond = move |request: Request<Incoming>| {
        let mut going = going.clone();
        async move {
            let count = if request.uri().path() == "/v1/large" {
                going.wait_for(|go| *go).await.unwrap();
                read(request.into_body()).await
            } else {
                0
            };
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(count.to_string()))))
        }
    };
    let upstream = serve(port().await, service_fn(respond)).unwrap();
    for protocol in PROTOCOLS {
        go.send_replace(false);
        let sent = Arc::<AtomicUsize>::default();
        let relay = Relay::start(&upstream, &[]);
        let before = peak_memory(&relay);
        let mut requests = JoinSet::new();
        for _ in 0..REQUESTS {
            let request = Request::post(format!("{}/large", relay.base_url));
            let request = request.body(large(Arc::clone(&sent))).unwrap();
            let response = client(protocol).request(request);
            requests.spawn(async {
                let body = response.await.unwrap().into_body();
                body.collect().await.unwrap().to_bytes()
            });
        }
        assert!(settled(&relay, &sent).await < SIZE * REQUESTS);
        assert!(peak_memory(&relay) < before + LIMIT * REQUESTS);
        // Control: all of it is sent to an upstream that reads.
        go.send_replace(true);
        assert_eq!(requests.join_all().await, vec![SIZE.to_string(); REQUESTS]);
        assert!(peak_memory(&relay) < before + LIMIT * REQUESTS);
    }
}

/// Returns a body that counts the bytes that are taken from it.
fn large(
    taken: Arc<AtomicUsize>,
) -> StreamBody<impl Stream<Item = Result<Frame<Bytes>, Infallible>>> {
    let part = Bytes::from(vec![b'a'; 1 << 14]);
    let parts = (0..SIZE / part.len()).map(move |_| {
        taken.fetch_add(part.len(), Ordering::Relaxed);
        Ok(Frame::data(part.clone()))
    });
    StreamBody::new(stream::iter(parts))
}

/// Reads a body, and returns its size in bytes.
async fn read(mut body: Incoming) -> usize {
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        size += frame.unwrap().data_ref().map_or(0, Bytes::len);
    }
    size
}

/// Sends requests to the relay until the slow ones make no progress meanwhile. Returns the
/// number of bytes that were taken for these.
async fn settled(relay: &Relay, taken: &AtomicUsize) -> usize {
    let client = client::<Full<Bytes>>(Protocol::Http1);
    loop {
        let before = taken.load(Ordering::Relaxed);
        for _ in 0..500 {
            let request = Request::get(format!("{}/models", relay.base_url));
            let request = request.body(Full::default()).unwrap();
            let response = client.request(request).await.unwrap();
            read(response.into_body()).await;
        }
        if before > 0 && before == taken.load(Ordering::Relaxed) {
            return before;
        }
    }
}

/// Returns the highest resident memory of the process so far, in bytes.
fn peak_memory(relay: &Relay) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", relay.process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
    kib.parse::<usize>().unwrap() * 1_024
}
