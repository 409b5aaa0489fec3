use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower_metadata_headers::{
    Convention, ConventionSet, Destinations, HeaderChanges, HostPolicy, Metadata, Reason,
    SessionId, conventions,
};

use crate::{
    common::server::Upstream,
    support::vectors::{self, Read},
};

/// Headers of a client with a map of its own, as it spells them.
type Pairs = Vec<(String, Vec<u8>)>;

fn apply(changes: &HeaderChanges<'_>, pairs: &mut Pairs) {
    pairs.retain(|(name, _)| !changes.removed().any(|removed| removed == name));
    for (name, value) in changes.inserted_raw() {
        pairs.push((name.as_str().to_owned(), value.as_bytes().to_vec()));
    }
}

fn header_map(pairs: &Pairs) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let value = HeaderValue::from_bytes(value).unwrap();
        headers.try_append(name, value).unwrap();
    }
    headers
}

/// Returns the headers of a request, with every second name in upper case.
fn pairs(read: &Read) -> Pairs {
    let headers = read.request();
    let spelled = |(at, (name, value)): (usize, (&HeaderName, &HeaderValue))| {
        let name = name.as_str();
        let name = if at % 2 == 0 {
            name.to_ascii_uppercase()
        } else {
            name.to_owned()
        };
        (name, value.as_bytes().to_vec())
    };
    headers.iter().enumerate().map(spelled).collect()
}

fn requests() -> impl Iterator<Item = (&'static str, &'static Read)> {
    let vectors = vectors::files().iter().flat_map(|file| &file.vectors);
    vectors.filter_map(|vector| Some((vector.name.as_str(), vector.read.as_ref()?)))
}

#[test]
fn pairs_are_read_like_a_header_map() {
    let clients = conventions::clients();
    let mut fields = 0;
    for (name, read) in requests() {
        let headers = read.request();
        assert_eq!(
            clients.read_pairs(pairs(read)),
            clients.read(&headers),
            "{name}"
        );
        let trusted = clients.read_trusted_pairs(pairs(read));
        assert_eq!(trusted, clients.read_trusted(&headers), "{name}");
        fields += trusted.metadata.len();
    }
    assert!(fields > 300, "control: {fields} fields");
}

#[test]
fn changes_applied_to_pairs_equal_a_write_to_a_header_map() {
    let clients = conventions::clients();
    let uri = Uri::from_static("https://target.example/");
    let mut removed = 0;
    for target in conventions::all() {
        let name = target.name().to_owned();
        let destinations = Destinations::new().host("target.example", target).unwrap();
        for (vector, read) in requests() {
            let mut headers = read.request();
            let metadata = clients.read_trusted(&headers).metadata;
            let mut pairs = pairs(read);
            let changes = destinations.changes(&uri, &metadata, pairs.iter().map(as_pair));
            let report = destinations.write(&uri, &metadata, &mut headers);
            assert_eq!(
                changes.report().faults(),
                report.faults(),
                "{name}: {vector}"
            );
            removed += changes.removed().count();
            apply(&changes, &mut pairs);
            assert_eq!(header_map(&pairs), headers, "{name}: {vector}");
        }
    }
    assert!(removed > 1000, "control: {removed} headers are removed");
}

fn as_pair((name, value): &(String, Vec<u8>)) -> (&str, &[u8]) {
    (name, value)
}

#[test]
fn every_spelling_of_a_stale_header_is_removed() {
    let destinations = Destinations::from(conventions::opencode());
    let metadata = Metadata::new().with(SessionId::try_from("ses_2").unwrap());
    let headers = [
        ("X-OpenCode-Session", "ses_1"),
        ("x-opencode-session", "ses_1"),
        ("x_opencode_session", "smuggled"),
        ("Accept", "*/*"),
    ];
    let uri = Uri::from_static("https://opencode.ai/");
    let changes = destinations.changes(&uri, &metadata, headers);
    let removed: Vec<&str> = changes.removed().collect();
    let stale = [
        "X-OpenCode-Session",
        "x-opencode-session",
        "x_opencode_session",
    ];
    assert_eq!(removed, stale);
    let inserted: Vec<_> = changes.inserted().collect();
    assert_eq!(inserted, [("x-opencode-session", "ses_2")]);
}

