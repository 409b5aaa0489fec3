//! `Connection` that nominates a header, so that the next hop removes it (RFC
//! 9110, section 7.6.1). A client can send it over HTTP/1.1 only.

use axum::{Extension, Router, extract::Request};
use http::{HeaderMap, HeaderName, Version, header::CONNECTION};
use tower_metadata_headers::{
    Convention, Fault, Faults, MetadataHeadersLayer, Reason, Rule, UserId, conventions,
};

use crate::{
    common::{
        NONE, RequestExt,
        client::{send, text},
        get, lines,
        server::{Server, Upstream},
        session, zoo,
    },
    support::{
        Client, acme, bare, edit, field, first, forward, nothing, set, user, with, with_lines,
    },
};

const USER: &str = "x-acme-user-id";

/// Removes `Connection` and the headers that it nominates, as every
/// intermediary must.
fn hop_by_hop(headers: &mut HeaderMap) {
    let lines = headers.get_all(CONNECTION).iter();
    let named: Vec<HeaderName> = lines
        .flat_map(|line| line.to_str().unwrap().split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    headers.remove(CONNECTION);
}

/// Returns the headers that arrive behind a gateway and one more hop, each a
/// separate server.
async fn behind_a_hop(
    around: impl Fn(Router) -> Router,
    client: Client,
    sent: &[(&str, &str)],
) -> Vec<String> {
    let upstream = Upstream::start().await;
    let hop = forward(bare(Version::HTTP_11), &upstream);
    let hop = Server::start(edit(hop_by_hop)(hop)).await;
    let gateway = Server::start(around(forward(client, &hop))).await;
    let request = with_lines(get(&gateway.uri("/")), sent);
    send(&bare(Version::HTTP_11), request).await;
    lines(&upstream.take_one().headers)
}

/// Wraps routes with a gateway that sets the user.
fn known(routes: Router) -> Router {
    routes.layer(Extension(user("real")))
}

fn inject(convention: Convention, version: Version) -> Client {
    with(MetadataHeadersLayer::inject(convention), version)
}

const ARRIVES: [&str; 1] = ["x-acme-user-id: real"];

/// In Traefik, a client could nominate headers that Traefik sets, so the app
/// did not get them (CVE-2024-45410, GHSA-62c8-mh53-4cqv).
#[tokio::test]
async fn cve_2024_45410_a_connection_line_removes_no_header() {
    let named = [("connection", "close, x-acme-user-id")];
    let sets = edit(|headers: &mut HeaderMap| set(headers, USER, "real"));
    let arrived = behind_a_hop(sets, bare(Version::HTTP_11), &named).await;
    assert_eq!(arrived, NONE);

    let inject = inject(acme(), Version::HTTP_11);
    assert_eq!(behind_a_hop(known, inject, &named).await, ARRIVES);
}

/// The fix of CVE-2024-45410 compared names case-sensitively
/// (traefik/traefik#12690).
#[tokio::test]
async fn traefik_pr_12690_a_name_in_another_case_removes_no_header() {
    let named = [("connection", "close, X-aCME-User-ID")];
    // Keeps a nominated header only if its name has the usual case.
    let naive = edit(|headers: &mut HeaderMap| {
        set(headers, USER, "real");
        let line = first(headers, "connection");
        let kept = line.replace("X-Acme-User-Id", "");
        headers
            .try_insert(CONNECTION, kept.parse().unwrap())
            .unwrap();
    });
    let arrived = behind_a_hop(naive, bare(Version::HTTP_11), &named).await;
    assert_eq!(arrived, NONE);

    let inject = inject(acme(), Version::HTTP_11);
    assert_eq!(behind_a_hop(known, inject, &named).await, ARRIVES);
}

/// In Fabio, a client could remove any header in the same way (CVE-2025-48865,
/// GHSA-q7p4-7xjv-j3wf).
#[tokio::test]
async fn cve_2025_48865_second_connection_line_or_odd_list_removes_no_header() {
    for named in [
        &[("connection", "close"), ("connection", USER)][..],
        &[("connection", "close,,\tX-ACME-USER-ID ,")],
        &[("connection", "x-acme-user-id, te, close, x-acme-user-id")],
    ] {
        let sets = edit(|headers: &mut HeaderMap| set(headers, USER, "real"));
        let arrived = behind_a_hop(sets, bare(Version::HTTP_11), named).await;
        assert_eq!(arrived, NONE, "{named:?}");

        let inject = inject(acme(), Version::HTTP_11);
        let arrived = behind_a_hop(known, inject, named).await;
        assert_eq!(arrived, ARRIVES, "{named:?}");
    }
}

/// Fabio's fix protected a list of seven names, and not the names that an
/// operator configured (CVE-2026-62987, GHSA-fq95-v8xc-jm3v).
#[tokio::test]
async fn cve_2026_62987_a_name_that_an_operator_chose_is_protected_too() {
    const PROTECTED: [&str; 2] = ["x-forwarded-for", "x-acme-user-id"];
    let retract = |headers: &mut HeaderMap| {
        let line = first(headers, "connection");
        let kept = line.split(", ").filter(|name| !PROTECTED.contains(name));
        let kept = kept.collect::<Vec<_>>().join(", ");
        headers
            .try_insert(CONNECTION, kept.parse().unwrap())
            .unwrap();
    };
    // The names are arbitrary, so that no list can contain them.
    for seed in 1..20_u64 {
        let letters = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let name = format!("op{:x}-{:x}-caller", letters >> 40, letters & 0xffff);
        let named = format!("close, {}", name.to_uppercase());
        let named = [("connection", &*named)];

        let header: HeaderName = name.parse().unwrap();
        let sets = edit(move |headers: &mut HeaderMap| {
            headers
                .try_insert(&header, "real".parse().unwrap())
                .unwrap();
            retract(headers);
        });
        let arrived = behind_a_hop(sets, bare(Version::HTTP_11), &named).await;
        assert_eq!(arrived, NONE, "{name}");

        let configured = Convention::builder("configured")
            .rule(Rule::header::<UserId>(name.clone()))
            .build()
            .unwrap();
        let inject = inject(configured, Version::HTTP_11);
        let arrived = behind_a_hop(known, inject, &named).await;
        assert_eq!(arrived, [format!("{name}: real")]);
    }
}

/// In Go's reverse proxy, a client could nominate a header that the hook added,
/// because nominated headers were removed after the hook (golang/go#50580).
#[tokio::test]
async fn go_issue_50580_written_header_survives_removal_before_or_after() {
    let named = [("connection", "close, x-acme-user-id")];
    // Order, outermost first: the hook, then the removal.
    let hook_first = |routes: Router| {
        let removes = edit(hop_by_hop)(routes);
        edit(|headers: &mut HeaderMap| set(headers, USER, "real"))(removes)
    };
    let arrived = behind_a_hop(hook_first, bare(Version::HTTP_11), &named).await;
    assert_eq!(arrived, NONE);

    let layer_first = |routes: Router| {
        let removes = edit(hop_by_hop)(routes);
        known(removes.layer(MetadataHeadersLayer::inject(acme())))
    };
    let arrived = behind_a_hop(layer_first, bare(Version::HTTP_11), &named).await;
    assert_eq!(arrived, ARRIVES);
}

/// Hyper's HTTP/2 client removes nominated headers before it sends
/// (`strip_connection_headers` in `proto/h2`).
#[tokio::test]
async fn hyper_h2_client_written_header_that_connection_nominates_is_sent() {
    let upstream = Upstream::start().await;
    let request = || get(&upstream.uri("/")).line("connection", "x-zoo-session-id");
    let by_hand = request().line("x-zoo-session-id", "ses_1");
    send(&bare(Version::HTTP_2), by_hand).await;
    assert_eq!(lines(&upstream.take_one().headers), NONE);

    let inject = inject(zoo(), Version::HTTP_2);
    send(&inject, request().metadata(session("ses_1"))).await;
    assert_eq!(
        lines(&upstream.take_one().headers),
        ["x-zoo-session-id: ses_1"],
    );
}

/// If a gateway reads a nominated header, the gateway sees a session and the
/// app behind it sees none (RFC 9110, section 7.6.1).
#[tokio::test]
async fn rfc_9110_header_that_connection_nominates_is_not_read() {
    let named = [
        ("connection", "close, X-Zoo-Session-ID"),
        ("x-zoo-session-id", "ses_1"),
    ];
    let naive = Router::new()
        .fallback(async |request: Request| first(request.headers(), "x-zoo-session-id"));
    let ours = Router::new()
        .fallback(async |request: Request| {
            let faults = request.extensions().get::<Faults>().unwrap();
            let nominated = faults.iter().map(Fault::reason);
            assert_eq!(nominated.collect::<Vec<_>>(), [Reason::Nominated]);
            field(&request, "session-id")
        })
        .layer(MetadataHeadersLayer::extract(conventions::clients()));
    for (app, read) in [(naive, "ses_1"), (ours, "none")] {
        let server = Server::start(app).await;
        let request = with_lines(get(&server.uri("/")), &named);
        let answer = send(&bare(Version::HTTP_11), request).await;
        assert_eq!(text(&answer), read);
    }
    // Control: a hop removes the header.
    let hop = behind_a_hop(nothing, bare(Version::HTTP_11), &named);
    assert_eq!(hop.await, NONE);
}
