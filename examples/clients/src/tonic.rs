//! tonic: a channel that writes metadata, and a server that rejects a call without a
//! session.

use http::{Response, Uri};
use tonic::{Request, Status, body::Body, transport::Channel};
use tonic_health::pb::health_client::HealthClient;
use tower::ServiceBuilder;
use tower_metadata_headers::{
    Destinations, Metadata, MetadataHeaders, MetadataHeadersLayer, SessionId, conventions,
    layer::{Inject, Reject, Rejection},
};

/// Creates a client of the health service. Any generated client works the same.
#[must_use]
pub fn client(
    channel: Channel,
    origin: Uri,
    destinations: Destinations,
) -> HealthClient<MetadataHeaders<Channel, Inject>> {
    let channel = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(destinations))
        .service(channel);
    // The channel adds the host inside the layer. Without an origin, the request's URI
    // has no host, and the destinations write nothing.
    HealthClient::with_origin(channel, origin)
}

/// Creates a request of a conversation.
pub fn request<T>(conversation: &Metadata, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(conversation.clone());
    request
}

/// Returns the layer for `Server::builder().layer(…)`. A call without a session, or with
/// an ambiguous one, fails with the status `INVALID_ARGUMENT`.
#[must_use]
pub fn server_layer()
-> MetadataHeadersLayer<Reject<impl Fn(Rejection) -> Response<Body> + Send + Sync + 'static>> {
    MetadataHeadersLayer::extract(conventions::clients())
        .strip()
        .require_session()
        // A gRPC error is a response with the HTTP status 200, so not `to_response`.
        .reject_with(|rejection| Status::invalid_argument(rejection.to_string()).into_http())
}

/// Returns the session of a call that passed the layer.
pub fn session<T>(request: &Request<T>) -> Option<SessionId> {
    request.extensions().get::<Metadata>()?.session()
}
