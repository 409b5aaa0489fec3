//! Destinations of metadata, compared with the `url` crate's reading of the
//! same text.
//!
//! An allowed URI is one that a browser would send to that host and port.

mod hosts;

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use futures_util::FutureExt;
use http::{Request, Uri};
use proptest::{
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, RngSeed, TestRunner},
};
use tower::{Layer, Service, service_fn};
use tower_metadata_headers::{Metadata, MetadataHeadersLayer, SessionId};

use self::hosts::{found, is_allowed};

const SCHEMES: &[&str] = &[
    "https://",
    "https://",
    "http://",
    "HTTPS://",
    "",
    "ftp://",
    "x://",
    "https:/",
    "https:",
    "//",
    "https:\\\\",
    "https:///",
    "http+unix://",
    "ws://",
    "wss://",
    "WSS://",
];

const USERS: &[&str] = &[
    "",
    "",
    "",
    "u@",
    "u:p@",
    "u:@",
    ":@",
    "@",
    "opencode.ai@",
    "opencode.ai:443@",
    "a%40b@",
    "u@v@",
    "\\@",
    "opencode.ai\\@",
    "opencode.ai/@",
    "opencode.ai#@",
    "opencode.ai?@",
    "[::1]:8080@",
    "a:b:c@",
];

const HOSTS: &[&str] = &[
    "opencode.ai",
    "OpenCode.AI",
    "opencode.ai.",
    "opencode.ai..",
    ".opencode.ai",
    "evilopencode.ai",
    "opencode.ai.evil.example",
    "opencode%2eai",
    "opencode.ai%00",
    "opencode.ai%2eevil.example",
    "opencode.ai\\.evil.example",
    "opencode\u{3002}ai",
    "openc\u{f6}de.ai",
    "eu.openrouter.ai",
    "a.b.OpenRouter.ai.",
    "openrouter.ai",
    "x.openrouter.ai.evil.example",
    ".openrouter.ai",
    "-.openrouter.ai",
    "xn--a.openrouter.ai",
    "xn--.openrouter.ai",
    "a,b.openrouter.ai",
    "a;b.openrouter.ai",
    "a!b.openrouter.ai",
    "a'b.openrouter.ai",
    "(a).openrouter.ai",
    "a+b.openrouter.ai",
    "a$b.openrouter.ai",
    "a&b.openrouter.ai",
    "a=b.openrouter.ai",
    "a~b.openrouter.ai",
    "a_b.openrouter.ai",
    "*.openrouter.ai",
    "a..openrouter.ai",
    "litellm",
    "LITELLM",
    "litellm.",
    "a",
    "A",
    "gw.example",
    "eu.gw.example",
    "xn--bcher-kva.example",
    "XN--BCHER-KVA.example",
    "b\u{fc}cher.example",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "localhost.evil.example",
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "127.0.0.01",
    "127.0.0.1.evil.example",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::0.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::1%25lo]",
    "[::1]evil.example",
    "[::1].evil.example",
    "[::1",
    "::1",
    "[2001:db8::a]",
    "[2001:DB8:0::A]",
    "[2001:0db8::000a]",
    "[2001:db8::a",
    "[v1.a]",
    "[]",
    "",
    "localhost",
];

const PORTS: &[&str] = &[
    "",
    "",
    "",
    ":",
    ":443",
    ":80",
    ":4000",
    ":8080",
    ":0443",
    ":00004000",
    ":+4000",
    ":+443",
    ":-1",
    ":99999",
    ":65979",
    ":69536",
    ":0",
    ":a",
    ":litellm",
    ":4000a",
    ":443:443",
    ":4000:80",
    ": 443",
    ":443 ",
    ":%34%34%33",
    ":x.opencode.ai",
    ":opencode.ai",
    ":xa",
];

const ENDS: &[&str] = &[
    "/",
    "",
    "/v1/chat",
    "?q",
    "#f",
    "/@opencode.ai",
    "?@opencode.ai",
    "#@opencode.ai",
    "/\\@evil.example",
    "\\@evil.example",
    "\\",
    "\\evil.example",
    "/..//evil.example/",
    "//evil.example",
    ";a",
    ",a",
];

fn text() -> impl Strategy<Value = String> {
    let parts = (
        select(SCHEMES),
        select(USERS),
        select(HOSTS),
        select(PORTS),
        select(ENDS),
    );
    let nasty =
        parts.prop_map(|(scheme, user, host, port, end)| [scheme, user, host, port, end].concat());
    let plain =
        (select(HOSTS), select(PORTS)).prop_map(|(host, port)| format!("https://{host}{port}/"));
    let changed = (nasty.clone(), any::<prop::sample::Index>(), any::<char>());
    let changed = changed.prop_map(|(text, at, char)| {
        let mut chars: Vec<char> = text.chars().collect();
        chars.insert(at.index(chars.len() + 1), char);
        chars.into_iter().collect()
    });
    prop_oneof![4 => nasty, 2 => plain, 1 => changed]
}

fn config() -> Config {
    Config {
        cases: 20_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(12),
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn allowed_uri_has_that_host_and_port_in_url_too(text in text()) {
        is_allowed(&text);
    }

    #[test]
    fn header_is_sent_only_to_allowed_uris(text in text()) {
        let Ok(uri) = text.parse::<Uri>() else {
            return Ok(());
        };
        let allowed = found(&uri).is_some();
        let mut request = Request::new(());
        *request.uri_mut() = uri;
        let session = SessionId::try_from("s-1").unwrap();
        request.extensions_mut().insert(Metadata::new().with(session));

        let inject = MetadataHeadersLayer::inject(hosts::destinations().clone());
        let echo: Echo = service_fn(|request| ready(Ok(request)));
        let sent = inject.layer(echo).call(request).now_or_never().unwrap().unwrap();
        prop_assert_eq!(!sent.headers().is_empty(), allowed);
    }
}

type Echo = tower::util::ServiceFn<fn(Request<()>) -> Ready<Result<Request<()>, Infallible>>>;

/// Tries each odd part in a URI that is otherwise valid, and counts the allowed
/// URIs. If none were allowed, the comparison would check nothing.
#[test]
fn uri_with_one_odd_part_is_allowed_only_if_url_agrees() {
    let whole = |scheme: &str, user: &str, host: &str, port: &str, end: &str| {
        is_allowed(&[scheme, user, host, port, end].concat())
    };
    let mut allowed = 0;
    for (host, port) in [
        ("opencode.ai", ""),
        ("litellm", ":4000"),
        ("[::1]", ":8080"),
        ("gw.example", ""),
    ] {
        assert!(whole("https://", "", host, port, "/"));
        let schemes = SCHEMES
            .iter()
            .map(|scheme| whole(scheme, "", host, port, "/"));
        let users = USERS
            .iter()
            .map(|user| whole("https://", user, host, port, "/"));
        let hosts = HOSTS
            .iter()
            .map(|host| whole("https://", "", host, port, "/"));
        let ports = PORTS
            .iter()
            .map(|port| whole("https://", "", host, port, "/"));
        let ends = ENDS
            .iter()
            .map(|end| whole("https://", "", host, port, end));
        let all = schemes.chain(users).chain(hosts).chain(ports).chain(ends);
        allowed += all.filter(|allowed| *allowed).count();
    }
    assert!(allowed > 100, "{allowed}");

    let mut runner = TestRunner::new(config());
    let texts = (0..2000).map(|_| text().new_tree(&mut runner).unwrap().current());
    let texts: Vec<String> = texts.collect();
    let count = texts.iter().filter(|text| is_allowed(text)).count();
    assert!(count > 100, "{count}");
}
