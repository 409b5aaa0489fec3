//! W3C Baggage: members of others stay unchanged.

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::{collection::vec, prelude::*};
use tower_metadata_headers::{ConventionSet, Metadata, Reason, SessionId, UserId, conventions};

use crate::support::arbitrary::{self, config};

/// A member of another party, with properties or without.
fn member() -> impl Strategy<Value = String> {
    "[a-z]{1,8}[.-][a-z]{0,8}x ?= ?[!#-+./0-9:<-\\[\\]-~]{0,20}( ?; ?[a-z]{1,5}(=[a-z0-9]{1,5})?){0,2}"
}

/// A stale member of ours.
fn stale() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("session.id=stale".to_owned()),
        Just("session.id = stale ; ttl=1".to_owned()),
        Just("user.id=stale".to_owned()),
        Just("user.id=".to_owned()),
    ]
}

/// Lines with members of others and of ours.
fn lines() -> impl Strategy<Value = Vec<Vec<(bool, String)>>> {
    let member = prop_oneof![
        4 => member().prop_map(|member| (false, member)),
        1 => stale().prop_map(|member| (true, member)),
    ];
    vec(vec(member, 0..5), 0..4)
}

fn headers(lines: &[Vec<(bool, String)>]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        let members: Vec<&str> = line.iter().map(|(_, member)| member.as_str()).collect();
        let line = HeaderValue::try_from(members.join(" , ")).unwrap();
        headers.try_append("baggage", line).unwrap();
    }
    headers
}

/// Returns the members on all lines, without the space between them.
fn members(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all("baggage").iter();
    lines
        .flat_map(|line| line.to_str().unwrap().split(','))
        .map(|member| member.trim().to_owned())
        .filter(|member| !member.is_empty())
        .collect()
}

fn others(lines: &[Vec<(bool, String)>]) -> Vec<String> {
    let members = lines.iter().flatten().filter(|(ours, _)| !ours);
    members
        .map(|(_, member)| member.trim().to_owned())
        .collect()
}

/// Returns true if a member has this key.
fn is(member: &str, key: &str) -> bool {
    member
        .split('=')
        .next()
        .is_some_and(|name| name.trim() == key)
}

proptest! {
    #![proptest_config(config(3))]

    #[test]
    fn other_members_of_baggage_survive_writing(
        lines in lines(),
        session in arbitrary::id(),
        user in prop::option::of(arbitrary::id()),
    ) {
        let mut metadata = Metadata::new().with(SessionId::try_from(session).unwrap());
        if let Some(user) = user {
            metadata.insert(UserId::try_from(user).unwrap());
        }
        let mut headers = headers(&lines);
        let faults = conventions::w3c().write(&metadata, &mut headers).faults();
        prop_assert!(faults.is_empty(), "{}", faults);

        prop_assert_eq!(headers.get_all("baggage").iter().count(), 1);
        let ours = |member: &String| is(member, "session.id") || is(member, "user.id");
        let (ours, rest): (Vec<String>, Vec<String>) = members(&headers).into_iter().partition(ours);
        prop_assert_eq!(rest, others(&lines));
        prop_assert_eq!(ours.len(), metadata.len());

        let found = ConventionSet::from(conventions::w3c()).read_trusted(&headers);
        prop_assert_eq!(found.metadata, metadata);
        prop_assert!(found.faults.is_empty(), "{}", found.faults);
    }

    #[test]
    fn other_members_of_baggage_survive_removal(lines in lines()) {
        for extractor in [ConventionSet::from(conventions::w3c()), conventions::clients()] {
            let mut headers = headers(&lines);
            extractor.remove_from(&mut headers);
            prop_assert_eq!(members(&headers), others(&lines));
            let found = extractor.read_trusted(&headers);
            prop_assert!(found.metadata.is_empty(), "{:?}", found.metadata);
            prop_assert!(found.faults.is_empty(), "{}", found.faults);
        }
    }

    #[test]
    fn member_set_by_hand_is_kept_by_write_if_not_present(
        lines in lines(),
        session in arbitrary::id(),
    ) {
        let metadata = Metadata::new().with(SessionId::try_from(session).unwrap());
        let before = headers(&lines);
        let by_hand = members(&before).iter().any(|member| is(member, "session.id"));
        let mut headers = before.clone();
        let faults = conventions::w3c().write_if_not_present(&metadata, &mut headers).faults();
        let mut left = members(&headers);
        if by_hand {
            prop_assert_eq!(headers, before);
            let reasons: Vec<Reason> = faults.iter().map(tower_metadata_headers::Fault::reason).collect();
            prop_assert_eq!(reasons, [Reason::AlreadySet]);
        } else {
            prop_assert!(faults.is_empty(), "{}", faults);
            let added = left.pop().unwrap_or_default();
            prop_assert!(is(&added, "session.id"), "{}", added);
            prop_assert_eq!(left, members(&before));
        }
    }
}

