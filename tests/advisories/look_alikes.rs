//! Header names that a server behind the gateway takes for one of ours.

use std::collections::BTreeMap;

use axum::{Extension, Router, extract::Request};
use http::{HeaderMap, Version};
use tower_metadata_headers::{
    Convention, Fault, Faults, MetadataHeadersLayer, Reason, Rule, UserId, conventions,
};

use crate::{
    common::{
        NONE, RequestExt, ZOO_LINES,
        client::send,
        get, lines, metadata,
        server::{Server, Upstream},
        zoo,
    },
    support::{
        Client, ask, bare, edit, field, first, forward, forwarded, nothing, raw, set, user, with,
    },
};

const USER: &str = "x-auth-user";

/// Returns a convention with one header, and no owned prefix.
fn auth() -> Convention {
    Convention::builder("auth")
        .rule(Rule::header::<UserId>(USER))
        .build()
        .unwrap()
}

/// Returns an app whose platform makes a variable of each header. The name is
/// in upper case, with `_` for each of these characters, and several values are
/// joined. The response is the user.
fn app(folded: &'static str) -> Router {
    Router::new().fallback(async move |request: Request| {
        let user = environ(request.headers(), folded).remove("HTTP_X_AUTH_USER");
        user.unwrap_or_else(|| "none".into())
    })
}

fn environ(headers: &HeaderMap, folded: &str) -> BTreeMap<String, String> {
    let mut environ: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let name = name
            .as_str()
            .to_uppercase()
            .replace(|c| folded.contains(c), "_");
        let joined = environ.entry(format!("HTTP_{name}")).or_default();
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(value.to_str().unwrap());
    }
    environ
}

/// Returns the user that such an app reads behind a gateway.
async fn user_behind(
    folded: &'static str,
    around: impl Fn(Router) -> Router,
    client: impl Fn(Version) -> Client,
    sent: &[(&str, &str)],
) -> String {
    let app = Server::start(app(folded)).await;
    let gateway = around(forward(client(Version::HTTP_11), &app));
    ask(gateway, sent).await
}

/// Returns a gateway that removes headers with exactly these names.
fn strips(names: &'static [&'static str]) -> impl Fn(Router) -> Router {
    edit(move |headers: &mut HeaderMap| {
        for name in names {
            headers.remove(*name);
        }
    })
}

/// Adds our layer to a gateway.
fn ours(routes: Router) -> Router {
    routes.layer(MetadataHeadersLayer::extract(auth()).strip())
}

/// In WSGI, `X-Auth_User` and `X-Auth-User` are the same variable. If a proxy
/// removes one of them, the other reaches Django (CVE-2015-0219).
#[tokio::test]
async fn cve_2015_0219_header_with_an_underscore_does_not_reach_the_app() {
    let forged = [("x-auth_user", "forged")];
    assert_eq!(
        user_behind("-", strips(&[USER]), bare, &forged).await,
        "forged"
    );
    assert_eq!(user_behind("-", ours, bare, &forged).await, "none");
}

/// Gunicorn joins the values of both names (benoitc/gunicorn#2799).
#[tokio::test]
async fn gunicorn_issue_2799_written_value_is_not_joined_with_a_look_alike() {
    let forged = [("x_auth_user", "forged")];
    let sets = edit(|headers: &mut HeaderMap| set(headers, USER, "real"));
    assert_eq!(user_behind("-", sets, bare, &forged).await, "forged,real");

    let known = |routes: Router| routes.layer(Extension(user("real")));
    let inject = |version| with(MetadataHeadersLayer::inject(auth()), version);
    assert_eq!(user_behind("-", known, inject, &forged).await, "real");
}

/// oauth2-proxy removed only headers with hyphens in their names
/// (CVE-2025-64484, GHSA-vjrc-mh2v-45x6).
#[tokio::test]
async fn cve_2025_64484_look_alike_is_reported_and_not_read() {
    let forged = [("x_auth_user", "forged"), ("x-auth_user", "forged")];
    assert_eq!(
        user_behind("-", strips(&[USER]), bare, &forged).await,
        "forged,forged"
    );

    // The same holds if identity is trusted.
    let extract = MetadataHeadersLayer::extract(auth()).trust_identity_when(|_| true);
    let reads = Router::new()
        .fallback(async |request: Request| {
            let faults = request.extensions().get::<Faults>().unwrap();
            let reasons = faults.iter().map(Fault::reason);
            let look_alikes = reasons.filter(|reason| *reason == Reason::LookAlike);
            format!("{} {}", field(&request, "user-id"), look_alikes.count())
        })
        .layer(extract);
    assert_eq!(ask(reads, &forged).await, "none 2");
    assert_eq!(user_behind("-", ours, bare, &forged).await, "none");
}

