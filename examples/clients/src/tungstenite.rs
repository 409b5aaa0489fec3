//! tungstenite: the metadata is in the headers of the handshake, once for each
//! WebSocket.

use http::{Request, Uri};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Result, client::IntoClientRequest},
};
use tower_metadata_headers::{Destinations, Metadata};

/// Creates the handshake of a conversation.
///
/// `wss` counts as `https`, and `ws` as `http`: except to a loopback host, `ws` gets no
/// metadata unless its policy allows `http`.
///
/// # Errors
///
/// Returns an error if the URI has no host.
pub fn handshake(
    uri: &Uri,
    destinations: &Destinations,
    conversation: &Metadata,
) -> Result<Request<()>> {
    // A `Request` of your own would lack the headers of a handshake.
    let mut request = uri.into_client_request()?;
    destinations.write(uri, conversation, request.headers_mut());
    Ok(request)
}

/// Opens the WebSocket of a conversation.
///
/// # Errors
///
/// Returns an error if the handshake fails. A redirect fails it too.
pub async fn connect(
    uri: &Uri,
    destinations: &Destinations,
    conversation: &Metadata,
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>> {
    let request = handshake(uri, destinations, conversation)?;
    let (socket, _) = connect_async(request).await?;
    Ok(socket)
}
