//! Clients that load a proxy.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Bytes,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};
use uuid::Uuid;

use benches::cases::ours::KILO;

use crate::{BoxError, upstream::STREAM};

/// Measurements of the clients in one turn.
pub(crate) struct Turn {
    /// Times of the requests in milliseconds, in ascending order.
    pub(crate) times: Vec<f64>,
    pub(crate) lasted: Duration,
}

impl Turn {
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        let last = self.times.len() - 1;
        self.times[(last as f64 * part) as usize]
    }
}

/// Runs this number of clients, each with one request after another, for this
/// duration.
pub(crate) async fn turn(
    proxy: SocketAddr,
    clients: usize,
    lasting: Duration,
) -> Result<Turn, BoxError> {
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(connect(proxy).await?);
    }
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    for (client, mut sender) in connections.into_iter().enumerate() {
        tasks.spawn(async move {
            let mut times = Vec::new();
            while begin.elapsed() < lasting {
                let session = client as u128;
                let request = request("/v1/chat/completions", session, times.len() as u128);
                let sent = Instant::now();
                let response = sender.send_request(request).await?;
                if response.status() != 200 {
                    return Err(format!("{}", response.status()).into());
                }
                response.into_body().collect().await?;
                times.push(sent.elapsed().as_secs_f64() * 1e3);
            }
            Ok::<_, BoxError>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(of_one) = tasks.join_next().await {
        times.extend(of_one??);
    }
    let lasted = begin.elapsed();
    times.sort_by(f64::total_cmp);
    Ok(Turn { times, lasted })
}

/// Keeps this number of streams running through each proxy until the program
/// ends. Each stream is a separate conversation, and one of four is cancelled
/// half-way.
pub(crate) fn stream_forever(
    proxies: impl Iterator<Item = SocketAddr>,
    streams: usize,
) -> Streamed {
    let (begun, failed) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    for proxy in proxies {
        for _ in 0..streams {
            let (begun, failed) = (Arc::clone(&begun), Arc::clone(&failed));
            tokio::spawn(async move {
                loop {
                    let at = begun.fetch_add(1, Ordering::Relaxed);
                    let done = stream(proxy, at).await;
                    failed.fetch_add(u64::from(done.is_err()), Ordering::Relaxed);
                    if done.is_err() {
                        return;
                    }
                }
            });
        }
    }
    Streamed { begun, failed }
}

pub(crate) struct Streamed {
    begun: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
}

impl Streamed {
    /// Returns the number of streams that have begun.
    pub(crate) fn count(&self) -> Result<u64, BoxError> {
        match self.failed.load(Ordering::Relaxed) {
            0 => Ok(self.begun.load(Ordering::Relaxed)),
            failed => Err(format!("{failed} streams failed").into()),
        }
    }
}

async fn stream(proxy: SocketAddr, at: u64) -> Result<(), BoxError> {
    let mut sender = connect(proxy).await?;
    let request = request(STREAM, u128::from(at), 0);
    let mut body = sender.send_request(request).await?.into_body();
    let mut events = 0;
    while let Some(frame) = body.frame().await {
        frame?;
        events += 1;
        if at.is_multiple_of(4) && events == 20 {
            return Ok(());
        }
    }
    if events == 0 {
        return Err("a stream of nothing".into());
    }
    Ok(())
}

async fn connect(proxy: SocketAddr) -> Result<SendRequest<Full<Bytes>>, BoxError> {
    let stream = TcpStream::connect(proxy).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Returns a request as Kilo Code sends it.
fn request(path: &str, session: u128, count: u128) -> Request<Full<Bytes>> {
    let body = Bytes::from_static(br#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#);
    let request = Request::post(path)
        .header("host", "gateway.internal")
        .header("content-type", "application/json")
        .header("authorization", "Bearer sk-test-0000000000000000")
        .header("user-agent", "Kilo-Code/4.99.0");
    let values = [session, session, 0, 0, count];
    let headers = KILO.into_iter().zip(values);
    let request = headers.fold(request, |request, (name, value)| {
        request.header(name, Uuid::from_u128(value).to_string())
    });
    // All parts are constants or valid values of this file.
    request.body(Full::new(body)).unwrap()
}
