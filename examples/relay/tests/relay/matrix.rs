//! Requests of every client through the relay, over real HTTP, to an upstream of
//! every convention.
//!
//! `cargo test --workspace --all-features --test relay matrix -- --nocapture`
//! shows the result of each.

use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use relay::Settings;
use serde_json::Value;
use tower_metadata_headers::{Convention, ConventionSet, Metadata, SessionId, conventions};

use crate::support::{PROTOCOLS, client, relay_with, witness};

#[tokio::test]
async fn session_of_each_client_reaches_each_target_that_supports_it() {
    let clients = clients();
    let mut rows: Vec<String> = clients
        .iter()
        .map(|(name, _)| format!("{name:<56}"))
        .collect();
    let mut legend = String::new();
    let mut arrived = 0;
    for (column, target) in conventions::all().enumerate() {
        legend += &format!("{:>2} {}\n", column + 1, target.name());
        let (upstream, mut requests) = witness().await;
        let settings = Settings {
            send_as: target.clone(),
            trust_identity: true,
            ..Settings::default()
        };
        let relay = relay_with(&upstream, settings).await;
        for (index, (name, sent)) in clients.iter().enumerate() {
            let client = client(PROTOCOLS[index % PROTOCOLS.len()]);
            let mut request = Request::post(format!("http://{}/v1/chat", relay.address()))
                .body(Full::<Bytes>::default())
                .unwrap();
            *request.headers_mut() = sent.clone();
            let response = client.request(request).await.unwrap();
            assert!(
                response.status().is_success(),
                "{name} to {}",
                target.name()
            );
            let (got, _) = requests.recv().await.unwrap();
            let mark = judge(
                &format!("{name} to {}", target.name()),
                sent,
                got.headers,
                &target,
            );
            arrived += usize::from(mark == 'S');
            rows[index].push(mark);
        }
        relay.stop().await;
    }
    println!(
        "{legend}\nS arrived, x outside the target's limits and reported, - unsupported, . none sent\n"
    );
    println!("{}", rows.join("\n"));
    assert!(arrived > 500, "only {arrived} sessions arrived");
}

/// Returns the names and headers of the vectors of known clients.
fn clients() -> Vec<(String, HeaderMap)> {
    let file = include_str!("../../../../tests/vectors/clients.json");
    let file: Value = serde_json::from_str(file).unwrap();
    let vectors = file["vectors"].as_array().unwrap().iter();
    vectors
        .filter(|vector| vector["read"].is_object())
        .map(|vector| {
            let name = vector["name"].as_str().unwrap().to_owned();
            (name, sendable(&vector["read"]))
        })
        .collect()
}

/// Returns the headers of a vector without those that the HTTP client sets.
fn sendable(read: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for part in ["headers", "shared", "around"] {
        for line in read[part].as_array().into_iter().flatten() {
            let name = line[0].as_str().unwrap().parse::<HeaderName>().unwrap();
            let value = HeaderValue::try_from(text(&line[1])).unwrap();
            headers.try_append(name, value).unwrap();
        }
    }
    for name in ["host", "content-length", "connection", "transfer-encoding"] {
        headers.remove(name);
    }
    headers
}

/// Returns a value of a vector, which is a string or a repeated string.
fn text(value: &Value) -> String {
    match &value["repeat"] {
        Value::Null => value.as_str().unwrap().to_owned(),
        repeat => {
            let count = usize::try_from(repeat[1].as_u64().unwrap()).unwrap();
            repeat[0].as_str().unwrap().repeat(count)
        }
    }
}

/// Checks the result of a request, and returns its mark for the table.
fn judge(pair: &str, sent: &HeaderMap, mut got: HeaderMap, target: &Convention) -> char {
    let metadata = conventions::clients().read_trusted(sent).metadata;
    assert_nothing_leaks(pair, sent, &got, target, &metadata);

    let Some(session) = metadata.session() else {
        return '.';
    };
    // Codex's own names are read only if `User-Agent` is Codex's.
    if target.name().starts_with("codex") {
        let agent = HeaderValue::from_static("codex_cli_rs/0.142.4");
        got.try_insert("user-agent", agent).unwrap();
    }
    let read = ConventionSet::from(target.clone())
        .read_trusted(&got)
        .metadata;
    if read.session().as_ref() == Some(&session) {
        return 'S';
    }
    let mut headers = HeaderMap::new();
    let written = target.write(&metadata, &mut headers);
    let is_supported = target
        .writes()
        .any(|(_, fields)| fields.iter().any(|field| field.name() == "session-id"));
    assert_eq!(read.session(), None, "{pair}");
    assert!(!written.contains::<SessionId>(), "{pair}");
    if is_supported { 'x' } else { '-' }
}

/// Checks that of the headers that clients own, only those that the target writes
/// remain.
fn assert_nothing_leaks(
    pair: &str,
    sent: &HeaderMap,
    got: &HeaderMap,
    target: &Convention,
    metadata: &Metadata,
) {
    let mut rest = sent.clone();
    conventions::clients().remove_from(&mut rest);
    let mut ours = HeaderMap::new();
    target.write(metadata, &mut ours);
    for name in sent.keys().filter(|name| !rest.contains_key(*name)) {
        assert_eq!(got.get(name), ours.get(name), "{pair}: {name}");
    }
    for (name, value) in &ours {
        if !rest.contains_key(name) {
            assert_eq!(
                got.get_all(name).iter().collect::<Vec<_>>(),
                [value],
                "{pair}: {name}"
            );
        }
    }
}
