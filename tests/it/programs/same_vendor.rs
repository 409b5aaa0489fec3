//! Agents whose requests a gateway sends on to the agent's own vendor, which needs more headers
//! than have a field.

use http::{HeaderMap, Version};
use tower_metadata_headers::{
    Convention, ConventionBuilder, ConventionSet, Fault, Faults, FieldKey, HostPolicy,
    InvalidConventionKind, MachineId, Metadata, Reason, RequestLimits, Rule, SessionId,
    VendorHeaders, conventions,
};

use super::end_to_end::gateway_for;
use crate::common::{
    Body, NONE, RequestExt, VERSIONS, append,
    client::{client, send},
    get, lines,
    server::Upstream,
};

const STATE: &str = "gAAAAAB-opaque, state=1; %2C";

/// What Codex sends to its own server, sorted.
const CODEX: [(&str, &str); 6] = [
    ("session-id", "01a1fb2c-5e70-7d40-8b6f-3e2a1c5d9f04"),
    ("x-codex-beta-features", "a,b"),
    ("x-codex-routing-hint", "eu"),
    ("x-codex-turn-metadata", r#"{"turn_id":"5","kind":"turn"}"#),
    ("x-codex-turn-state", STATE),
    (
        "x-codex-window-id",
        "01a1fb2c-5e70-7d40-8b6f-3e2a1c5d9f04:3",
    ),
];

/// Sends Codex' request through a gateway, and returns the headers that arrive.
async fn forwarded(policy: impl Into<HostPolicy>, version: Version, strips: bool) -> Vec<String> {
    let upstream = Upstream::start().await;
    let gateway = gateway_for(policy, version, &upstream, strips).await;
    let request = CODEX
        .iter()
        .fold(get(&gateway.uri("/")), |request, (name, value)| {
            request.line(name, value)
        });
    let request = request.line("user-agent", "codex_cli_rs/0.131.0");
    assert_eq!(send(&client::<Body>(version), request).await.status(), 200);
    let mut lines = lines(&upstream.take_one().headers);
    lines.retain(|line| !line.starts_with("user-agent"));
    lines.sort();
    lines
}

#[tokio::test]
async fn request_to_its_own_vendor_keeps_what_its_server_needs() {
    // As `lines` shows them.
    let sent = CODEX.map(|(name, value)| format!("{name}: {}", value.escape_debug()));
    for version in VERSIONS {
        for codex in [conventions::codex(), fork()] {
            assert_eq!(forwarded(codex, version, true).await, sent);
        }
    }
}

/// A convention of the operator's own that extends Codex'.
fn fork() -> Convention {
    let codex = conventions::codex().to_builder().name("codex-fork");
    codex.build().unwrap()
}

#[tokio::test]
async fn request_to_another_vendor_keeps_none_of_it() {
    for version in VERSIONS {
        let claude = conventions::claude_code();
        let arrived = forwarded(claude, version, true).await;
        assert_eq!(
            arrived,
            ["x-claude-code-session-id: 01a1fb2c-5e70-7d40-8b6f-3e2a1c5d9f04"]
        );
    }
}

/// Control for the test above: a gateway that does not strip forwards it to anyone.
#[tokio::test]
async fn request_to_another_vendor_without_strip_keeps_all_of_it() {
    let arrived = forwarded(conventions::claude_code(), Version::HTTP_11, false).await;
    assert_eq!(arrived.len(), CODEX.len() + 1);
}

#[tokio::test]
async fn destination_without_identity_gets_none_of_it() {
    let policy = HostPolicy::new(conventions::codex()).without_identity();
    let arrived = forwarded(policy, Version::HTTP_11, true).await;
    assert_eq!(
        arrived,
        ["session-id: 01a1fb2c-5e70-7d40-8b6f-3e2a1c5d9f04"]
    );
}

fn request() -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in CODEX {
        append(&mut headers, name, value);
    }
    append(&mut headers, "user-agent", "codex_cli_rs/0.131.0");
    headers
}

fn faults(faults: &Faults) -> Vec<(Option<&str>, Option<String>, Reason)> {
    let row = |fault: &'_ Fault| {
        let header = fault.header_name().map(ToString::to_string);
        (header, fault.reason())
    };
    let field = |fault: &Fault| fault.field().map(FieldKey::name);
    let all = faults.iter().map(|fault| (field(fault), row(fault)));
    all.map(|(field, (header, reason))| (field, header, reason))
        .collect()
}

#[test]
fn other_convention_reports_what_it_does_not_pass_on() {
    let metadata = conventions::clients().read(&request()).metadata;
    assert_eq!(metadata.get::<VendorHeaders>().unwrap().iter().len(), 5);
    let report = |convention: Convention| {
        let written = convention.write(&metadata, &mut HeaderMap::new());
        let faults = written.faults();
        faults.iter().any(|fault| {
            let is_it = fault
                .field()
                .is_some_and(|field| field.name() == "vendor-headers");
            is_it && fault.reason() == Reason::Unsupported
        })
    };
    for convention in conventions::all() {
        let passes = convention.name().starts_with("codex");
        assert_eq!(report(convention.clone()), !passes, "{convention:?}");
    }
}

