//! gRPC: metadata in a tonic request's extensions is sent through a channel,
//! and is in the extensions of the handler's request.

use std::sync::{Arc, Mutex};

use futures_util::stream;
use http::Uri;
use tokio::{sync::oneshot, task::JoinHandle};
use tonic::{
    Request, Response, Status,
    transport::{Channel, Server, server::TcpIncoming},
};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_check_response::ServingStatus,
    health_client::HealthClient,
    health_server::{Health, HealthServer},
};
use tower::ServiceBuilder;
use tower_metadata_headers::{
    ClientName, Destinations, Faults, Metadata, MetadataHeadersLayer, SessionId, conventions,
};

use crate::common::{metadata, session, zoo};

/// Health service that records what its handler received.
#[derive(Clone, Default)]
struct Records(Arc<Mutex<Vec<Record>>>);

#[derive(Debug, PartialEq)]
struct Record {
    metadata: Option<Metadata>,
    faults: usize,
    header: Option<String>,
}

#[tonic::async_trait]
impl Health for Records {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let header = request.metadata().get("x-zoo-session-id");
        self.0.lock().unwrap().push(Record {
            metadata: request.extensions().get().cloned(),
            faults: request.extensions().get().map_or(0, Faults::len),
            header: header.map(|value| value.to_str().unwrap().to_owned()),
        });
        Ok(Response::new(HealthCheckResponse {
            status: ServingStatus::Serving.into(),
        }))
    }

    type WatchStream = stream::Empty<Result<HealthCheckResponse, Status>>;

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Ok(Response::new(stream::empty()))
    }
}

struct Running {
    records: Records,
    uri: Uri,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), tonic::transport::Error>>,
}

impl Running {
    /// Starts a server, with the layer around all its services if `extracts` is
    /// true.
    async fn start(extracts: bool) -> Self {
        let records = Records::default();
        let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let uri = format!("http://{}", incoming.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let stopped = async { _ = stopped.await };
        let service = HealthServer::new(records.clone());
        let layer = MetadataHeadersLayer::extract(conventions::clients()).strip();
        let server = if extracts {
            let router = Server::builder().layer(layer).add_service(service);
            tokio::spawn(router.serve_with_incoming_shutdown(incoming, stopped))
        } else {
            let router = Server::builder().add_service(service);
            tokio::spawn(router.serve_with_incoming_shutdown(incoming, stopped))
        };
        Self {
            records,
            uri: uri.parse().unwrap(),
            stop,
            server,
        }
    }

    async fn channel(&self) -> Channel {
        Channel::builder(self.uri.clone()).connect().await.unwrap()
    }

    fn authority(&self) -> &str {
        self.uri.authority().unwrap().as_str()
    }

    fn take_one(&self) -> Record {
        let [saw] =
            <[Record; 1]>::try_from(std::mem::take(&mut *self.records.0.lock().unwrap())).unwrap();
        saw
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }
}

fn check(metadata: Option<Metadata>) -> Request<HealthCheckRequest> {
    let mut request = Request::new(HealthCheckRequest::default());
    if let Some(metadata) = metadata {
        request.extensions_mut().insert(metadata);
    }
    request
}

/// Returns the metadata that is read from Zoo Code's session header.
fn from_zoo(id: &str) -> Metadata {
    session(id).with(ClientName::try_from("zoo-code").unwrap())
}

#[tokio::test]
async fn metadata_of_a_channel_arrives_at_the_handler() {
    let server = Running::start(true).await;
    let channel = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(zoo()))
        .service(server.channel().await);
    let mut client = HealthClient::new(channel);

    let metadata = session("ses_1");
    client.check(check(Some(metadata.clone()))).await.unwrap();
    assert_eq!(
        server.take_one(),
        Record {
            metadata: Some(from_zoo("ses_1")),
            faults: 0,
            header: None,
        },
    );

    client.check(check(None)).await.unwrap();
    assert_eq!(server.take_one().metadata, Some(Metadata::new()));

    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn metadata_without_the_layers_is_not_sent() {
    let server = Running::start(false).await;
    let mut client = HealthClient::new(server.channel().await);
    client.check(check(Some(metadata()))).await.unwrap();
    let nothing = Record {
        metadata: None,
        faults: 0,
        header: None,
    };
    assert_eq!(server.take_one(), nothing);

    // With the client's layer only, the header arrives and is not read.
    let channel = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(zoo()))
        .service(server.channel().await);
    let mut client = HealthClient::new(channel);
    client.check(check(Some(metadata()))).await.unwrap();
    let header = Some("ses_1".to_owned());
    assert_eq!(server.take_one(), Record { header, ..nothing });

    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn grpc_metadata_that_is_set_by_hand_is_read_and_replaced() {
    let server = Running::start(true).await;
    let by_hand = |metadata| {
        let mut request = check(metadata);
        let lines = request.metadata_mut();
        lines.append("x-zoo-session-id", "by-hand".parse().unwrap());
        request
    };

    let mut bare = HealthClient::new(server.channel().await);
    bare.check(by_hand(None)).await.unwrap();
    assert_eq!(server.take_one().metadata, Some(from_zoo("by-hand")));

    let channel = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(zoo()))
        .service(server.channel().await);
    let mut client = HealthClient::new(channel);
    client.check(by_hand(None)).await.unwrap();
    assert_eq!(server.take_one().metadata, Some(Metadata::new()));
    client.check(by_hand(Some(session("ses_1")))).await.unwrap();
    assert_eq!(server.take_one().metadata, Some(from_zoo("ses_1")));

    drop((bare, client));
    server.stop().await;
}

/// A channel knows its address. The request in the layer has no authority,
/// unless the client sets the origin.
#[tokio::test]
async fn destinations_write_only_for_a_client_with_an_origin() {
    let server = Running::start(true).await;
    let destinations = Destinations::new().host(server.authority(), zoo()).unwrap();
    let channel = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(destinations))
        .service(server.channel().await);

    let mut client = HealthClient::with_origin(channel.clone(), server.uri.clone());
    client.check(check(Some(session("ses_1")))).await.unwrap();
    let metadata = server.take_one().metadata.unwrap();
    assert_eq!(metadata.get::<SessionId>().unwrap().as_str(), "ses_1");

    let mut client = HealthClient::new(channel);
    client.check(check(Some(session("ses_1")))).await.unwrap();
    assert_eq!(server.take_one().metadata, Some(Metadata::new()));

    drop(client);
    server.stop().await;
}
