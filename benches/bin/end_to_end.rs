//! Requests per second on real connections: hyper's client and server on the
//! loopback device, both on one thread, with one request after another.
//!
//! The implementations that write five headers take turns of a tenth of a
//! second, so that other load on the machine affects all of them alike. The
//! processor time is of the one thread, which includes client, server and
//! system calls. The argument is the number of rounds.

use std::{
    env,
    error::Error,
    pin::Pin,
    time::{Duration, Instant},
};

use benches::{
    cases::{
        by_hand,
        fields::{self, Values},
        opentelemetry, request,
        today::{self, Ids},
        tower_http,
    },
    clock::processor_time,
    quartiles::Quartiles,
};
use http::{Request, Response, Uri, Version};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, Service, service_fn};
use tower_metadata_headers::{MetadataHeadersLayer, conventions};

const ROUNDS: usize = 60;
const TURN: Duration = Duration::from_millis(100);
const QUESTION: Bytes = Bytes::from_static(&[b' '; 2048]);
const ANSWER: Bytes =
    Bytes::from_static(br#"{"id":"msg_01","type":"message","stop_reason":"end_turn"}"#);

type Body = Full<Bytes>;
type Answer = Pin<Box<dyn Future<Output = hyper::Result<Response<Incoming>>>>>;

/// Implementation that writes the headers, on a separate connection.
struct Way {
    name: &'static str,
    send: Box<dyn FnMut(Request<Body>) -> Answer>,
    turns: Vec<Turn>,
}

/// Result of one turn.
struct Turn {
    requests_per_second: f64,
    /// Processor time for one request, in microseconds.
    processor: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = env::args()
        .nth(1)
        .map(|rounds| rounds.parse())
        .transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let mut ways = ways(version).await?;
            for round in 0..rounds.unwrap_or(ROUNDS) {
                let count = ways.len();
                for at in 0..count {
                    let way = &mut ways[(round + at) % count];
                    let turn = turn(way, version).await?;
                    way.turns.push(turn);
                }
            }
            print(version, &ways);
        }
        Ok(())
    })
}

fn print(version: Version, ways: &[Way]) {
    println!(
        "\n{:<39} {:>10} {:>15} {:>10} {:>8} {:>15}",
        format!("{version:?}"),
        "requests/s",
        "quartiles",
        "µs of CPU",
        "by hand",
        "quartiles",
    );
    let [by_hand, ..] = ways else { return };
    for way in ways {
        let rates = Quartiles::of(way.turns.iter().map(|turn| turn.requests_per_second));
        let processor = Quartiles::of(way.turns.iter().map(|turn| turn.processor));
        // Compares turns of the same round, because the machine's load was the
        // same.
        let pairs = way.turns.iter().zip(&by_hand.turns);
        let more = pairs.map(|(turn, by_hand)| (turn.processor / by_hand.processor - 1.0) * 100.0);
        let more = Quartiles::of(more);
        println!(
            "{:<39} {:>10.0} {:>15} {:>10.2} {:>+7.1}% {:>15}",
            way.name,
            rates.median,
            format!("{:.0}..{:.0}", rates.low, rates.high),
            processor.median,
            more.median,
            format!("{:+.1}..{:+.1}%", more.low, more.high),
        );
    }
}

async fn turn(way: &mut Way, version: Version) -> Result<Turn, Box<dyn Error>> {
    let mut plain = request::without_length();
    let uri = match version {
        Version::HTTP_2 => Uri::from_static("http://gateway.internal:8787/v1/messages"),
        _ => Uri::from_static("/v1/messages"),
    };
    let mut count = 0.0;
    let (begin, processor) = (Instant::now(), processor_time());
    while begin.elapsed() < TURN {
        let (mut parts, ()) = plain().into_parts();
        parts.method = http::Method::POST;
        parts.uri = uri.clone();
        let request = Request::from_parts(parts, Body::new(QUESTION));
        let response = (way.send)(request).await?;
        let answer = response.into_body().collect().await?.to_bytes();
        assert_eq!(answer, ANSWER);
        count += 1.0;
    }
    let spent = processor_time() - processor;
    Ok(Turn {
        requests_per_second: count / begin.elapsed().as_secs_f64(),
        processor: spent.as_secs_f64() * 1e6 / count,
    })
}

