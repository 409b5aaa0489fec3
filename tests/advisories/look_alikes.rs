//! Names that a server behind the gateway takes for one of ours.

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

/// One header that an operator chose, and no family.
fn auth() -> Convention {
    Convention::builder("auth")
        .rule(Rule::header::<UserId>(USER))
        .build()
        .unwrap()
}

/// An app whose platform makes a variable of each header, named in upper case
/// with `_` for each of these characters; several values are joined. It answers
/// with the user.
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

/// The user that such an app sees behind a gateway.
async fn seen(
    folded: &'static str,
    around: impl Fn(Router) -> Router,
    client: impl Fn(Version) -> Client,
    sent: &[(&str, &str)],
) -> String {
    let app = Server::start(app(folded)).await;
    let gateway = around(forward(client(Version::HTTP_11), &app));
    ask(gateway, sent).await
}

/// A gateway that removes the user's header by these names alone.
fn strips(names: &'static [&'static str]) -> impl Fn(Router) -> Router {
    edit(move |headers: &mut HeaderMap| {
        for name in names {
            headers.remove(*name);
        }
    })
}

/// A gateway with our layer.
fn ours(routes: Router) -> Router {
    routes.layer(MetadataHeadersLayer::extract(auth()).strip())
}

/// WSGI gives `X-Auth_User` and `X-Auth-User` one variable, so a proxy that
/// strips the one lets the other through to Django (CVE-2015-0219).
#[tokio::test]
async fn cve_2015_0219_an_underscore_sets_no_variable_of_an_app_behind() {
    let forged = [("x-auth_user", "forged")];
    assert_eq!(seen("-", strips(&[USER]), bare, &forged).await, "forged");
    assert_eq!(seen("-", ours, bare, &forged).await, "none");
}

/// Gunicorn joins the values of both names to one (benoitc/gunicorn#2799).
#[tokio::test]
async fn gunicorn_issue_2799_nothing_is_joined_to_the_value_that_is_written() {
    let forged = [("x_auth_user", "forged")];
    let sets = edit(|headers: &mut HeaderMap| set(headers, USER, "real"));
    assert_eq!(seen("-", sets, bare, &forged).await, "forged,real");

    let known = |routes: Router| routes.layer(Extension(user("real")));
    let inject = |version| with(MetadataHeadersLayer::inject(auth()), version);
    assert_eq!(seen("-", known, inject, &forged).await, "real");
}

/// oauth2-proxy stripped its headers in the spelling with hyphens alone
/// (CVE-2025-64484, GHSA-vjrc-mh2v-45x6).
#[tokio::test]
async fn cve_2025_64484_a_look_alike_is_read_by_nobody_and_reported() {
    let forged = [("x_auth_user", "forged"), ("x-auth_user", "forged")];
    assert_eq!(
        seen("-", strips(&[USER]), bare, &forged).await,
        "forged,forged"
    );

    // Also where identity is believed.
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
    assert_eq!(seen("-", ours, bare, &forged).await, "none");
}

/// Traefik wrote the user's header as its configuration spelt it, beside the
/// client's in another case, and the app took the first (CVE-2026-33433).
#[tokio::test]
async fn cve_2026_33433_the_case_of_a_configured_name_makes_no_second_header() {
    // Looks for the name letter for letter, in the head as it came.
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

/// The fix for that missed underscores (CVE-2026-54763, GHSA-x677-9fxg-v5c5).
#[tokio::test]
async fn cve_2026_54763_an_underscore_in_any_place_is_stripped() {
    for name in ["x_auth_user", "x-auth_user", "x_auth-user"] {
        let forged = [(USER, "forged by case"), (name, "forged")];
        assert_eq!(seen("-", strips(&[USER]), bare, &forged).await, "forged");
        assert_eq!(seen("-", ours, bare, &forged).await, "none", "{name}");
    }
}

/// Then it was the dot, which PHP folds too, and in the end every character
/// that a name may have (traefik/traefik#13720).
#[tokio::test]
async fn traefik_pr_13720_no_character_of_a_name_stands_for_a_hyphen() {
    const ALL: &str = "-!#$%&'*+.^_`|~";
    let strips = || strips(&[USER, "x_auth_user"]);
    let dot = [("x.auth.user", "forged")];
    assert_eq!(seen("-._", strips(), bare, &dot).await, "forged");
    assert_eq!(seen("-._", ours, bare, &dot).await, "none");

    for separator in ALL.chars().filter(|c| !"-_".contains(*c)) {
        let name = USER.replace('-', &separator.to_string());
        let forged = [(&*name, "forged")];
        assert_eq!(seen(ALL, strips(), bare, &forged).await, "forged");
        assert_eq!(seen(ALL, ours, bare, &forged).await, "none", "{name}");
    }
}

/// Names with underscores never reached LiteLLM behind nginx, which drops them
/// (BerriAI/litellm#13901).
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
