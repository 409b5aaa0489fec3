//! The path of a gateway: extract from all clients, strip, and inject for the upstream.

use http::{HeaderMap, HeaderName, HeaderValue, header::USER_AGENT};
use tower_layer::Layer;
use tower_metadata_headers::{Destinations, MetadataHeadersLayer, conventions, layer::Extract};

use super::{Case, Request, by_hand::Read, calling, ours, request};

/// A `User-Agent` that `clients()` knows.
const AGENT: (&str, &str) = ("user-agent", "claude-cli/2.1.273 (external, cli)");

/// Requests of the path: their name, and the headers of their client.
const REQUESTS: [(&str, &[&str]); 3] = [
    ("gateway 0", &[]),
    ("gateway 1", &["x-claude-code-session-id"]),
    ("gateway 5", &ours::KILO),
];

/// Header of the upstream.
const SENT: HeaderName = HeaderName::from_static("x-opencode-session");

/// Returns the cases by hand, without any check.
pub fn by_hand() -> impl Iterator<Item = Case> {
    REQUESTS.into_iter().map(|(name, headers)| {
        let make = move || request::from_agent(AGENT, headers);
        Case::new(format!("{name}: by hand"), make, move |inner| {
            let names: Vec<HeaderName> = headers
                .iter()
                .map(|name| HeaderName::from_static(name))
                .collect();
            let mut inner = calling(inner);
            move |mut request| {
                translate(&mut request, &names);
                inner(request);
            }
        })
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the floor is what most programs call; these maps have room"
)]
fn translate(request: &mut Request, names: &[HeaderName]) {
    let headers = request.headers();
    let mut read = Read([const { None }; 5]);
    for (field, name) in read.0.iter_mut().zip(names) {
        *field = headers.get(name).cloned();
    }
    let is_known = headers
        .get(USER_AGENT)
        .is_some_and(|agent| agent.as_bytes().starts_with(b"claude-cli/"));
    let session = read.0.first().cloned().flatten();
    request.extensions_mut().insert((read, is_known));
    let headers: &mut HeaderMap<HeaderValue> = request.headers_mut();
    for name in names {
        headers.remove(name);
    }
    if let Some(session) = session {
        headers.insert(SENT, session);
    }
}

/// Returns our cases: the whole path, and its first half.
pub fn ours() -> impl Iterator<Item = Case> {
    REQUESTS.into_iter().flat_map(|(name, headers)| {
        let make = move || request::from_agent(AGENT, headers);
        [
            Case::new(format!("{name}: ours, extract"), make, |inner| {
                calling(extract().layer(inner))
            }),
            Case::new(format!("{name}: ours, extract and strip"), make, |inner| {
                calling(extract().strip().layer(inner))
            }),
            Case::new(format!("{name}: ours"), make, |inner| {
                let destinations =
                    Destinations::new().host("api.example.com", conventions::opencode());
                let inject = MetadataHeadersLayer::inject(destinations.unwrap());
                calling(extract().strip().layer(inject.layer(inner)))
            }),
        ]
    })
}

fn extract() -> MetadataHeadersLayer<Extract> {
    MetadataHeadersLayer::extract(conventions::clients())
}
