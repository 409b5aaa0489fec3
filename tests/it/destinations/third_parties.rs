//! Destinations of third parties, with https only and without identity.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use http::{Request, Uri};
use tower::{Layer, Service, service_fn};
use tower_metadata_headers::{Destinations, HostPolicy, MetadataHeadersLayer, conventions};

use crate::common::{
    Body, NONE, RequestExt, VERSIONS, ZOO_LINES,
    client::{client, send},
    get, lines, metadata, over_http,
    server::Upstream,
    zoo,
};

/// Returns the lines that are sent to a URI.
fn sent(destinations: impl Into<Destinations>, uri: &'static str) -> Vec<String> {
    let echo =
        service_fn(|request: Request<()>| -> Ready<Result<_, Infallible>> { ready(Ok(request)) });
    let mut service = MetadataHeadersLayer::inject(destinations).layer(echo);
    let mut request = Request::new(()).metadata(metadata());
    *request.uri_mut() = Uri::from_static(uri);
    let request = request
        .line("x-zoo-user-id", "stale")
        .line("x_zoo_project_id", "smuggled");
    lines(service.call(request).into_inner().unwrap().headers())
}

#[tokio::test]
async fn https_only_destination_gets_nothing_over_http() {
    for version in VERSIONS {
        let upstream = Upstream::start().await;
        for (destination, expected) in [
            (HostPolicy::new(zoo()), ZOO_LINES.to_vec()),
            (HostPolicy::new(zoo()).https_only(), vec![]),
        ] {
            let destinations = Destinations::new()
                .host(&upstream.authority(), destination)
                .unwrap();
            let stack = MetadataHeadersLayer::inject(destinations).layer(client::<Body>(version));
            let request = get(&upstream.uri("/"))
                .metadata(metadata())
                .line("x-zoo-user-id", "stale");
            send(&stack, request).await;
            assert_eq!(lines(&upstream.take_one().headers), expected);
        }
    }
}

#[test]
fn https_only_destination_gets_all_over_https_and_outranks_other_entries() {
    let destinations = || {
        Destinations::new()
            .host("a.example", HostPolicy::new(zoo()).https_only())
            .unwrap()
            .host("a.example", zoo())
            .unwrap()
            .fallback(over_http(zoo()))
    };
    assert_eq!(sent(destinations(), "https://a.example/"), ZOO_LINES);
    assert_eq!(sent(destinations(), "http://a.example/"), NONE);
    assert_eq!(
        sent(destinations(), "http://a.example:443/"),
        ZOO_LINES,
        "the fallback's"
    );
    assert_eq!(
        sent(destinations(), "http://b.example/"),
        ZOO_LINES,
        "the fallback's"
    );

    let everywhere = HostPolicy::new(zoo()).https_only();
    assert_eq!(sent(everywhere.clone(), "https://a.example/"), ZOO_LINES);
    assert_eq!(sent(everywhere, "http://a.example/"), NONE);
}

#[test]
fn destination_without_identity_gets_correlation_alone() {
    let [_project, session, task] = ZOO_LINES;
    let anonymous = HostPolicy::new(zoo()).without_identity();
    assert_eq!(sent(anonymous, "https://a.example/"), [session, task]);
    assert_eq!(
        sent(HostPolicy::new(zoo()), "https://a.example/"),
        ZOO_LINES,
        "control"
    );

    let opencode = HostPolicy::new(conventions::opencode()).without_identity();
    let sent = sent(opencode, "https://a.example/");
    assert!(
        sent.contains(&"x-opencode-session: ses_1".to_owned()),
        "{sent:?}"
    );
    assert!(!sent.iter().any(|line| line.contains("acme")), "{sent:?}");
}

#[cfg(feature = "hmac")]
mod pseudonyms {
    use tower_metadata_headers::{
        Class, ConventionSet, Metadata, ProjectId, Pseudonyms, SessionId, Tags, UserId,
        metadata_field,
    };

    use super::*;

    const SECRET: [u8; 32] = [7; 32];

    fn pseudonyms(audience: &str) -> Pseudonyms {
        Pseudonyms::new(&SECRET, audience).unwrap()
    }

