//! The bare codec, with no Tower: for clients that have no `http::Request` to
//! wrap, such as reqwest, and for proxies with a pipeline of their own.
//!
//! Run it with `cargo run --example codec`.

use http::{HeaderMap, HeaderValue, Uri};
use tower_metadata_headers::{AgentId, Destinations, Metadata, SessionId, conventions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A client writes to any `HeaderMap`, for the host that it sends to. It
    // follows no redirects: each hop has to be written anew.
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
    println!("a client sends:\n{:#?}", request.headers());

    // A proxy reads all that it knows, removes it, and writes anew.
    let mut headers: HeaderMap = request.headers().clone();
    headers.try_insert("x-session-id", HeaderValue::from_static("two words"))?;
    let clients = conventions::clients();
    let extracted = clients.read(&headers);
    println!("a proxy reads: {:?}", extracted.metadata);
    println!("and reports: {}", extracted.faults);

    clients.remove_from(&mut headers);
    let upstream = Destinations::new().host("opencode.ai", conventions::opencode())?;
    let uri = Uri::from_static("https://opencode.ai/zen/v1/models");
    let written = upstream.write(&uri, &extracted.metadata, &mut headers);
    println!("it sends on, without {}", written.faults());
    println!("{headers:#?}");
    Ok(())
}
