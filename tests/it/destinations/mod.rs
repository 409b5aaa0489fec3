//! Writing by destination to a `HeaderMap`: the same policies, removal and
//! report as in the layer.

mod connect;
mod known;
mod proxies;
mod third_parties;

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use futures_util::FutureExt;
use http::{HeaderMap, Request, Uri};
use tower::{Layer, Service, service_fn};
use tower_metadata_headers::{
    AgentId, ClientName, Convention, Destinations, FieldKey, HostPolicy, Metadata,
    MetadataHeadersLayer, ProjectId, Rule, SessionId, TaskId, UserId, WriteReport, conventions,
};

use crate::common::{
    Body, RequestExt, VERSIONS, ZOO_LINES, append,
    client::{client, send},
    get, lines, metadata,
    server::Upstream,
    zoo,
};

/// Returns lines of the conventions below, and one other line.
fn stale() -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("x-zoo-user-id", "stale"),
        ("x_zoo_project_id", "smuggled"),
        ("x-opencode-project", "stale"),
        ("x-other", "kept"),
    ] {
        append(&mut headers, name, value);
    }
    headers
}

/// Returns a host for each kind of policy.
fn destinations() -> Destinations {
    let hosts = [
        ("plain.example", HostPolicy::new(zoo())),
        ("https.example", HostPolicy::new(zoo()).https_only()),
        ("third.example", HostPolicy::new(zoo()).without_identity()),
        (
            "opencode.example",
            HostPolicy::new(conventions::opencode()).without_identity(),
        ),
        ("raised.example", HostPolicy::new(raised())),
        (
            "raised-third.example",
            HostPolicy::new(raised()).without_identity(),
        ),
    ];
    hosts
        .into_iter()
        .fold(Destinations::new(), |all, (host, destination)| {
            all.host(host, destination).unwrap()
        })
}

/// Returns a convention whose agent header is identity, and whose baggage has a
/// member that is identity.
fn raised() -> Convention {
    Convention::builder("raised")
        .rule(Rule::header::<SessionId>("x-raised-session"))
        .rule(Rule::write_only::<AgentId>("x-raised-agent").identity())
        .rule(Rule::baggage::<ClientName>("raised.client").identity())
        .build()
        .unwrap()
}

fn everything() -> Metadata {
    metadata()
        .with(UserId::try_from("ada@example.com").unwrap())
        .with(AgentId::try_from("agent-1").unwrap())
        .with(ClientName::try_from("claude-code").unwrap())
}

/// Returns the fields that were written, and the faults.
fn report(written: &WriteReport<'_>) -> (Vec<&'static str>, Vec<String>) {
    let fields = written.fields().map(FieldKey::name).collect();
    let faults = written.faults();
    let faults = faults.iter().map(|fault| {
        let field = fault.field().map_or("", |key| key.name());
        format!("{field} {}", fault.reason().code())
    });
    (fields, faults.collect())
}

const URIS: [&str; 9] = [
    "https://plain.example/",
    "https://https.example/",
    "http://https.example/",
    "https://third.example/",
    "https://opencode.example/",
    "https://raised.example/",
    "https://raised-third.example/",
    "https://evil.example/",
    "/only/a/path",
];

#[test]
fn layer_and_write_on_each_uri_give_the_same_headers() {
    let destinations = destinations();
    for uri in URIS {
        for keep in [false, true] {
            let metadata = everything();
            let uri = Uri::from_static(uri);
            let mut headers = stale();
            if keep {
                destinations.write_if_not_present(&uri, &metadata, &mut headers);
            } else {
                destinations.write(&uri, &metadata, &mut headers);
            }

            let layer = MetadataHeadersLayer::inject(destinations.clone());
            let layer = if keep { layer.if_not_present() } else { layer };
            let echo = service_fn(|request: Request<()>| -> Ready<Result<_, Infallible>> {
                ready(Ok(request))
            });
            let mut request = Request::new(()).metadata(metadata.clone());
            *request.uri_mut() = uri.clone();
            *request.headers_mut() = stale();
            let sent = layer.layer(echo).call(request).now_or_never();
            let sent = sent.unwrap().unwrap();
            assert_eq!(lines(sent.headers()), lines(&headers), "{uri}");
        }
    }
}

