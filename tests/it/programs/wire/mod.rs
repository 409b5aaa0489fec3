//! Cost of fields on an HTTP/2 connection of hyper, by the bytes that the
//! client sent.

mod frames;
mod recorded;

use std::convert::Infallible;

use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http2,
    server,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, Service, ServiceExt, util::BoxService};
use tower_metadata_headers::{
    AgentId, ClientName, Convention, ConversationId, MachineId, Metadata, MetadataHeadersLayer,
    OrganizationId, ProjectId, RequestId, SessionId, TaskId, TurnId, UserId,
};
use uuid::Uuid;

use self::{
    frames::{Section, sections},
    recorded::Recorded,
};

#[tokio::test]
async fn stable_field_costs_one_byte_from_the_second_request() {
    let none = written([Metadata::new(), Metadata::new(), Metadata::new()]).await;
    let five = written([stable(), stable(), stable()]).await;

    assert_eq!(five[0].entering, none[0].entering + 5);
    for at in [1, 2] {
        let (none, five) = (none[at], five[at]);
        println!("{} bytes, and {} with five fields", none.bytes, five.bytes);
        assert_eq!(five.bytes, none.bytes + 5);
        assert_eq!(five.indexed, none.indexed + 5);
    }
    // The first request sends the fields in full, so the later requests use the
    // table.
    assert!(five[0].bytes > none[0].bytes + 5 * 20);
}

#[tokio::test]
async fn identity_and_volatile_fields_never_enter_the_table() {
    let none = written([Metadata::new(), Metadata::new()]).await;
    for (metadata, fields) in [(identity(), 4), (volatile(0), 2)] {
        let sent = written([metadata.clone(), metadata.clone()]).await;
        for (none, sent) in none.iter().zip(&sent) {
            assert_eq!(sent.never_indexed, fields);
            assert_eq!(sent.entering, none.entering);
            assert_eq!(sent.bytes, none.bytes + sent.never_indexed_bytes);
        }
        let bytes = [0, 1].map(|at| sent[at].never_indexed_bytes);
        println!("{fields} fields: {bytes:?} bytes");
        assert_eq!(bytes[0], bytes[1]);

        // If the headers are set by hand, they are not marked as sensitive.
        // They enter the table, and then cost one byte each.
        let by_hand = by_hand([metadata.clone(), metadata]).await;
        assert_eq!([0, 1].map(|at| by_hand[at].never_indexed), [0, 0]);
        assert_eq!(by_hand[0].entering, none[0].entering + fields);
        assert_eq!(by_hand[1].bytes, none[1].bytes + fields);
    }
}

/// The table has 4,096 bytes, which about forty new ids would fill.
#[tokio::test]
async fn new_ids_do_not_push_the_stable_fields_out_of_the_table() {
    let requests = || {
        (0..200).map(|count| {
            let mut metadata = stable();
            metadata.merge(&volatile(count));
            metadata
        })
    };

    let sent = written(requests()).await;
    let later = &sent[1..];
    assert_eq!(later.iter().map(|section| section.entering).max(), Some(0));
    assert!(later.iter().all(|section| section.never_indexed == 2));

    // If set by hand, each request adds two entries, which soon evict others.
    let by_hand = by_hand(requests()).await;
    let entering = by_hand[1..].iter().map(|section| section.entering);
    assert_eq!(entering.clone().min(), Some(2));
    assert!(entering.max() > Some(2));
}

/// Returns correlation that is stable over a conversation.
fn stable() -> Metadata {
    Metadata::new()
        .with(SessionId::from(id(1)))
        .with(TaskId::from(id(2)))
        .with(AgentId::from(id(3)))
        .with(ConversationId::from(id(4)))
        .with(ClientName::try_from("acme-cli").unwrap())
}

/// Returns correlation that is new with each turn and request.
fn volatile(count: u128) -> Metadata {
    Metadata::new()
        .with(TurnId::from(id(1_000 + count)))
        .with(RequestId::from(id(2_000 + count)))
}

fn identity() -> Metadata {
    Metadata::new()
        .with(ProjectId::from(id(11)))
        .with(OrganizationId::from(id(12)))
        .with(UserId::from(id(13)))
        .with(MachineId::from(id(14)))
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_b2c4_7f1e_7c3a_9b55_3f1d_1f6e_0000 + number)
}

fn acme() -> Convention {
    Convention::vendor("acme").unwrap()
}

/// Returns the header sections of requests with this metadata, as the layer
/// writes it.
async fn written(all: impl IntoIterator<Item = Metadata>) -> Vec<Section> {
    let requests = all.into_iter().map(|metadata| {
        let mut request = request();
        request.extensions_mut().insert(metadata);
        request
    });
    sent(MetadataHeadersLayer::inject(acme()), requests).await
}

/// Sends the same headers, set as most programs set them, and returns the
/// header sections.
async fn by_hand(all: impl IntoIterator<Item = Metadata>) -> Vec<Section> {
    let requests = all.into_iter().map(|metadata| {
        let mut headers = HeaderMap::new();
        acme().write(&metadata, &mut headers);
        for value in headers.values_mut() {
            value.set_sensitive(false);
        }
        let mut request = request();
        *request.headers_mut() = headers;
        request
    });
    sent(tower::layer::util::Identity::new(), requests).await
}

fn request() -> Request<Empty<Bytes>> {
    let request = Request::get("http://gateway.internal/v1/messages");
    request.body(Empty::new()).unwrap()
}

type Client = BoxService<Request<Empty<Bytes>>, Response<Incoming>, hyper::Error>;

/// Sends requests one after another, on a separate connection.
async fn sent<L>(
    layer: L,
    requests: impl IntoIterator<Item = Request<Empty<Bytes>>>,
) -> Vec<Section>
where
    L: Layer<Client>,
    L::Service: Service<Request<Empty<Bytes>>, Response = Response<Incoming>, Error = hyper::Error>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let answer =
            service_fn(async |_| Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())));
        server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), answer)
            .await
    });

    let stream = TcpStream::connect(address).await.unwrap();
    let (stream, written) = Recorded::new(stream);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let client = BoxService::new(tower::service_fn(move |request| {
        sender.send_request(request)
    }));
    let mut client = layer.layer(client);
    for request in requests {
        let client = client.ready().await.unwrap();
        let response = client.call(request).await.unwrap();
        response.into_body().collect().await.unwrap();
    }
    drop(client);
    connection.await.unwrap().unwrap();
    server.await.unwrap().unwrap();
    sections(&written.lock().unwrap())
}
