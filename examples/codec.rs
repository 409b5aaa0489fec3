//! The bare codec, with no Tower: for clients that have no `http::Request` to
//! wrap, such as reqwest, and for proxies with a pipeline of their own.
//!
//! Run it with `cargo run --example codec`.

use http::{HeaderMap, HeaderValue};
use tower_metadata_headers::{AgentId, Metadata, SessionId, conventions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A client writes to any `HeaderMap`.
    let client = reqwest::Client::new();
    let mut request = client.get("http://127.0.0.1/v1/models").build()?;
    let metadata = Metadata::new()
        .with(SessionId::new())
        .with(AgentId::try_from("reviewer")?);
    conventions::claude_code().write(&metadata, request.headers_mut());
    println!("a client sends:\n{:#?}", request.headers());

    // A proxy reads all that it knows, removes it, and writes anew.
    let mut headers: HeaderMap = request.headers().clone();
    headers.try_insert("x-session-id", HeaderValue::from_static("two words"))?;
    let clients = conventions::clients();
    let extracted = clients.read(&headers);
    println!("a proxy reads: {:?}", extracted.metadata);
    println!("and reports: {}", extracted.faults);

    clients.remove_from(&mut headers);
    let opencode = conventions::opencode();
    let written = opencode.write(&extracted.metadata, &mut headers);
    println!("it sends on, without {}", written.faults());
    println!("{headers:#?}");
    Ok(())
}