#[test]
fn vendor_headers_are_hidden_and_no_attribute() {
    let metadata = conventions::clients().read(&request()).metadata;
    let shown = format!("{metadata:?} {}", metadata.iter().last().unwrap().1);
    assert!(shown.contains(r#""vendor-headers": hidden"#), "{shown}");
    assert!(!shown.contains("opaque"), "{shown}");
    let mut attributes = metadata.attributes().chain(metadata.identity_attributes());
    assert!(!attributes.any(|(name, _)| name.contains("vendor")));
}

#[test]
fn invalid_vendor_header_is_a_fault_and_the_others_are_passed_on() {
    let long = "a".repeat(VendorHeaders::MAX_VALUE_LEN + 1);
    let limit = VendorHeaders::MAX_VALUE_LEN;
    let turn_state = |lines: &[&str], reason: Reason| {
        let mut headers = request();
        headers.remove("x-codex-turn-state");
        for line in lines {
            append(&mut headers, "x-codex-turn-state", line);
        }
        let found = conventions::clients().read(&headers);
        let wanted = (
            Some("vendor-headers"),
            Some("x-codex-turn-state".to_owned()),
            reason,
        );
        assert_eq!(faults(&found.faults), [wanted]);
        let passed_on = found.metadata.get::<VendorHeaders>().unwrap();
        assert_eq!(passed_on.iter().len(), 4);
        assert!(found.metadata.contains::<SessionId>());
    };
    turn_state(&["a", "b"], Reason::Repeated);
    turn_state(&["caf\u{e9}"], Reason::InvalidCharacter { at: 3 });
    turn_state(&[&long], Reason::TooLong { limit });
    turn_state(&[""], Reason::Empty);

    let mut headers = request();
    append(&mut headers, "connection", "x-codex-turn-state");
    let found = conventions::clients().read(&headers);
    let header = Some("x-codex-turn-state".to_owned());
    let wanted = (Some("vendor-headers"), header, Reason::Nominated);
    assert_eq!(faults(&found.faults), [wanted]);
}

/// An agent's own state must not keep its session from being read.
#[test]
fn vendor_headers_do_not_count_against_the_limits() {
    let mut headers = request();
    let long = "a".repeat(VendorHeaders::MAX_VALUE_LEN);
    headers.remove("x-codex-turn-state");
    append(&mut headers, "x-codex-turn-state", &long);
    let limits = RequestLimits::new().max_headers(1).max_bytes(64);
    let set = ConventionSet::from(conventions::codex()).request_limits(limits);
    let metadata = set.read(&headers).metadata;
    assert!(metadata.contains::<SessionId>());

    let small = conventions::codex().to_builder().request_limits(limits);
    let mut written = HeaderMap::new();
    let report = small
        .build()
        .unwrap()
        .write(&metadata, &mut written)
        .faults();
    let is_vendors = |(field, _, _): &(Option<&str>, _, _)| *field == Some("vendor-headers");
    assert!(!faults(&report).iter().any(is_vendors), "{report}");
    assert_eq!(written["x-codex-turn-state"], *long);
}

#[test]
fn write_if_not_present_keeps_a_vendor_header_that_is_there() {
    let metadata = conventions::clients().read(&request()).metadata;
    let mut headers = HeaderMap::new();
    append(&mut headers, "x-codex-turn-state", "by hand");
    let report = conventions::codex().write_if_not_present(&metadata, &mut headers);
    let header = Some("x-codex-turn-state".to_owned());
    let wanted = (Some("vendor-headers"), header, Reason::AlreadySet);
    assert!(faults(&report.faults()).contains(&wanted));
    assert_eq!(headers["x-codex-turn-state"], "by hand");
    assert_eq!(headers["x-codex-routing-hint"], "eu");
}

#[test]
fn header_that_cannot_be_passed_on_is_an_error() {
    let acme = |name: &'static str| {
        Convention::builder("acme")
            .rule(Rule::header::<SessionId>("x-acme-session"))
            .rule(Rule::read_only::<MachineId>("x-acme-machine"))
            .pass_on(name)
            .build()
    };
    for (name, kind) in [
        ("authorization", InvalidConventionKind::ReservedForReading),
        (
            "x-forwarded-user",
            InvalidConventionKind::ReservedForReading,
        ),
        (
            "x-worker-instance-id",
            InvalidConventionKind::ReservedForReading,
        ),
        ("X_Acme_State", InvalidConventionKind::InvalidWords),
        ("x-acme-session", InvalidConventionKind::Repeated),
    ] {
        assert_eq!(acme(name).unwrap_err().kind(), kind, "{name}");
    }
    // A header that is read for its field may be passed on too.
    let acme = acme("X-Acme-Machine").unwrap();
    assert!(acme.passed_on().eq(["x-acme-machine"]));
    let mut headers = HeaderMap::new();
    append(&mut headers, "x-acme-machine", "m-1");
    let metadata = acme.read_trusted(&headers).metadata;
    assert!(metadata.contains::<MachineId>() && metadata.contains::<VendorHeaders>());
    let set = ConventionSet::from(acme.clone());
    set.remove_from(&mut headers);
    assert_eq!(lines(&headers), NONE);
    acme.write(&metadata, &mut headers);
    assert_eq!(lines(&headers), ["x-acme-machine: m-1"]);

    let many = (0..=VendorHeaders::MAX_HEADERS).map(|at| format!("x-acme-{at}"));
    let many = many.fold(Convention::builder("acme"), ConventionBuilder::pass_on);
    assert!(many.build().is_err());
}

#[test]
fn vendor_headers_are_read_from_their_text() {
    let metadata = conventions::clients().read(&request()).metadata;
    let headers = metadata.get::<VendorHeaders>().unwrap();
    assert_eq!(headers.get("x-codex-turn-state"), Some(STATE));
    assert_eq!(headers.get("x-codex-other"), None);
    let text = metadata.iter().last().unwrap().1.expose();
    assert_eq!(VendorHeaders::try_from(text).unwrap(), headers);
    for invalid in ["", "a", "a=1,", "a b=1", "a=1,A=2", "a=%C3%A9", "a="] {
        assert!(VendorHeaders::try_from(invalid).is_err(), "{invalid}");
    }
    assert_eq!(Metadata::new().with(headers).len(), 1);
}
