//! Clients that forge the identity of another user.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Extension, Router, extract::Request};
use http::HeaderMap;
use tower_metadata_headers::{
    Class, Convention, ConventionSet, Metadata, MetadataHeadersLayer, conventions,
};

use crate::{
    common::{
        NONE, RequestExt, VERSIONS,
        client::{connected, send, text},
        get,
        server::Server,
    },
    support::{
        acme, ask, bare, by_field, by_header, edit, first, forwarded, nothing, set, user, with,
    },
};

const CUSTOMER: &str = "x-litellm-customer-id";
const FORGED_USER: (&str, &str) = (CUSTOMER, "victim");

/// The address of the only peer whose identity headers are trusted.
#[derive(Clone, Default)]
struct Trusted(Arc<Mutex<Option<SocketAddr>>>);

impl Trusted {
    fn is(&self, address: Option<SocketAddr>) -> bool {
        address.is_some() && *self.0.lock().unwrap() == address
    }
}

/// LiteLLM trusted identity headers of every peer. Its fix compares the address
/// of the connection, and not an address in a header (BerriAI/litellm#26825).
#[tokio::test]
async fn litellm_pr_26825_only_the_peer_itself_can_be_trusted_with_identity() {
    for version in VERSIONS {
        let trusted = Trusted::default();
        let peers = trusted.clone();
        let by_forwarded_for = Router::new().fallback(async move |request: Request| {
            let from = first(request.headers(), "x-forwarded-for").parse().ok();
            if peers.is(from) {
                first(request.headers(), CUSTOMER)
            } else {
                "none".to_owned()
            }
        });
        let peers = trusted.clone();
        let extract = MetadataHeadersLayer::extract(conventions::litellm())
            .trust_identity_when(move |parts| peers.is(parts.extensions.get().copied()));
        let by_peer = by_field("user-id").layer(extract);

        for (app, expected) in [(by_forwarded_for, "victim"), (by_peer.clone(), "none")] {
            let server = Server::start(app).await;
            let (peer, _) = connected(server.addr(), version).await;
            *trusted.0.lock().unwrap() = Some(peer);
            let request = get(&server.uri("/"))
                .line(FORGED_USER.0, FORGED_USER.1)
                .line("x-forwarded-for", &peer.to_string());
            let answer = send(&bare(version), request).await;
            assert_eq!(text(&answer), expected, "{version:?}");
        }

        // The peer itself is trusted.
        let server = Server::start(by_peer).await;
        let (peer, client) = connected(server.addr(), version).await;
        *trusted.0.lock().unwrap() = Some(peer);
        let request = get(&server.uri("/")).line(FORGED_USER.0, FORGED_USER.1);
        assert_eq!(text(&send(&client, request).await), "victim");
    }
}

/// In LiteLLM, some twenty metadata keys that decide who pays were kept from a
/// client's request on one route, so a key of one team could bill another
/// (BerriAI/litellm#36121).
#[tokio::test]
async fn litellm_pr_36121_no_header_with_identity_is_left() {
    let names: BTreeSet<String> = conventions::all()
        .flat_map(|convention| convention.rules().cloned().collect::<Vec<_>>())
        .filter(|rule| rule.field().class() == Class::Identity)
        .filter(|rule| rule.is_read() && rule.member_name().is_none())
        .flat_map(|rule| rule.headers().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(names.len() > 20, "{names:?}");
    let forged: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "team-a")).collect();

    let app = Router::new().fallback(async |request: Request| {
        let metadata = request.extensions().get::<Metadata>();
        let identities = metadata.map_or(0, |metadata| {
            let fields = metadata.iter();
            fields
                .filter(|(_, value)| value.expose() == "team-a")
                .count()
        });
        let headers = request.headers().values();
        let left = headers.filter(|value| *value == "team-a").count();
        format!("{identities} {left}")
    });
    let all: ConventionSet = conventions::all().collect();
    let extract = MetadataHeadersLayer::extract(all).strip();
    assert_eq!(
        ask(app.clone(), &forged).await,
        format!("0 {}", names.len())
    );
    assert_eq!(ask(app.layer(extract), &forged).await, "0 0");
}