/// Traefik wrote the user's header in the configured case, beside the client's
/// header in another case. The app read the first (CVE-2026-33433).
#[tokio::test]
async fn cve_2026_33433_name_configured_in_another_case_gives_one_header() {
    // Compares names case-sensitively, in the request's head as received.
    let naive = |head: &str| {
        let lines = head
            .split("\r\n")
            .filter(|line| !line.starts_with("x-auth-USER: "));
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        format!("{}\r\nx-auth-USER: real\r\n\r\n", lines.join("\r\n"))
    };
    let sent = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nX-Auth-User: forged\r\n\r\n";
    let app =
        || Router::new().fallback(async |request: Request| first(request.headers(), "x-auth-user"));
    let server = Server::start(app()).await;
    let answer = raw(&server, naive(sent).as_bytes()).await;
    assert!(answer.ends_with("\r\n\r\nforged"), "{answer}");

    let configured = Convention::builder("acme")
        .rule(Rule::header::<UserId>("x-auth-USER"))
        .build()
        .unwrap();
    let inject = with(MetadataHeadersLayer::inject(configured), Version::HTTP_11);
    let gateway = forward(inject, &server).layer(Extension(user("real")));
    let answer = raw(&Server::start(gateway).await, sent.as_bytes()).await;
    assert!(answer.ends_with("\r\n\r\nreal"), "{answer}");
}

/// The fix of CVE-2026-33433 missed underscores (CVE-2026-54763,
/// GHSA-x677-9fxg-v5c5).
#[tokio::test]
async fn cve_2026_54763_an_underscore_in_any_place_is_stripped() {
    for name in ["x_auth_user", "x-auth_user", "x_auth-user"] {
        let forged = [(USER, "forged by case"), (name, "forged")];
        assert_eq!(
            user_behind("-", strips(&[USER]), bare, &forged).await,
            "forged"
        );
        assert_eq!(
            user_behind("-", ours, bare, &forged).await,
            "none",
            "{name}"
        );
    }
}

/// The next fix missed the dot, which PHP replaces too. The last fix covers
/// every separator (traefik/traefik#13720).
#[tokio::test]
async fn traefik_pr_13720_look_alike_with_any_separator_is_stripped() {
    const ALL: &str = "-!#$%&'*+.^_`|~";
    let strips = || strips(&[USER, "x_auth_user"]);
    let dot = [("x.auth.user", "forged")];
    assert_eq!(user_behind("-._", strips(), bare, &dot).await, "forged");
    assert_eq!(user_behind("-._", ours, bare, &dot).await, "none");

    for separator in ALL.chars().filter(|c| !"-_".contains(*c)) {
        let name = USER.replace('-', &separator.to_string());
        let forged = [(&*name, "forged")];
        assert_eq!(user_behind(ALL, strips(), bare, &forged).await, "forged");
        assert_eq!(
            user_behind(ALL, ours, bare, &forged).await,
            "none",
            "{name}"
        );
    }
}

/// Headers with underscores did not reach LiteLLM behind nginx, which drops
/// them (BerriAI/litellm#13901).
#[tokio::test]
async fn litellm_issue_13901_no_name_is_written_that_a_proxy_drops() {
    let nginx = edit(|headers: &mut HeaderMap| {
        let dropped = headers.keys().filter(|name| name.as_str().contains('_'));
        for name in dropped.cloned().collect::<Vec<_>>() {
            headers.remove(name);
        }
    });
    let langfuse = [("langfuse_session_id", "ses_1")];
    assert_eq!(
        forwarded(nothing, bare, &langfuse).await,
        ["langfuse_session_id: ses_1"],
    );
    assert_eq!(forwarded(&nginx, bare, &langfuse).await, NONE);

    let upstream = Upstream::start().await;
    let proxy = nginx(forward(bare(Version::HTTP_11), &upstream));
    let proxy = Server::start(proxy).await;
    for convention in conventions::all().chain([zoo()]) {
        let names: Vec<_> = convention
            .writes()
            .map(|(name, _)| name.to_owned())
            .collect();
        assert!(names.iter().all(|name| !name.contains('_')), "{names:?}");
        let underscores = Rule::header::<UserId>("acme_user_id");
        assert!(convention.to_builder().rule(underscores).build().is_err());
    }
    let inject = with(MetadataHeadersLayer::inject(zoo()), Version::HTTP_11);
    send(&inject, get(&proxy.uri("/")).metadata(metadata())).await;
    assert_eq!(lines(&upstream.take_one().headers), ZOO_LINES);
}
