//! Web pages of others, in a browser that can reach the relay.

use http::{HeaderValue, Request, Response, header::AUTHORIZATION};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use relay::{Settings, host_names::HostNames, serve::Server, settings::Route};
use serde_json::json;
use tokio::net::TcpStream;
use tower::service_fn;

use crate::{
    browser::Browser,
    support::{
        PROTOCOLS, Protocol, ask, base_url, client_over, get, json as body, keyed, relay, relay_by,
        relay_with, route, text, witness,
    },
};

/// Sends a request for a host to the relay's address, with a key.
async fn ask_as(protocol: Protocol, relay: &Server, host: &str) -> Response<Incoming> {
    let address = relay.address();
    let connect = service_fn(move |_| {
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            std::io::Result::Ok(TokioIo::new(stream))
        })
    });
    let request = Request::get(format!("http://{host}:{}/sessions", address.port()))
        .header("authorization", "Bearer example-key-2")
        .body(Full::<Bytes>::default())
        .unwrap();
    let client = client_over(connect, protocol);
    client.request(request).await.unwrap()
}

#[tokio::test]
async fn request_for_a_foreign_host_gets_421() {
    let (upstream, _requests) = witness().await;
    let named = Settings {
        hosts: HostNames::new(["Relay.example.".to_owned()]).unwrap(),
        ..Settings::default()
    };
    let relay = relay_with(&upstream, named).await;
    let with_keys = relay_with(&upstream, keyed()).await;
    for protocol in PROTOCOLS {
        for (host, status) in [
            ("127.0.0.1", 200),
            ("[::1]", 200),
            ("localhost", 200),
            ("LOCALHOST.", 200),
            ("relay.localhost", 200),
            ("host.docker.internal", 200),
            ("mac.local", 200),
            ("build-7", 200),
            ("relay.EXAMPLE", 200),
            ("evil.example", 421),
            ("relay.example.evil.example", 421),
            ("127.0.0.1.evil.example", 421),
            ("evil.notlocal", 421),
        ] {
            let response = ask_as(protocol, &relay, host).await;
            assert_eq!(response.status(), status, "{host} by {protocol:?}");
            if status == 421 {
                assert_eq!(body(response).await["error"]["code"], "unknown_host");
            }
            // Control: with keys, the name does not count.
            let response = ask_as(protocol, &with_keys, host).await;
            assert_eq!(response.status(), 200, "{host} by {protocol:?}");
        }
    }
}

/// Starts a relay that adds the upstream's key.
async fn relay_with_key(upstream: &Server) -> Server {
    let key = Some((AUTHORIZATION, HeaderValue::from_static("Bearer upstream")));
    let keyed = Route {
        key,
        ..route("keyed", vec![base_url(upstream)])
    };
    relay_by(vec![keyed]).await
}

#[tokio::test]
async fn page_of_another_origin_does_not_use_the_upstreams_key() {
    let (upstream, mut requests) = witness().await;
    let with_key = relay_with_key(&upstream).await;
    let without_key = relay(&upstream).await;
    for protocol in PROTOCOLS {
        for headers in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
        ] {
            let response = ask(protocol, &with_key, headers).await;
            assert_eq!(response.status(), 403, "{headers:?}");
            assert_eq!(body(response).await["error"]["code"], "cross_origin");
            assert!(requests.try_recv().is_err());
            // Control: without the relay's key, a page needs its own.
            let response = ask(protocol, &without_key, headers).await;
            assert_eq!(response.status(), 200, "{headers:?}");
            requests.recv().await.unwrap();
        }
        // Control: an agent, and a page of the relay's own origin.
        for headers in [&[][..], &[("sec-fetch-site", "same-origin")]] {
            let response = ask(protocol, &with_key, headers).await;
            assert_eq!(response.status(), 200, "{headers:?}");
            let (got, _) = requests.recv().await.unwrap();
            assert_eq!(got.headers["authorization"], "Bearer upstream");
        }
    }
    let metrics = text(get(&with_key, "/metrics").await).await;
    assert!(metrics.contains("end=\"cross_origin\""), "{metrics}");
}

#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn browser_does_not_use_the_upstreams_key_for_a_foreign_page() {
    let (upstream, mut requests) = witness().await;
    let (foreign, _requests) = witness().await;
    let browser = Browser::start().await;
    browser
        .open(&format!("http://{}/", foreign.address()))
        .await;
    let with_key = relay_with_key(&upstream).await;
    let without_key = relay(&upstream).await;
    // A page may send such a request anywhere, without asking before.
    for (relay, arrives) in [(&without_key, true), (&with_key, false)] {
        let send = format!(
            "return fetch('http://{}/v1/chat/completions', {{
                 method: 'POST', mode: 'no-cors', body: '{{}}'
             }}).then(response => response.type)",
            relay.address()
        );
        assert_eq!(browser.run(&send).await, "opaque");
        assert_eq!(requests.try_recv().is_ok(), arrives);
    }
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn browser_does_not_read_the_sessions_for_a_name_that_leads_here() {
    let (upstream, _requests) = witness().await;
    let browser = Browser::with_rebound_name().await;
    let named = Settings {
        hosts: HostNames::new(["evil.example".to_owned()]).unwrap(),
        ..Settings::default()
    };
    // Control: a name of the operator's.
    for (settings, status) in [(named, 200), (Settings::default(), 421)] {
        let relay = relay_with(&upstream, settings).await;
        let port = relay.address().port();
        browser
            .open(&format!("http://evil.example:{port}/healthz"))
            .await;
        let read = "return fetch('/sessions').then(response => response.status)";
        assert_eq!(browser.run(read).await, json!(status));
    }
    browser.close().await;
}