/// Returns baggage with this number of members of others.
fn full(count: usize, len: usize) -> HeaderMap {
    let members: Vec<String> = (0..count)
        .map(|at| format!("k{at:02}={}", "v".repeat(len)))
        .collect();
    let mut headers = HeaderMap::new();
    let line = HeaderValue::try_from(members.join(",")).unwrap();
    headers.try_insert("baggage", line).unwrap();
    headers
}

#[test]
fn full_baggage_is_unchanged_and_reported() {
    let metadata = Metadata::new().with(SessionId::try_from("s-1").unwrap());
    let w3c = conventions::w3c();
    for (count, fits) in [(63, true), (64, false), (65, false)] {
        let before = full(count, 1);
        let mut headers = before.clone();
        let faults = w3c.write(&metadata, &mut headers).faults();
        assert_eq!(faults.is_empty(), fits, "{count} members: {faults}");
        assert_eq!(headers != before, fits, "{count} members");
        let reason = faults.iter().next().map(|fault| fault.reason().code());
        assert_eq!(reason, (!fits).then_some("too_many"));
    }
    // `,session.id=s-1` takes 15 bytes.
    let (key, most) = ("k00=".len(), 8192 - ",session.id=s-1".len());
    for (len, fits) in [(most - key, true), (most - key + 1, false)] {
        let before = full(1, len);
        let mut headers = before.clone();
        let faults = w3c.write(&metadata, &mut headers).faults();
        assert_eq!(faults.is_empty(), fits, "{len} bytes: {faults}");
        assert_eq!(headers != before, fits, "{len} bytes");
        let reason = faults.iter().next().map(|fault| fault.reason().code());
        assert_eq!(reason, (!fits).then_some("too_long"));
    }
}

#[test]
fn baggage_of_more_than_64_members_is_not_read() {
    let read = |headers: &HeaderMap| ConventionSet::from(conventions::w3c()).read_trusted(headers);
    for (count, fits) in [(63, true), (64, false)] {
        let mut headers = full(count, 1);
        let line = HeaderValue::from_static("session.id=s-1");
        headers.try_append("baggage", line).unwrap();
        let found = read(&headers);
        assert_eq!(found.metadata.contains::<SessionId>(), fits, "{count}");
        assert_eq!(found.faults.is_empty(), fits, "{count}: {}", found.faults);
    }
}

#[test]
fn baggage_with_identity_is_hidden() {
    let user = Metadata::new().with(UserId::try_from("ada@example.com").unwrap());
    let session = Metadata::new().with(SessionId::try_from("s-1").unwrap());
    let written = |metadata: &Metadata, mut headers: HeaderMap| {
        conventions::w3c().write(metadata, &mut headers);
        headers["baggage"].is_sensitive()
    };
    let others = |sensitive| {
        let mut line = HeaderValue::from_static("theirs=1,session.id=stale");
        line.set_sensitive(sensitive);
        HeaderMap::from_iter([(HeaderName::from_static("baggage"), line)])
    };
    assert!(!written(&session, HeaderMap::new()), "control");
    assert!(written(&user, HeaderMap::new()));
    // Baggage that was sensitive stays sensitive, whatever is added or removed.
    for metadata in [&session, &Metadata::new()] {
        assert!(!written(metadata, others(false)), "control");
        assert!(written(metadata, others(true)));
    }
}
