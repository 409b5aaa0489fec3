use std::sync::{Arc, Mutex};

use clients::tungstenite::{connect, handshake};
use http::{Uri, header::LOCATION};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    accept_hdr_async, client_async, connect_async,
    tungstenite::{
        Error,
        handshake::server::{ErrorResponse, Request, Response},
    },
};
use tower_metadata_headers::{Destinations, HostPolicy};

use crate::upstream::{HEADER, Redirecting, SESSIONS, acme, conversation};

/// Path and sessions of each handshake.
type Handshakes = Arc<Mutex<Vec<(String, Vec<String>)>>>;

/// WebSocket server that records each handshake.
struct Sockets {
    address: String,
    handshakes: Handshakes,
}

impl Sockets {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let handshakes = Handshakes::default();
        let log = Arc::clone(&handshakes);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                accept_hdr_async(stream, recorder(&log)).await.unwrap();
            }
        });
        Self {
            address,
            handshakes,
        }
    }

    fn uri(&self, path: &str) -> Uri {
        format!("ws://{}{path}", self.address).parse().unwrap()
    }

    fn destinations(&self) -> Destinations {
        Destinations::new().host(&self.address, acme()).unwrap()
    }

    fn take(&self) -> Vec<(String, Vec<String>)> {
        std::mem::take(&mut self.handshakes.lock().unwrap())
    }
}

#[expect(clippy::result_large_err, reason = "the type is tungstenite's")]
fn recorder(
    log: &Handshakes,
) -> impl FnOnce(&Request, Response) -> Result<Response, ErrorResponse> + Unpin {
    |request, response| {
        let sessions = request.headers().get_all(HEADER).iter();
        let sessions = sessions.map(|value| value.to_str().unwrap().to_owned());
        let handshake = (request.uri().path().to_owned(), sessions.collect());
        log.lock().unwrap().push(handshake);
        Ok(response)
    }
}

fn handshake_of(path: &str, sessions: &[&str]) -> (String, Vec<String>) {
    let sessions = sessions.iter().map(ToString::to_string);
    (path.to_owned(), sessions.collect())
}

#[tokio::test]
async fn concurrent_conversations_send_their_own_session() {
    let server = Sockets::start().await;
    let destinations = server.destinations();
    let [a, b] = SESSIONS.map(async |session| {
        let uri = server.uri(&format!("/{session}"));
        connect(&uri, &destinations, &conversation(session)).await
    });
    // Both sockets are open at the same time.
    let _sockets = tokio::try_join!(a, b).unwrap();
    let mut handshakes = server.take();
    handshakes.sort();
    let expected = SESSIONS.map(|session| handshake_of(&format!("/{session}"), &[session]));
    assert_eq!(handshakes, expected);
}

#[tokio::test]
async fn handshake_without_the_write_has_no_session() {
    let server = Sockets::start().await;
    connect_async(server.uri("/").to_string()).await.unwrap();
    assert_eq!(server.take(), [handshake_of("/", &[])]);
}

/// The handshakes of `wss` go over plain TCP, so that the server sees their headers.
#[tokio::test]
async fn ws_gets_a_session_only_if_the_policy_allows_http() {
    let server = Sockets::start().await;
    let secure = Destinations::new().host("gateway.example", acme()).unwrap();
    let any = HostPolicy::new(acme()).allow_http();
    let any = Destinations::new().host("gateway.example", any).unwrap();
    for (uri, destinations, sessions) in [
        ("wss://gateway.example/", &secure, &["ses_a"][..]),
        ("ws://gateway.example/", &secure, &[]),
        ("ws://gateway.example/", &any, &["ses_a"]),
        ("wss://other.example/", &any, &[]),
    ] {
        let uri = Uri::from_static(uri);
        let request = handshake(&uri, destinations, &conversation("ses_a")).unwrap();
        let stream = TcpStream::connect(&server.address).await.unwrap();
        client_async(request, stream).await.unwrap();
        assert_eq!(server.take(), [handshake_of("/", sessions)], "{uri}");
    }
}

#[tokio::test]
async fn redirect_to_another_host_is_not_followed() {
    let hosts = Redirecting::start().await;
    let uri = hosts.first.url("/v1").replace("http", "ws");
    let uri: Uri = uri.parse().unwrap();
    let destinations = hosts.first.destinations();
    let answer = connect(&uri, &destinations, &conversation("ses_a")).await;
    let Err(Error::Http(response)) = answer else {
        panic!("the handshake is redirected");
    };
    assert!(response.headers().contains_key(LOCATION));
    hosts.assert_not_followed();
}
