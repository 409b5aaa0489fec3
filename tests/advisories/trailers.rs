//! Headers after the body.

use std::convert::Infallible;

use axum::{Router, body::Body as AxumBody, extract::Request};
use futures_util::stream;
use http::{HeaderMap, Response, Version, header::HOST};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame};
use tower::{ServiceExt, util::MapRequestLayer};
use tower_metadata_headers::{MetadataHeadersLayer, conventions};

use crate::{
    common::{
        append,
        client::{client, send, text},
        lines,
        server::Server,
    },
    support::{field, first, raw},
};

const SESSION: &str = "x-zoo-session-id";

/// Returns a request with one session in its headers and another in its
/// trailers.
fn late(server: &Server) -> http::Request<AxumBody> {
    let mut trailers = HeaderMap::new();
    append(&mut trailers, SESSION, "late");
    append(&mut trailers, "x_zoo_session_id", "late");
    append(&mut trailers, "x-other", "kept");
    let frames = [
        Frame::data(Bytes::from_static(b"{}")),
        Frame::trailers(trailers),
    ];
    let frames = stream::iter(frames.map(Ok::<_, Infallible>));
    http::Request::post(server.uri("/"))
        .header(SESSION, "ses_1")
        // Over HTTP/1.1, hyper sends only trailers that this header names.
        .header("trailer", "x-zoo-session-id, x_zoo_session_id, x-other")
        .body(AxumBody::new(StreamBody::new(frames)))
        .unwrap()
}

/// The request as bytes of HTTP/1.1, with trailers that are not announced.
const CHUNKED: &str = "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
    transfer-encoding: chunked\r\nx-zoo-session-id: ses_1\r\n\r\n\
    2\r\n{}\r\n0\r\nx-zoo-session-id: late\r\n\r\n";

/// Returns an app that adds trailers to the headers, and responds with the
/// session.
fn merging() -> Router {
    Router::new().fallback(async |request: Request| {
        let (mut parts, body) = request.into_parts();
        let body = body.collect().await.unwrap();
        for (name, value) in body.trailers().into_iter().flatten() {
            parts.headers.try_insert(name, value.clone()).unwrap();
        }
        first(&parts.headers, SESSION)
    })
}

/// Returns an app that reads the whole body, and responds with the session that
/// our layer has read.
fn reading() -> Router {
    let extract = MetadataHeadersLayer::extract(conventions::clients());
    Router::new()
        .fallback(async |request: Request| {
            let (parts, body) = request.into_parts();
            assert!(body.collect().await.unwrap().trailers().is_some());
            field(&Request::from_parts(parts, AxumBody::empty()), "session-id")
        })
        .layer(extract)
}

/// Traefik removed forged identities from the headers, and not from the
/// trailers (CVE-2026-88004, GHSA-v67p-phpq-fc8x). This test uses HTTP/1.1 with
/// chunks.
#[tokio::test]
async fn cve_2026_88004_trailers_of_http_1_bring_no_metadata() {
    for (app, session) in [(merging(), "late"), (reading(), "ses_1")] {
        let answer = raw(&Server::start(app).await, CHUNKED.as_bytes()).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{session}")), "{answer}");
    }
}

/// CVE-2026-88004 over HTTP/2.
#[tokio::test]
async fn cve_2026_88004_trailers_of_http_2_bring_no_metadata() {
    for (app, session) in [(merging(), "late"), (reading(), "ses_1")] {
        let server = Server::start(app).await;
        let answer = send(&client(Version::HTTP_2), late(&server)).await;
        assert_eq!(text(&answer), session);
    }
}

/// The layer does not read bodies. A relay that forwards trailers removes our
/// headers from them with `remove_from`.
#[tokio::test]
async fn cve_2026_88004_remove_from_removes_trailers_too() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let upstream = Router::new().fallback(async |request: Request| {
            let body = request.into_body().collect().await.unwrap();
            body.trailers().map(lines).unwrap_or_default().join(",")
        });
        let upstream = Server::start(upstream).await;
        let to = upstream.uri("/");
        let relay = Router::new().fallback(async move |mut request: Request| {
            request.headers_mut().remove(HOST);
            *request.version_mut() = version;
            *request.uri_mut() = to;
            let answer = client::<AxumBody>(version).oneshot(request).await.unwrap();
            Response::new(AxumBody::new(answer.into_body()))
        });
        let strip = MetadataHeadersLayer::extract(conventions::clients()).strip();
        let in_trailers = MapRequestLayer::new(|request: Request| {
            let clients = conventions::clients();
            request.map(|body| {
                AxumBody::new(body.map_frame(move |mut frame| {
                    if let Some(trailers) = frame.trailers_mut() {
                        clients.remove_from(trailers);
                    }
                    frame
                }))
            })
        });
        let stripped = relay.layer(strip);
        let all = "x-other: kept,x-zoo-session-id: late,x_zoo_session_id: late";
        for (gateway, arrived) in [
            (stripped.clone(), all),
            (stripped.layer(in_trailers), "x-other: kept"),
        ] {
            let gateway = Server::start(gateway).await;
            let answer = send(&client(version), late(&gateway)).await;
            assert_eq!(text(&answer), arrived, "{version:?}");
        }
    }
}