#[test]
fn header_that_has_its_value_already_is_no_change() {
    let destinations = Destinations::from(conventions::opencode());
    let metadata = Metadata::new().with(SessionId::try_from("ses_1").unwrap());
    let uri = Uri::from_static("https://opencode.ai/");
    let headers = [("x-opencode-session", "ses_1")];
    let changes = destinations.changes(&uri, &metadata, headers);
    assert_eq!(changes.removed().count(), 0);
    assert_eq!(changes.inserted().count(), 0);
    assert!(changes.report().contains::<SessionId>());
}

#[test]
fn control_character_in_a_value_is_an_invalid_character() {
    for (value, at) in [("a\r\nx-evil: 1", 1), ("a\0", 1), ("\u{7f}", 0)] {
        let extracted = ConventionSet::from(conventions::opencode())
            .read_pairs([("x-opencode-session", value)]);
        assert_eq!(extracted.metadata, Metadata::new(), "{value:?}");
        let reasons: Vec<Reason> = extracted
            .faults
            .iter()
            .map(tower_metadata_headers::Fault::reason)
            .collect();
        assert_eq!(reasons, [Reason::InvalidCharacter { at }], "{value:?}");
    }
}

#[test]
fn name_that_is_not_valid_in_http_is_ignored() {
    let headers = [("x opencode session", "ses_1"), ("", "ses_1"), ("é", "1")];
    let extracted = conventions::clients().read_pairs(headers);
    assert!(extracted.metadata.is_empty());
    assert!(extracted.faults.is_empty());
}

#[test]
fn more_headers_than_a_map_holds_are_reported() {
    let headers = (0..40_000).map(|at| (format!("x-zoo-{at}"), "1"));
    let extracted = conventions::clients().read_pairs(headers.clone());
    let reasons: Vec<Reason> = extracted
        .faults
        .iter()
        .map(tower_metadata_headers::Fault::reason)
        .collect();
    assert_eq!(reasons, [Reason::HeaderMapFull]);

    let metadata = Metadata::new().with(SessionId::try_from("s-1").unwrap());
    let destinations = Destinations::from(Convention::vendor("zoo").unwrap());
    let uri = Uri::from_static("https://zoo.example/");
    let changes = destinations.changes(&uri, &metadata, headers);
    assert_eq!(changes.inserted().count(), 0);
    let faults = changes.report().faults();
    assert!(
        faults
            .iter()
            .all(|fault| fault.reason() == Reason::HeaderMapFull)
    );
    assert_eq!(faults.len(), 1);
}

/// A client that writes HTTP/1.1 itself, from a list of headers.
#[tokio::test]
async fn pairs_of_a_handwritten_client_arrive_without_the_stale_header() {
    let upstream = Upstream::start().await;
    let litellm = HostPolicy::new(conventions::litellm());
    let destinations = Destinations::new()
        .host(&upstream.authority(), litellm)
        .unwrap();
    let uri = upstream.uri("/v1");
    let mut headers: Pairs = vec![
        ("Host".to_owned(), upstream.authority().into_bytes()),
        ("Connection".to_owned(), b"close".to_vec()),
        ("X-Acme-Session-Id".to_owned(), b"stale-session".to_vec()),
    ];
    for changed in [false, true] {
        if changed {
            let metadata = Metadata::new().with(SessionId::try_from("ses_01J5Z8").unwrap());
            let changes = destinations.changes(&uri, &metadata, headers.iter().map(as_pair));
            apply(&changes, &mut headers);
        }
        let mut stream = tokio::net::TcpStream::connect(upstream.addr())
            .await
            .unwrap();
        stream.write_all(b"GET /v1 HTTP/1.1\r\n").await.unwrap();
        for (name, value) in &headers {
            let line = [name.as_bytes(), b": ", value, b"\r\n"].concat();
            stream.write_all(&line).await.unwrap();
        }
        stream.write_all(b"\r\n").await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
        let parts = upstream.take_one();
        // Control: without the changes, LiteLLM reads the stale session.
        let stale = parts.headers.contains_key("x-acme-session-id");
        assert_eq!(stale, !changed);
        let session = parts.headers.get("x-litellm-session-id");
        assert_eq!(session.is_some_and(|id| id == "ses_01J5Z8"), changed);
    }
}