/// Returns the implementations. Code by hand is first, because the others are
/// compared with it.
async fn ways(version: Version) -> Result<Vec<Way>, Box<dyn Error>> {
    let mut ways = Vec::new();
    let mut add = |name, send| {
        ways.push(Way {
            name,
            send,
            turns: Vec::new(),
        });
    };
    let ours = MetadataHeadersLayer::inject(fields::acme());

    let mut send = connect(version, answering()).await?;
    let (names, values) = (fields::names(5), Values::new(5));
    add(
        "by hand",
        Box::new(move |mut request: Request<Body>| {
            by_hand::insert(request.headers_mut(), &names, &values.0);
            send.call(request)
        }),
    );

    let mut send = connect(version, answering()).await?;
    add(
        "no such headers",
        Box::new(move |request| send.call(request)),
    );

    let mut send = ours.layer(connect(version, answering()).await?);
    let metadata = fields::metadata(5);
    add(
        "ours",
        Box::new(move |mut request: Request<Body>| {
            request.extensions_mut().insert(metadata.clone());
            send.call(request)
        }),
    );

    let reading = MetadataHeadersLayer::extract(conventions::clients().prefer(fields::acme()))
        .trust_identity_when(|_| true);
    let mut send = ours.layer(connect(version, reading.layer(answering())).await?);
    let metadata = fields::metadata(5);
    add(
        "ours, read by the server too",
        Box::new(move |mut request: Request<Body>| {
            request.extensions_mut().insert(metadata.clone());
            send.call(request)
        }),
    );

    let mut send = tower_http::together(5).layer(connect(version, answering()).await?);
    let values = Values::new(5);
    add(
        "tower-http, SetMultipleRequestHeaders",
        Box::new(move |mut request: Request<Body>| {
            request.extensions_mut().insert(values.clone());
            send.call(request)
        }),
    );

    let mut send = connect(version, answering()).await?;
    let ids = Ids::new(5);
    add(
        "format!",
        Box::new(move |mut request: Request<Body>| {
            request.extensions_mut().insert(ids.clone());
            today::write(&mut request, "acme");
            send.call(request)
        }),
    );

    let mut send = connect(version, answering()).await?;
    let ids = Ids::new(5);
    add(
        "OpenTelemetry, baggage",
        Box::new(move |mut request: Request<Body>| {
            request
                .extensions_mut()
                .insert(opentelemetry::context(&ids));
            opentelemetry::write(&mut request);
            send.call(request)
        }),
    );
    Ok(ways)
}

fn answering()
-> impl Service<Request<Incoming>, Response = Response<Body>, Error = hyper::Error, Future: Send>
+ Clone
+ Send
+ 'static {
    service_fn(async |request: Request<Incoming>| {
        let question = request.into_body().collect().await?.to_bytes();
        assert_eq!(question.len(), QUESTION.len());
        Ok(Response::new(Body::new(ANSWER)))
    })
}

/// Opens a connection to a new server.
async fn connect<S>(version: Version, service: S) -> Result<impl Connection, Box<dyn Error>>
where
    S: Service<Request<Incoming>, Response = Response<Body>, Error = hyper::Error>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = TcpStream::connect(listener.local_addr()?).await?;
    let (server, _) = listener.accept().await?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    tokio::spawn(async move {
        let service = TowerToHyperService::new(service);
        let builder = auto::Builder::new(TokioExecutor::new());
        // Fails if the client closes the connection.
        _ = builder
            .serve_connection(TokioIo::new(server), service)
            .await;
    });

    let client = TokioIo::new(client);
    let send: Box<dyn FnMut(Request<Body>) -> Answer> = if version == Version::HTTP_2 {
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), client).await?;
        tokio::spawn(connection);
        Box::new(move |request| Box::pin(sender.send_request(request)))
    } else {
        let (mut sender, connection) = http1::handshake(client).await?;
        tokio::spawn(connection);
        Box::new(move |request| Box::pin(sender.send_request(request)))
    };
    Ok(service_fn(send))
}

trait Connection:
    Service<Request<Body>, Response = Response<Incoming>, Error = hyper::Error, Future = Answer>
    + 'static
{
}

impl<S> Connection for S where
    S: Service<Request<Body>, Response = Response<Incoming>, Error = hyper::Error, Future = Answer>
        + 'static
{
}
