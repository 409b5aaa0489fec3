//! HTTPS upstreams with a self-issued root certificate.

use std::{convert::Infallible, sync::Arc};

use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use relay::{Settings, serve::Server};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio_rustls::TlsAcceptor;
use tower::service_fn;

use crate::support::{PROTOCOLS, ask, body_with_trailers, client, json, port, text};

/// Starts an HTTPS upstream, and returns its URL and its root certificate.
///
/// Its response has the session, the HTTP version, and a mark if the request had
/// trailers.
async fn upstream(protocols: &[&[u8]]) -> (String, CertificateDer<'static>) {
    let mut root = CertificateParams::new([]).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let root_certificate = root.self_signed(&root_key).unwrap();
    let issuer = Issuer::new(root, root_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();

    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));

    let listener = port().await;
    let base = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // The handshake fails if the client does not trust the root.
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            let service = TowerToHyperService::new(service_fn(answer));
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                server.serve_connection(TokioIo::new(stream), service).await
            });
        }
    });
    (base, root_certificate.der().clone())
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let session = parts.headers["x-litellm-session-id"].to_str().unwrap();
    let trailers = body.collect().await.unwrap().trailers().is_some();
    let trailers = if trailers { " and trailers" } else { "" };
    let text = format!("{session} {:?}{trailers}", parts.version);
    Ok(Response::new(Full::from(text)))
}

async fn relay_to(base: &str, roots: RootCertStore) -> Server {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let settings = Settings {
        upstream: Some(base.parse().unwrap()),
        ..Settings::default()
    };
    relay::start_with(port().await, &settings, &tls).unwrap()
}

#[tokio::test]
async fn https_upstream_with_known_root_answers() {
    for (protocols, version) in [
        (&[&b"h2"[..], b"http/1.1"][..], Version::HTTP_2),
        (&[b"http/1.1"], Version::HTTP_11),
        (&[], Version::HTTP_11),
    ] {
        let (base, root) = upstream(protocols).await;
        let mut roots = RootCertStore::empty();
        roots.add(root).unwrap();
        let relay = relay_to(&base, roots).await;
        for protocol in PROTOCOLS {
            let headers = [("x-claude-code-session-id", "7f3b0a52-session")];
            let response = ask(protocol, &relay, &headers).await;
            assert_eq!(response.status(), 200);
            assert_eq!(
                text(response).await,
                format!("7f3b0a52-session {version:?}")
            );
        }
    }
}

/// HTTP/2 also sends trailers that no `Trailer` header announced.
#[tokio::test]
async fn trailers_to_an_http_2_upstream_are_not_forwarded() {
    let (base, root) = upstream(&[b"h2"]).await;
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let relay = relay_to(&base, roots).await;
    for protocol in PROTOCOLS {
        let request = Request::post(format!("http://{}/v1/responses", relay.address()))
            .header("trailer", "x-litellm-session-id")
            .header("session-id", "0199c2a4-session")
            .body(body_with_trailers())
            .unwrap();
        let response = client(protocol).request(request).await.unwrap();
        assert_eq!(text(response).await, "0199c2a4-session HTTP/2.0");
    }
}

#[tokio::test]
async fn https_upstream_with_unknown_root_gives_502() {
    let (base, _) = upstream(&[]).await;
    let relay = relay_to(&base, RootCertStore::empty()).await;
    for protocol in PROTOCOLS {
        let response = ask(protocol, &relay, &[]).await;
        assert_eq!(response.status(), 502);
        assert_eq!(
            json(response).await["error"]["code"],
            "upstream_unreachable"
        );
    }
}

/// The certificate does not have this name.
#[tokio::test]
async fn https_upstream_under_another_name_gives_502() {
    let (base, root) = upstream(&[]).await;
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let base = base.replace("127.0.0.1", "localhost");
    let relay = relay_to(&base, roots).await;
    for protocol in PROTOCOLS {
        let response = ask(protocol, &relay, &[]).await;
        assert_eq!(response.status(), 502);
    }
}
