//! Keys of clients, trusted networks, and probes.

use http::Request;
use http_body_util::Full;
use hyper::body::Bytes;
use relay::{Settings, serve::Server};
use tower_metadata_headers::Convention;

use crate::support::{self, PROTOCOLS, Protocol, client, get, json, relay_with, text, witness};

/// The operator's key as the password of any user.
const PASSWORD: &str = "Basic YW55b25lOmV4YW1wbGUta2V5LTI=";

/// Settings that write all identity.
fn settings() -> Settings {
    Settings {
        send_as: Convention::vendor("acme").unwrap(),
        ..Settings::default()
    }
}

/// The same for the clients with a key of the example file.
fn keyed() -> Settings {
    Settings {
        send_as: settings().send_as,
        ..support::keyed()
    }
}

fn request(relay: &Server, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let uri = format!("http://{}/v1/chat/completions", relay.address());
    let request = Request::post(uri).header("x-kilocode-organizationid", "claimed");
    let add = |request: http::request::Builder, (name, value): &(&str, &str)| {
        request.header(*name, *value)
    };
    headers
        .iter()
        .fold(request, add)
        .body(Full::from("{}"))
        .unwrap()
}

#[tokio::test]
async fn key_of_a_client_gives_its_organization_and_project() {
    let (upstream, mut requests) = witness().await;
    let relay = relay_with(&upstream, keyed()).await;
    for protocol in PROTOCOLS {
        for key in [
            ("authorization", "bearer example-key-1"),
            ("x-api-key", "example-key-1"),
        ] {
            let response = client(protocol)
                .request(request(&relay, &[key]))
                .await
                .unwrap();
            assert_eq!(response.status(), 200);
            let (got, _) = requests.recv().await.unwrap();
            assert_eq!(got.headers["x-acme-organization-id"], "acme");
            assert_eq!(got.headers["x-acme-project-id"], "web");
            assert_eq!(got.headers["x-acme-user-id"], "ada@example.com");
            // It is the relay's key, and no upstream's.
            assert!(!got.headers.contains_key(key.0));
        }
    }
}

#[tokio::test]
async fn request_without_a_known_key_gets_401_and_reaches_no_upstream() {
    let (upstream, mut requests) = witness().await;
    let relay = relay_with(&upstream, keyed()).await;
    for headers in [
        &[][..],
        &[("authorization", "Bearer example-key-3")],
        &[("authorization", "Basic example-key-1")],
        &[("authorization", "Bearer")],
        // The first credential counts.
        &[
            ("authorization", "Bearer other"),
            ("x-api-key", "example-key-1"),
        ],
    ] {
        for protocol in PROTOCOLS {
            let response = client(protocol)
                .request(request(&relay, headers))
                .await
                .unwrap();
            assert_eq!(response.status(), 401, "{headers:?}");
            assert_eq!(json(response).await["error"]["code"], "invalid_api_key");
        }
    }
    assert_eq!(get(&relay, "/sessions").await.status(), 401);
    assert!(requests.try_recv().is_err());

    // Control: without keys, each request arrives.
    let open = relay_with(&upstream, settings()).await;
    client(PROTOCOLS[0])
        .request(request(&open, &[]))
        .await
        .unwrap();
    assert!(requests.recv().await.is_some());
}

#[tokio::test]
async fn identity_is_trusted_from_the_networks_of_the_operator_only() {
    let (upstream, mut requests) = witness().await;
    for (network, expected) in [("127.0.0.0/8", Some("claimed")), ("10.0.0.0/8", None)] {
        let trusting = Settings {
            trusted_peers: vec![network.parse().unwrap()],
            ..settings()
        };
        let relay = relay_with(&upstream, trusting).await;
        for protocol in PROTOCOLS {
            client(protocol)
                .request(request(&relay, &[]))
                .await
                .unwrap();
            let (got, _) = requests.recv().await.unwrap();
            let found = got.headers.get("x-acme-organization-id");
            assert_eq!(
                found.map(|value| value.to_str().unwrap()),
                expected,
                "{network}"
            );
        }
    }
}

/// A key says who sends. A header must not say otherwise, not even from a trusted network.
#[tokio::test]
async fn key_counts_before_a_trusted_header() {
    let (upstream, mut requests) = witness().await;
    let both = Settings {
        trusted_peers: vec!["127.0.0.0/8".parse().unwrap()],
        ..keyed()
    };
    let relay = relay_with(&upstream, both).await;
    let headers = [
        ("x-api-key", "example-key-1"),
        ("x-kilocode-machineid", "m-1"),
    ];
    client(PROTOCOLS[0])
        .request(request(&relay, &headers))
        .await
        .unwrap();
    let (got, _) = requests.recv().await.unwrap();
    assert_eq!(got.headers["x-acme-organization-id"], "acme");
    assert_eq!(got.headers["x-acme-machine-id"], "m-1");
}

#[tokio::test]
async fn pages_about_everyone_need_an_operators_key() {
    let (upstream, mut requests) = witness().await;
    let relay = relay_with(&upstream, keyed()).await;
    for (key, status) in [
        ("Bearer example-key-1", 403),
        ("Bearer example-key-2", 200),
        (PASSWORD, 200),
        ("Bearer example-key-3", 401),
    ] {
        for path in ["/sessions", "/metrics"] {
            for method in ["GET", "HEAD"] {
                let request = Request::builder()
                    .method(method)
                    .uri(format!("http://{}{path}", relay.address()))
                    .header("authorization", key)
                    .body(Full::<Bytes>::default())
                    .unwrap();
                let response = client(Protocol::Http1).request(request).await.unwrap();
                assert_eq!(response.status(), status, "{method} {path} with {key}");
                // Chromium does not find it in one line with other schemes.
                let schemes = response.headers().get_all("www-authenticate");
                let offers_basic = schemes
                    .iter()
                    .any(|scheme| scheme == "Basic realm=\"relay\"");
                assert_eq!(offers_basic, status == 401);
            }
        }
    }
    assert!(requests.try_recv().is_err());
}

/// A browser also sends a password in the requests of a foreign page.
#[tokio::test]
async fn password_is_for_pages_only() {
    let (upstream, mut requests) = witness().await;
    let relay = relay_with(&upstream, keyed()).await;
    for protocol in PROTOCOLS {
        let password = request(&relay, &[("authorization", PASSWORD)]);
        let response = client(protocol).request(password).await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert!(requests.try_recv().is_err());
        // Control: the same key as a token.
        let token = request(&relay, &[("authorization", "Bearer example-key-2")]);
        client(protocol).request(token).await.unwrap();
        requests.recv().await.unwrap();
    }
}

#[tokio::test]
async fn probes_need_no_key() {
    let (upstream, _requests) = witness().await;
    let relay = relay_with(&upstream, keyed()).await;
    for path in ["/healthz", "/readyz"] {
        let response = get(&relay, path).await;
        assert_eq!(response.status(), 200);
        assert_eq!(text(response).await, "ok\n");
    }
}