#[test]
fn write_without_identity_withholds_and_reports_each_field() {
    let destinations = destinations();
    let metadata = metadata().with(UserId::try_from("ada@example.com").unwrap());

    let mut headers = stale();
    let plain = Uri::from_static("https://plain.example/");
    let written = destinations.write(&plain, &metadata, &mut headers);
    assert!(
        written.contains::<UserId>() && written.faults().is_empty(),
        "control"
    );
    assert_eq!(headers["x-zoo-user-id"], "ada@example.com", "control");

    let mut headers = stale();
    let third = Uri::from_static("https://third.example/");
    let written = destinations.write(&third, &metadata, &mut headers);
    assert_eq!(
        lines(&headers),
        [
            "x-other: kept",
            "x-zoo-session-id: ses_1",
            "x-zoo-task-id: task_1"
        ],
    );
    assert!(!written.contains::<ProjectId>() && written.contains::<TaskId>());
    assert_eq!(
        report(&written),
        (
            vec!["session-id", "task-id"],
            vec!["project-id withheld".into(), "user-id withheld".into()],
        ),
    );
}

#[test]
fn write_to_unknown_host_removes_headers_of_all_conventions_and_reports_each_field() {
    let destinations = destinations();
    let metadata = metadata();
    for uri in ["https://evil.example/", "/only/a/path"] {
        let mut headers = stale();
        let written = destinations.write(&Uri::from_static(uri), &metadata, &mut headers);
        assert_eq!(lines(&headers), ["x-other: kept"]);
        let faults = ["session-id", "task-id", "project-id"];
        let faults = faults.map(|field| format!("{field} unknown_destination"));
        assert_eq!(report(&written), (vec![], faults.to_vec()));
        assert!(!written.contains::<SessionId>());
    }
}

/// A client without Tower writes headers to a host of its own, to a third
/// party, and to hosts without a policy.
#[tokio::test]
async fn headers_written_without_a_layer_leak_to_no_host_over_the_wire() {
    for version in VERSIONS {
        let [own, third, evil] = [
            Upstream::start().await,
            Upstream::start().await,
            Upstream::start().await,
        ];
        let destinations = Destinations::new()
            .host(&own.authority(), zoo())
            .and_then(|hosts| {
                let opencode = HostPolicy::new(conventions::opencode()).without_identity();
                hosts.host(&third.authority(), opencode)
            })
            .unwrap();
        let client = client::<Body>(version);
        // A client that reuses headers has the headers of its previous request.
        let mut by_convention = stale();
        let mut by_destination = stale();
        for (upstream, expected) in [
            (
                &own,
                &["x-other: kept", ZOO_LINES[0], ZOO_LINES[1], ZOO_LINES[2]][..],
            ),
            (&third, &["x-opencode-session: ses_1", "x-other: kept"]),
            (&evil, &["x-other: kept"]),
        ] {
            let mut request = get(&upstream.uri("/"));
            conventions::opencode().write(&metadata(), &mut by_convention);
            *request.headers_mut() = by_convention.clone();
            send(&client, request).await;
            let leaked = lines(&upstream.take_one().headers).join("\n");
            assert!(leaked.contains("x-opencode-project: acme/web"), "control");
            assert!(leaked.contains("x-zoo-user-id: stale"), "control");

            let mut request = get(&upstream.uri("/"));
            let uri = request.uri().clone();
            let metadata = metadata();
            let written = destinations.write(&uri, &metadata, &mut by_destination);
            let is_all = written.faults().is_empty();
            *request.headers_mut() = by_destination.clone();
            send(&client, request).await;
            assert_eq!(lines(&upstream.take_one().headers), expected);
            assert_eq!(is_all, expected.len() == 4);
        }
    }
}

#[test]
fn write_over_another_scheme_than_https_reports_it() {
    let destinations = destinations();
    let metadata = metadata();
    let mut headers = stale();
    let uri = Uri::from_static("http://https.example/");
    let written = destinations.write(&uri, &metadata, &mut headers);
    assert_eq!(lines(&headers), ["x-other: kept"]);
    let faults = ["session-id", "task-id", "project-id"];
    let faults = faults.map(|field| format!("{field} insecure_scheme"));
    assert_eq!(report(&written), (vec![], faults.to_vec()));
}

