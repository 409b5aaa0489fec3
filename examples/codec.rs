//! Reading and writing on a `HeaderMap` without Tower, for example with reqwest or
//! in a proxy with another middleware system.
//!
//! Run it with `cargo run --example codec`.

use http::{HeaderMap, HeaderValue, Uri};
use tower_metadata_headers::{AgentId, Destinations, Metadata, SessionId, conventions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A client writes to a `HeaderMap` for the host of its request. Redirects are
    // off, because the headers have to be written again for each hop.
    let gateway = Destinations::new().host("127.0.0.1:*", conventions::claude_code())?;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let mut request = client.get("http://127.0.0.1:8080/v1/models").build()?;
    let uri: Uri = request.url().as_str().parse()?;
    let metadata = Metadata::new()
        .with(SessionId::new())
        .with(AgentId::try_from("reviewer")?);
    gateway.write(&uri, &metadata, request.headers_mut());
    println!("client sends:\n{:#?}", request.headers());

    // A proxy reads the headers of all known clients, removes them, and writes the
    // metadata for its upstream.
    let mut headers: HeaderMap = request.headers().clone();
    headers.try_insert("x-session-id", HeaderValue::from_static("two words"))?;
    let clients = conventions::clients();
    let extracted = clients.read(&headers);
    println!("proxy reads: {:?}", extracted.metadata);
    println!("proxy reports: {}", extracted.faults);

    clients.remove_from(&mut headers);
    let upstream = Destinations::new().host("opencode.ai", conventions::opencode())?;
    let uri = Uri::from_static("https://opencode.ai/zen/v1/models");
    let written = upstream.write(&uri, &extracted.metadata, &mut headers);
    println!("proxy does not write: {}", written.faults());
    println!("proxy sends:\n{headers:#?}");
    Ok(())
}
