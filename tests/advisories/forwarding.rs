//! Headers that a gateway forwards to the wrong receiver.

use axum::{Router, extract::Request, middleware::map_request};
use http::{Response, StatusCode, header::CONTENT_LENGTH};
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_metadata_headers::{
    Convention, Destinations, MetadataHeadersLayer, Rule, UserId, conventions,
};

use crate::{
    common::{
        Body, NONE, RequestExt, VERSIONS, ZOO_LINES, append,
        client::{send, text},
        get, lines, metadata, over_http,
        server::{Server, Upstream, uri},
        session, zoo,
    },
    support::{Client, bare, first, forward, forwarded, nothing, with},
};

/// Sends the request to each host in turn, until one responds with success.
async fn fall_back(client: &Client, request: http::Request<Body>, hosts: &[&Upstream]) {
    for host in hosts {
        let mut request = request.clone();
        *request.uri_mut() = host.uri("/");
        let response = client.clone().oneshot(request).await.unwrap();
        if response.status() == 200 {
            return;
        }
    }
}

/// LiteLLM's fallback call to a second provider had the headers of the first
/// provider (BerriAI/litellm#28238).
#[tokio::test]
async fn litellm_issue_28238_a_fallback_carries_no_header_of_the_first_provider() {
    let busy = || {
        Upstream::answering(|_| {
            let mut response = Response::default();
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        })
    };
    for version in VERSIONS {
        let [first, second, third] = [busy().await, busy().await, Upstream::start().await];
        let hosts = [&first, &second, &third];
        let by_hand = get(&first.uri("/")).line("x-zoo-session-id", "ses_1");
        fall_back(&bare(version), by_hand, &hosts).await;
        for host in hosts {
            let arrived = lines(&host.take_one().headers);
            assert_eq!(arrived, ["x-zoo-session-id: ses_1"]);
        }

        let destinations = Destinations::new()
            .host(&first.authority(), zoo())
            .and_then(|to| to.host(&third.authority(), conventions::opencode()))
            .unwrap();
        let client = with(MetadataHeadersLayer::inject(destinations), version);
        let request = get(&first.uri("/")).metadata(session("ses_1"));
        fall_back(&client, request, &hosts).await;
        let arrived = hosts.map(|host| lines(&host.take_one().headers));
        assert_eq!(arrived[0], ["x-zoo-session-id: ses_1"]);
        assert_eq!(arrived[1], NONE);
        assert_eq!(arrived[2], ["x-opencode-session: ses_1"]);
    }
}

/// LiteLLM added its own metadata to the body for Bedrock, which does not know
/// these members (BerriAI/litellm#31017).
#[tokio::test]
async fn litellm_pr_31017_body_is_not_changed() {
    let chat = r#"{"model": "m", "metadata": {"user_id": "mine"}}"#;
    let upstream = Router::new().fallback(async |request: Request| {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let headers = lines(&parts.headers).join(",");
        format!("{}|{headers}", str::from_utf8(&body).unwrap())
    });
    let upstream = Server::start(upstream).await;
    for version in VERSIONS {
        let strip = MetadataHeadersLayer::extract(conventions::clients()).strip();
        let naive = forward(bare(version), &upstream).layer(map_request(add_to_body));
        let ours = forward(bare(version), &upstream).layer(strip);
        let mut responses = Vec::new();
        for gateway in [naive, ours] {
            let gateway = Server::start(gateway).await;
            let request = http::Request::post(gateway.uri("/")).body(Body::from(chat));
            let request = request.unwrap().line("x-zoo-session-id", "internal");
            responses.push(text(&send(&bare(version), request).await).to_owned());
        }
        assert!(
            responses[0].contains(r#""session_id":"internal""#),
            "control"
        );
        assert_eq!(responses[1], format!("{chat}|"));
    }
}

/// Adds a header's value to the body's metadata.
async fn add_to_body(request: Request) -> Request {
    let (mut parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    body["metadata"]["session_id"] = first(&parts.headers, "x-zoo-session-id").into();
    parts.headers.remove(CONTENT_LENGTH);
    Request::from_parts(parts, body.to_string().into())
}

/// Headers that other software uses too, so that they are read and not removed.
const SHARED: [&str; 5] = [
    "baggage",
    "originator",
    "traceparent",
    "x-client-request-id",
    "x-request-id",
];

/// With `forward_headers`, LiteLLM's passthrough forwarded all incoming
/// headers, and LiteLLM's own key (BerriAI/litellm#32202). This crate forwards
/// no metadata header unless it writes it, and no convention can write a key.
#[tokio::test]
async fn litellm_issue_32202_incoming_metadata_is_not_forwarded() {
    let names: Vec<String> = conventions::clients()
        .conventions()
        .flat_map(|convention| {
            convention
                .reads()
                .map(|(name, _)| name.to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|name| !SHARED.contains(&name.as_str()))
        .collect();
    let sent: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "ses_12345")).collect();
    for some in sent.chunks(50) {
        let arrived = forwarded(nothing, bare, some).await;
        assert_eq!(arrived.len(), some.len(), "control");
        let strip = MetadataHeadersLayer::extract(conventions::clients()).strip();
        let strip = |routes: Router| routes.layer(strip.clone());
        assert_eq!(forwarded(strip, bare, some).await, NONE);
    }

    for key in [
        "authorization",
        "x-litellm-api-key",
        "x-api-key",
        "api-key",
        "cookie",
    ] {
        let rule = Rule::read_only::<UserId>(key);
        assert!(
            Convention::builder("acme").rule(rule).build().is_err(),
            "{key}"
        );
    }
}

/// LiteLLM has one list of headers to forward for all deployments
/// (BerriAI/litellm#40076).
#[tokio::test]
async fn litellm_issue_40076_each_deployment_gets_its_own_headers_and_no_others() {
    for version in VERSIONS {
        let upstream = Upstream::start().await;
        let destinations = Destinations::new()
            .host(&upstream.named("zoo.example"), over_http(zoo()))
            .and_then(|to| {
                let opencode = over_http(conventions::opencode());
                to.host(&upstream.named("opencode.example"), opencode)
            })
            .unwrap();
        let inject = with(MetadataHeadersLayer::inject(destinations), version);
        let opencode = ["x-opencode-project: acme/web", "x-opencode-session: ses_1"];
        for (host, ours) in [
            ("zoo.example", &ZOO_LINES[..]),
            ("opencode.example", &opencode),
            ("evil.example", &[]),
            ("zoo.example.evil.example", &[]),
        ] {
            let to = uri(&upstream.named(host), "/");
            let mut all = get(&to);
            for line in ZOO_LINES.iter().chain(&opencode) {
                let (name, value) = line.split_once(": ").unwrap();
                append(all.headers_mut(), name, value);
            }
            send(&bare(version), all.clone()).await;
            let naive = upstream.take_one().headers;
            assert_eq!(naive.keys().filter(is_ours).count(), 5, "{host}");

            // Headers of another deployment are removed too.
            send(&inject, all.metadata(metadata())).await;
            assert_eq!(lines(&upstream.take_one().headers), ours, "{host}");
        }
    }
}

fn is_ours(name: &&http::HeaderName) -> bool {
    name.as_str().starts_with("x-")
}