    /// These pseudonyms were computed with Python's `hmac` and `hashlib`. They
    /// must not change: a change would make all users unknown to the third
    /// party.
    #[test]
    fn pseudonyms_equal_the_recorded_ones() {
        let openrouter = pseudonyms("openrouter");
        let user = UserId::try_from("ada@example.com").unwrap();
        assert_eq!(
            openrouter.pseudonym(user).as_str(),
            "25e567fc8ef65f78e265530abc380a7f10baffb52ce5255e3f76d66d9ed1c72e",
        );
        let project = ProjectId::try_from("acme/web").unwrap();
        assert_eq!(
            openrouter.pseudonym(project).as_str(),
            "8412cb5ebee7e0c0c159b32b3e866129c515e851ae1b4e1e6154a00a979d47a7",
        );
    }

    #[test]
    fn pseudonyms_replace_identity_at_their_destination() {
        let third = HostPolicy::new(zoo()).pseudonyms(pseudonyms("openrouter"));
        let [_project, session, task] = ZOO_LINES;
        let pseudonym = "x-zoo-project-id: \
                         8412cb5ebee7e0c0c159b32b3e866129c515e851ae1b4e1e6154a00a979d47a7";
        assert_eq!(
            sent(third, "https://a.example/"),
            [pseudonym, session, task]
        );
    }

    #[test]
    fn pseudonyms_without_secret_write_no_identity() {
        let [_project, session, task] = ZOO_LINES;
        let third = HostPolicy::new(zoo()).pseudonyms(None);
        assert_eq!(sent(third, "https://a.example/"), [session, task]);
        let error = Pseudonyms::new(&SECRET[1..], "openrouter").unwrap_err();
        assert_eq!(error.to_string(), "secret: must have at least 32 bytes");
    }

    #[test]
    fn pseudonyms_differ_by_audience_field_value_and_secret() {
        let user = |name: &str| UserId::try_from(name).unwrap();
        let ada = pseudonyms("a").pseudonym(user("ada"));
        let others = [
            pseudonyms("b").pseudonym(user("ada")),
            pseudonyms("a").pseudonym(ProjectId::try_from("ada").unwrap()),
            pseudonyms("a").pseudonym(user("bob")),
            Pseudonyms::new(&[8; 32], "a")
                .unwrap()
                .pseudonym(user("ada")),
        ];
        assert!(!others.contains(&ada));
        assert_eq!(pseudonyms("a").pseudonym(user("ada")), ada);
    }

    metadata_field! {
        /// Name of the payer.
        struct Payer("payer"): Identity as Text;
    }

    #[test]
    fn pseudonyms_exist_for_every_identity_field_and_no_other() {
        let metadata = Metadata::new()
            .with(SessionId::try_from("ses_1").unwrap())
            .with(Tags::new(["a", "b"]).unwrap())
            .with(UserId::try_from("ada").unwrap())
            .with(Payer::try_from("Zoë & Söhne").unwrap());
        let replaced = pseudonyms("a").apply(&metadata);
        assert_eq!(replaced.len(), 4);
        for ((key, before), (same, after)) in metadata.iter().zip(replaced.iter()) {
            assert_eq!(key, same);
            let is_same = before.expose() == after.expose();
            assert_eq!(is_same, key.class() == Class::Correlation, "{key}");
        }
        let payer = pseudonyms("a").pseudonym(Payer::try_from("Zoë & Söhne").unwrap());
        assert_eq!(replaced.get::<Payer>().unwrap().as_str(), payer.as_str());
    }

    /// Returns the metadata that the third party's gateway reads if it trusts
    /// the request.
    #[test]
    fn pseudonyms_read_back_as_ids_and_are_hidden_in_debug() {
        let third = HostPolicy::new(zoo()).pseudonyms(pseudonyms("a"));
        let echo = service_fn(|request: Request<()>| ready(Ok::<_, Infallible>(request)));
        let mut service = MetadataHeadersLayer::inject(third).layer(echo);
        let mut request = Request::new(()).metadata(metadata());
        *request.uri_mut() = Uri::from_static("https://a.example/");
        let request = service.call(request).into_inner().unwrap();
        let value = request.headers().get("x-zoo-project-id").unwrap();
        assert!(value.is_sensitive());
        let read = ConventionSet::from(zoo())
            .read_trusted(request.headers())
            .metadata;
        let project = ProjectId::try_from("acme/web").unwrap();
        let pseudonym = pseudonyms("a").pseudonym(project);
        assert_eq!(
            read.get::<ProjectId>().unwrap().as_str(),
            pseudonym.as_str()
        );
        assert!(!format!("{:?}", pseudonyms("a")).contains('7'));
    }
}