#[test]
fn write_if_not_present_keeps_headers_and_reports_them() {
    let destinations = destinations();
    let metadata = metadata().with(UserId::try_from("ada").unwrap());
    let mut headers = stale();
    let uri = Uri::from_static("https://third.example/");
    let written = destinations.write_if_not_present(&uri, &metadata, &mut headers);
    assert_eq!(headers["x-zoo-user-id"], "stale");
    assert_eq!(headers["x-zoo-session-id"], "ses_1");
    let (fields, faults) = report(&written);
    assert_eq!(fields, ["session-id", "task-id"]);
    assert_eq!(faults, ["project-id withheld", "user-id withheld"]);

    let plain = Uri::from_static("https://plain.example/");
    let mut headers = stale();
    let written = destinations.write_if_not_present(&plain, &metadata, &mut headers);
    let (fields, faults) = report(&written);
    assert_eq!(fields, ["session-id", "task-id"]);
    assert_eq!(faults, ["project-id already_set", "user-id already_set"]);
}

#[test]
fn rule_that_is_identity_is_sensitive_and_subject_to_the_policy() {
    let destinations = destinations();
    let metadata = everything();
    let mut headers = HeaderMap::new();
    let uri = Uri::from_static("https://raised.example/");
    let written = destinations.write(&uri, &metadata, &mut headers);
    assert!(written.contains::<AgentId>() && written.contains::<ClientName>());
    assert_eq!(headers["x-raised-agent"], "agent-1");
    assert!(headers["x-raised-agent"].is_sensitive());
    assert_eq!(headers["baggage"], "raised.client=claude-code");
    assert!(headers["baggage"].is_sensitive());
    assert!(!headers["x-raised-session"].is_sensitive(), "control");

    let mut headers = HeaderMap::new();
    let uri = Uri::from_static("https://raised-third.example/");
    let written = destinations.write(&uri, &metadata, &mut headers);
    assert_eq!(lines(&headers), ["x-raised-session: ses_1"]);
    assert!(!written.contains::<AgentId>() && !written.contains::<ClientName>());
    let (_, faults) = report(&written);
    assert!(faults.contains(&"agent-id withheld".into()), "{faults:?}");
    assert!(
        faults.contains(&"client-name withheld".into()),
        "{faults:?}"
    );
}

#[cfg(feature = "json")]
#[test]
fn member_that_is_identity_is_withheld_and_the_others_are_written() {
    let object = Convention::builder("raised")
        .rule(Rule::member::<SessionId>("x-raised", "session"))
        .rule(Rule::member::<AgentId>("x-raised", "agent").identity())
        .build()
        .unwrap();
    let metadata = everything();
    let written = |destination: HostPolicy| {
        let mut headers = HeaderMap::new();
        let uri = Uri::from_static("https://a.example/");
        let destinations = Destinations::from(destination);
        destinations.write(&uri, &metadata, &mut headers);
        headers["x-raised"].clone()
    };
    let all = written(HostPolicy::new(object.clone()));
    assert_eq!(all, r#"{"session":"ses_1","agent":"agent-1"}"#);
    assert!(all.is_sensitive());
    let some = written(HostPolicy::new(object).without_identity());
    assert_eq!(some, r#"{"session":"ses_1"}"#);
    assert!(!some.is_sensitive());
}

#[cfg(feature = "hmac")]
#[test]
fn pseudonyms_count_as_written() {
    use tower_metadata_headers::Pseudonyms;

    let pseudonyms = Pseudonyms::new(&[7; 32], "third").unwrap();
    let third = HostPolicy::new(raised()).pseudonyms(pseudonyms.clone());
    let destinations = Destinations::new()
        .host("raised.example", third)
        .unwrap()
        .host(
            "zoo.example",
            HostPolicy::new(zoo()).pseudonyms(pseudonyms.clone()),
        )
        .unwrap();
    let metadata = everything();

    let mut headers = HeaderMap::new();
    let zoo = Uri::from_static("https://zoo.example/");
    let written = destinations.write(&zoo, &metadata, &mut headers);
    let user = pseudonyms.pseudonym(UserId::try_from("ada@example.com").unwrap());
    assert_eq!(headers["x-zoo-user-id"], user.as_str());
    assert!(headers["x-zoo-user-id"].is_sensitive());
    assert!(written.contains::<UserId>() && written.faults().is_empty());

    // A header that is identity by its rule has a pseudonym too, whatever its
    // field's class is.
    let mut headers = HeaderMap::new();
    let raised = Uri::from_static("https://raised.example/");
    let written = destinations.write(&raised, &metadata, &mut headers);
    let agent = pseudonyms.pseudonym(AgentId::try_from("agent-1").unwrap());
    assert_eq!(headers["x-raised-agent"], agent.as_str());
    assert!(headers["x-raised-agent"].is_sensitive());
    assert_eq!(headers["x-raised-session"], "ses_1");
    assert!(written.contains::<AgentId>());
}

#[test]
fn headers_of_an_entry_added_after_use_are_removed() {
    let first = Destinations::new().host("a.example", zoo()).unwrap();
    let uri = Uri::from_static("https://evil.example/");
    let mut headers = stale();
    first.remove_from(&mut headers);
    assert!(headers.contains_key("x-opencode-project"));

    let both = first.host("b.example", conventions::opencode()).unwrap();
    both.write(&uri, &metadata(), &mut headers);
    assert_eq!(lines(&headers), ["x-other: kept"]);
}

/// Returns the URIs that get the session.
fn written<'u>(destinations: impl Into<Destinations>, uris: &[&'u str]) -> Vec<&'u str> {
    let destinations = destinations.into();
    let metadata = metadata();
    let is_written = |uri: &&&str| {
        let uri: Uri = uri.parse().unwrap();
        let written = destinations.write(&uri, &metadata, &mut HeaderMap::new());
        let is_found = destinations.policy_for(&uri).is_some();
        assert_eq!(written.contains::<SessionId>(), is_found, "{uri}");
        is_found
    };
    uris.iter().filter(is_written).copied().collect()
}

