use std::sync::{Arc, Mutex};

use clients::tonic::{client, request, server_layer, session};
use http::Uri;
use tokio::sync::Barrier;
use tonic::{
    Code, Request, Response, Status,
    codegen::BoxStream,
    transport::{Channel, Server, server::TcpIncoming},
};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_client::HealthClient,
    health_server::{Health, HealthServer},
};
use tower_metadata_headers::{Destinations, Metadata, MetadataHeadersLayer};

use crate::upstream::{SESSIONS, acme, conversation};

/// Health service that records the service's name, which is the prompt, and the session
/// of each call. It responds only when two calls are there.
#[derive(Clone)]
struct Records {
    calls: Arc<Mutex<Vec<Call>>>,
    both: Arc<Barrier>,
}

/// Prompt and session of a call.
type Call = (String, Option<String>);

#[tonic::async_trait]
impl Health for Records {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let session = session(&request).map(|id| id.as_str().to_owned());
        let call = (request.into_inner().service, session);
        self.calls.lock().unwrap().push(call);
        self.both.wait().await;
        Ok(Response::new(HealthCheckResponse::default()))
    }

    type WatchStream = BoxStream<HealthCheckResponse>;

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("no test watches"))
    }
}

/// Starts a server that responds to two calls at the same time.
async fn start() -> (Records, Uri, Channel, Destinations) {
    let records = Records {
        calls: Arc::default(),
        both: Arc::new(Barrier::new(2)),
    };
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = incoming.local_addr().unwrap().to_string();
    let server = Server::builder()
        .layer(server_layer())
        .add_service(HealthServer::new(records.clone()));
    tokio::spawn(server.serve_with_incoming(incoming));
    let origin: Uri = format!("http://{address}").parse().unwrap();
    let channel = Channel::builder(origin.clone()).connect().await.unwrap();
    let destinations = Destinations::new().host(&address, acme()).unwrap();
    (records, origin, channel, destinations)
}

fn check(prompt: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: prompt.to_owned(),
    }
}

#[tokio::test]
async fn concurrent_conversations_send_their_own_session() {
    let (records, origin, channel, destinations) = start().await;
    let client = client(channel, origin, destinations);
    let [a, b] = SESSIONS.map(|session| {
        let (mut client, conversation) = (client.clone(), conversation(session));
        async move {
            for _ in 0..3 {
                client.check(request(&conversation, check(session))).await?;
            }
            Ok::<_, Status>(())
        }
    });
    tokio::try_join!(a, b).unwrap();

    let calls = std::mem::take(&mut *records.calls.lock().unwrap());
    for session in SESSIONS {
        let own = (session.to_owned(), Some(session.to_owned()));
        assert_eq!(calls.iter().filter(|call| **call == own).count(), 3);
    }
    assert_eq!(calls.len(), 6);
}

#[tokio::test]
async fn call_without_a_session_is_an_invalid_argument() {
    let (records, origin, channel, destinations) = start().await;
    let missing = |answer: Result<_, Status>| {
        let status = answer.map(Response::into_inner).unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.message(), "session-id: required field is missing");
    };
    let conversation = conversation("ses_a");

    let mut with_layer = client(channel.clone(), origin.clone(), destinations.clone());
    let empty = Metadata::new();
    missing(with_layer.check(request(&empty, check(""))).await);

    let mut without_layer = HealthClient::with_origin(channel.clone(), origin);
    missing(without_layer.check(request(&conversation, check(""))).await);

    let inject = MetadataHeadersLayer::inject(destinations);
    let channel = tower::Layer::layer(&inject, channel);
    let mut without_origin = HealthClient::new(channel);
    missing(
        without_origin
            .check(request(&conversation, check("")))
            .await,
    );
    assert!(records.calls.lock().unwrap().is_empty());
}
