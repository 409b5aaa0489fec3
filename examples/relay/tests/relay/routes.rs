//! Several upstreams: by path, by model, and one after the other.

use http::{HeaderValue, Request, header::AUTHORIZATION};
use http_body_util::Full;
use hyper::body::Bytes;
use relay::{base_url::BaseUrl, serve::Server, settings::Route};
use tokio::net::TcpListener;
use tower_metadata_headers::conventions;

use crate::support::{PROTOCOLS, base_url, client, json, port, relay_by, route, witness};

fn post(relay: &Server, path: &str, body: &'static str) -> Request<Full<Bytes>> {
    let uri = format!("http://{}{path}", relay.address());
    Request::post(uri)
        .header("x-zoo-session-id", "ses_12345")
        .header(AUTHORIZATION, "Bearer client")
        .body(Full::from(body))
        .unwrap()
}

#[tokio::test]
async fn request_goes_to_the_first_upstream_that_takes_its_path_and_model() {
    let (first, mut at_first) = witness().await;
    let (second, mut at_second) = witness().await;
    let claude = Route {
        paths: vec!["/v1/messages".to_owned()],
        models: vec!["claude-*".to_owned(), "opus".to_owned()],
        send_as: conventions::claude_code(),
        ..route("claude", vec![base_url(&first)])
    };
    let chat = Route {
        paths: vec!["/v1/".to_owned()],
        ..route("chat", vec![base_url(&second)])
    };
    let relay = relay_by(vec![claude, chat]).await;
    for protocol in PROTOCOLS {
        for (path, body, is_first) in [
            (
                "/v1/messages",
                r#"{"model":"claude-5","max_tokens":1}"#,
                true,
            ),
            (
                "/v1/messages?beta=true",
                r#"{"messages":[],"model":"opus"}"#,
                true,
            ),
            ("/v1/messages", r#"{"model":"opus-2"}"#, false),
            ("/v1/messages", "not JSON", false),
            ("/v1/messages2", r#"{"model":"claude-5"}"#, false),
            ("/v1/chat/completions", r#"{"model":"claude-5"}"#, false),
        ] {
            let response = client(protocol)
                .request(post(&relay, path, body))
                .await
                .unwrap();
            assert_eq!(response.status(), 200, "{path} {body}");
            let (got, header) = if is_first {
                (at_first.recv().await.unwrap().0, "x-claude-code-session-id")
            } else {
                (at_second.recv().await.unwrap().0, "x-litellm-session-id")
            };
            assert_eq!(got.headers[header], "ses_12345", "{path} {body}");
            assert_eq!(got.uri.path_and_query().unwrap(), path);
            assert_eq!(got.headers["content-length"], body.len().to_string());
        }
        let response = client(protocol)
            .request(post(&relay, "/v2/x", "{}"))
            .await
            .unwrap();
        assert_eq!(response.status(), 404);
        assert_eq!(json(response).await["error"]["code"], "no_upstream");
    }
    assert!(at_first.try_recv().is_err() && at_second.try_recv().is_err());
}

#[tokio::test]
async fn request_goes_to_the_next_server_if_the_first_is_down() {
    let (up, mut requests) = witness().await;
    let down = port().await;
    let gone = BaseUrl::http(down.local_addr().unwrap()).unwrap();
    drop(down);
    for models in [vec![], vec!["m".to_owned()]] {
        let both = Route {
            models,
            ..route("both", vec![gone.clone(), base_url(&up)])
        };
        let relay = relay_by(vec![both]).await;
        let body = r#"{"model":"m"}"#;
        for protocol in PROTOCOLS {
            let response = client(protocol)
                .request(post(&relay, "/v1", body))
                .await
                .unwrap();
            assert_eq!(response.status(), 200);
            let (got, _) = requests.recv().await.unwrap();
            assert_eq!(got.headers["content-length"], body.len().to_string());
            assert_eq!(got.headers["x-litellm-session-id"], "ses_12345");
        }
    }
}

/// A server that has read a request may have answered it, and a model's answer costs.
#[tokio::test]
async fn request_that_a_server_has_read_goes_to_no_other() {
    let (up, mut requests) = witness().await;
    let breaks: TcpListener = port().await;
    let first = BaseUrl::http(breaks.local_addr().unwrap()).unwrap();
    let relay = relay_by(vec![route("both", vec![first, base_url(&up)])]).await;
    let broken = async {
        let (mut stream, _) = breaks.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            use tokio::io::AsyncReadExt;
            assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0);
        }
    };
    let client = client(PROTOCOLS[0]);
    let (response, ()) = tokio::join!(client.request(post(&relay, "/v1", "{}")), broken);
    assert_eq!(response.unwrap().status(), 502);
    assert!(requests.try_recv().is_err());
}

#[tokio::test]
async fn upstreams_key_replaces_that_of_the_client() {
    let (upstream, mut requests) = witness().await;
    let bearer = (AUTHORIZATION, HeaderValue::from_static("Bearer upstream"));
    let api_key = (
        "x-api-key".parse().unwrap(),
        HeaderValue::from_static("upstream"),
    );
    for (key, expected) in [
        (None, [Some("Bearer client"), None]),
        (Some(bearer), [Some("Bearer upstream"), None]),
        (Some(api_key), [None, Some("upstream")]),
    ] {
        let keyed = Route {
            key,
            ..route("keyed", vec![base_url(&upstream)])
        };
        let relay = relay_by(vec![keyed]).await;
        let request = post(&relay, "/v1", "{}");
        client(PROTOCOLS[0]).request(request).await.unwrap();
        let (got, _) = requests.recv().await.unwrap();
        let found = ["authorization", "x-api-key"];
        let found = found.map(|name| got.headers.get(name).map(|value| value.to_str().unwrap()));
        assert_eq!(found, expected);
    }
}