/// In LiteLLM, every holder of a virtual key can name any customer as the payer
/// (BerriAI/litellm#32779).
#[tokio::test]
async fn litellm_issue_32779_customer_of_the_key_outranks_every_header() {
    // The customer that belongs to the key.
    let of_key = Extension(user("customer-a"));
    let naive = Router::new().fallback(async |request: Request| {
        match first(request.headers(), CUSTOMER).as_str() {
            "none" => "customer-a".to_owned(),
            claimed => claimed.to_owned(),
        }
    });
    assert_eq!(ask(naive, &[FORGED_USER]).await, "victim");

    // The same holds if headers are trusted.
    let extract =
        MetadataHeadersLayer::extract(conventions::litellm()).trust_identity_when(|_| true);
    let ours = by_field("user-id").layer(extract);
    assert_eq!(ask(ours.clone(), &[FORGED_USER]).await, "victim");
    assert_eq!(ask(ours.layer(of_key), &[FORGED_USER]).await, "customer-a");
}

/// LiteLLM sets the user upstream only if the client has not set one, so the
/// client's value is sent (BerriAI/litellm#34846).
#[tokio::test]
async fn litellm_issue_34846_user_header_of_a_client_is_replaced() {
    let fill_in = edit(|headers: &mut HeaderMap| {
        if !headers.contains_key(CUSTOMER) {
            set(headers, CUSTOMER, "customer-a");
        }
    });
    let victim = ["x-litellm-customer-id: victim"];
    assert_eq!(forwarded(fill_in, bare, &[FORGED_USER]).await, victim);

    let known = |routes: Router| routes.layer(Extension(user("customer-a")));
    let inject = |version| {
        let inject = MetadataHeadersLayer::inject(conventions::litellm());
        with(inject, version)
    };
    assert_eq!(
        forwarded(known, inject, &[FORGED_USER]).await,
        ["x-litellm-customer-id: customer-a"],
    );
}

/// Archestra read the user from a header that anyone can send
/// (archestra-ai/archestra#1641).
#[tokio::test]
async fn archestra_pr_1641_untrusted_header_sets_no_user() {
    let forged_user = [("x-archestra-user-id", "victim")];
    let naive = by_header("x-archestra-user-id");
    assert_eq!(ask(naive, &forged_user).await, "victim");

    let convention = Convention::vendor("archestra").unwrap();
    let ours = by_field("user-id").layer(MetadataHeadersLayer::extract(convention));
    assert_eq!(ask(ours, &forged_user).await, "none");
}

/// vLLM's semantic router looked up memories by the user in a request's own
/// metadata (vllm-project/semantic-router#1318).
#[cfg(feature = "json")]
#[tokio::test]
async fn semantic_router_pr_1318_untrusted_user_opens_no_memory_of_another() {
    let recall = |user: &str| match user {
        "victim" => "what the victim said".to_owned(),
        _ => "nothing".to_owned(),
    };
    let forged_user = [("x-portkey-metadata", r#"{"_user":"victim"}"#)];
    let naive = Router::new().fallback(async move |request: Request| {
        let metadata = first(request.headers(), "x-portkey-metadata");
        let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
        recall(metadata["_user"].as_str().unwrap())
    });
    assert_eq!(ask(naive, &forged_user).await, "what the victim said");

    let ours = Router::new()
        .fallback(async move |request: Request| recall(&crate::support::field(&request, "user-id")))
        .layer(MetadataHeadersLayer::extract(conventions::portkey()));
    assert_eq!(ask(ours, &forged_user).await, "nothing");
}

/// Envoy's `x-envoy-` headers control it, so an edge proxy must remove them
/// from external requests (envoyproxy.io, "Configuring Envoy as an edge
/// proxy").
#[tokio::test]
async fn envoy_edge_headers_with_an_owned_prefix_are_removed_at_the_edge() {
    let internal = ["x-acme-internal", "x-acme-retry-on", "x_acme_internal"];
    let sent = internal.map(|name| (name, "true"));
    let mut arrive = internal.map(|name| format!("{name}: true"));
    arrive.sort();
    assert_eq!(forwarded(nothing, bare, &sent).await, arrive);

    let edge = |routes: Router| routes.layer(MetadataHeadersLayer::extract(acme()).strip());
    assert_eq!(forwarded(edge, bare, &sent).await, NONE);
    // The client to the internal service removes them too.
    let inject = |version| with(MetadataHeadersLayer::inject(acme()), version);
    assert_eq!(forwarded(nothing, inject, &sent).await, NONE);
}