const SECURE: [&str; 2] = ["https://a.example/", "wss://a.example/"];
const PLAIN: [&str; 4] = [
    "http://a.example/",
    "ws://a.example/",
    "http://a.example:443/",
    "a.example:443",
];
const LOOPBACK: [&str; 5] = [
    "http://localhost:4000/",
    "ws://api.localhost:4000/",
    "http://127.0.0.1:4000/",
    "http://[::1]:4000/",
    "localhost:4000",
];
const LIKE_LOOPBACK: [&str; 3] = [
    "http://localhost.a.example:4000/",
    "http://localhost@a.example:4000/",
    "http://127.0.0.1.a.example:4000/",
];

fn all() -> Vec<&'static str> {
    [&SECURE[..], &PLAIN, &LOOPBACK, &LIKE_LOOPBACK].concat()
}

#[test]
fn destination_without_allow_http_is_written_over_tls_and_to_loopback() {
    let expected = [&SECURE[..], &LOOPBACK].concat();
    let everywhere = Destinations::new().fallback(zoo());
    assert_eq!(written(everywhere, &all()), expected);
    assert_eq!(written(HostPolicy::new(zoo()), &all()), expected);

    let hosts = [
        "a.example:*",
        "*.a.example:*",
        "localhost:*",
        "*.localhost:*",
    ];
    let hosts = hosts.into_iter().chain(["127.0.0.1:*", "[::1]:*"]);
    let hosts = hosts.fold(Destinations::new(), |all, host| {
        all.host(host, zoo()).unwrap()
    });
    assert_eq!(written(hosts, &all()), expected);
}

#[test]
fn destination_that_allows_http_is_written_over_every_scheme() {
    assert_eq!(written(HostPolicy::new(zoo()).allow_http(), &all()), all());
    let later = HostPolicy::new(zoo()).https_only().allow_http();
    assert_eq!(written(later, &all()), all());
}

#[test]
fn destination_for_https_only_is_not_written_to_loopback_in_clear_text() {
    assert_eq!(written(HostPolicy::new(zoo()).https_only(), &all()), SECURE);
    let later = HostPolicy::new(zoo()).allow_http().https_only();
    assert_eq!(written(later, &all()), SECURE);
}

#[test]
fn bare_convention_is_sent_to_every_host_whatever_the_scheme() {
    let uris = [&all()[..], &["/only/a/path", "ftp://a.example/"]].concat();
    assert_eq!(written(zoo(), &uris), uris);
}

#[test]
fn ws_and_wss_have_the_ports_of_http_and_https() {
    let named = |host| {
        let zoo = HostPolicy::new(zoo()).allow_http();
        Destinations::new().host(host, zoo).unwrap()
    };
    let uris = [
        "wss://a.example/",
        "wss://a.example:443/",
        "ws://a.example/",
        "ws://a.example:80/",
        "wss://a.example:80/",
        "ws://a.example:443/",
    ];
    assert_eq!(written(named("a.example"), &uris), uris[..4]);
    assert_eq!(
        written(named("a.example:443"), &uris),
        [
            "wss://a.example/",
            "wss://a.example:443/",
            "ws://a.example:443/"
        ],
    );
    assert_eq!(written(named("a.example:*"), &uris), uris);
}
