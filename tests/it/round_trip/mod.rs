//! Round trips of arbitrary metadata through every convention.

mod baggage;
mod written;

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::{prelude::*, test_runner::Config};
use tower_metadata_headers::{
    ClientName, Convention, ConventionSet, Metadata, Reason, Rule, SessionId, conventions,
};

use crate::support::{
    arbitrary::{self, config},
    fields::{self, KNOWN, PlanStep, TenantId},
    targets, vectors,
};

/// Headers of an SDK that are on each request.
static SDK_HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let clients = vectors::file("clients");
    clients.vectors[0].read.as_ref().unwrap().stripped()
});

/// Returns those of the SDK's headers that this convention does not own, with a
/// request's id and a trace, which are shared.
fn around(convention: &Convention) -> HeaderMap {
    let mut around = SDK_HEADERS.clone();
    for name in convention.rules().flat_map(Rule::headers) {
        around.remove(name);
    }
    for (name, value) in SHARED {
        around
            .try_insert(name, HeaderValue::from_static(value))
            .unwrap();
    }
    around
}

/// Shared headers, which some conventions read, and none writes or removes.
const SHARED: [(&str, &str); 3] = [
    ("x-request-id", targets::UUID),
    (
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ),
    ("tracestate", "vendor=opaque"),
];

proptest! {
    // Each case is written in every convention of the table.
    #![proptest_config(Config { cases: 192, ..config(1) })]

    #[test]
    fn written_metadata_reads_back_in_the_same_convention(metadata in arbitrary::metadata(fields::all())) {
        for convention in conventions::all() {
written::reads_back(&convention, &metadata, &HeaderMap::new())?;
                let mut around = around(&convention);
                for (name, _) in SHARED {
                    // Some conventions read shared headers, which other tests
                    // check.
                    around.remove(name);
                }
                written::reads_back(&convention, &metadata, &around)?;

        }
    }

    #[test]
    fn headers_set_before_are_replaced_by_write(
        metadata in arbitrary::metadata(KNOWN.iter()),
    ) {
        for convention in conventions::all() {
            let around = around(&convention);
            let mut fresh = around.clone();
            convention.write(&metadata, &mut fresh);

            // The same names twice, and look-alikes of them.
            let mut used = around.clone();
            let own = convention.rules().filter(|rule| !rule.is_shared());
            let own: Vec<&str> = own.flat_map(Rule::headers).collect();
            for name in own.iter().copied() {
                for name in [name, name, &name.replace('-', "_"), &name.replacen('-', ".", 1)] {
                    let name = HeaderName::try_from(name).unwrap();
                    used.try_append(name, HeaderValue::from_static("stale")).unwrap();
                }
            }
            for family in convention.owned_prefixes() {
                for name in [format!("{family}new"), format!("{family}new").replace('-', "_")] {
                    let name = HeaderName::try_from(name).unwrap();
                    used.try_append(name, HeaderValue::from_static("stale")).unwrap();
                }
            }
            for name in convention.owned_headers() {
                let name = HeaderName::try_from(name).unwrap();
                used.try_append(name, HeaderValue::from_static("stale")).unwrap();
            }
            let owns = own.len() + convention.owned_prefixes().count();
            prop_assert_eq!(used != around, owns > 0, "{}", convention.name());
            convention.write(&metadata, &mut used);
            prop_assert_eq!(used, fresh, "{}", convention.name());
        }
    }

    #[test]
    fn shared_headers_are_neither_written_nor_removed(
        metadata in arbitrary::metadata(KNOWN.iter()),
    ) {
        for convention in conventions::all() {
            for start in [HeaderMap::new(), around(&convention)] {
                let mut headers = start.clone();
                convention.write(&metadata, &mut headers);
                for (name, _) in SHARED {
                    prop_assert_eq!(headers.get(name), start.get(name), "{}", convention.name());
                }
            }
        }
    }

    #[test]
    fn headers_set_before_are_kept_by_write_if_not_present(
        metadata in arbitrary::metadata(KNOWN.iter()),
    ) {
        for convention in conventions::all() {
            let mut fresh = HeaderMap::new();
            convention.write(&metadata, &mut fresh);
            let own = |name: &&HeaderName| *name != "baggage";
            let Some(kept) = fresh.keys().find(own).cloned() else {
                continue;
            };

            let mut used = HeaderMap::new();
            let by_hand = HeaderValue::from_static("by hand");
            used.try_append(&kept, by_hand.clone()).unwrap();
            let faults = convention.write_if_not_present(&metadata, &mut used).faults();
            fresh.try_insert(&kept, by_hand).unwrap();
            prop_assert_eq!(used, fresh, "{}", convention.name());
            prop_assert!(
                faults.iter().any(|fault| {
                    fault.header_name() == Some(&kept) && fault.reason() == Reason::AlreadySet
                }),
                "{}: {}", convention.name(), faults
            );
        }
    }
}

proptest! {
    #![proptest_config(config(1))]

    #[test]
    fn fields_of_the_users_own_read_back_in_the_convention_of_any_vendor(
        vendor in "[a-zA-Z0-9]{1,12}(-[a-zA-Z0-9]{1,12}){0,3}",
        metadata in arbitrary::metadata(fields::all()),
    ) {
        let vendor = match Convention::vendor(&vendor) {
            Ok(vendor) => vendor,
            Err(error) => {
                prop_assert!(error.to_string().contains("reserved by"), "{}", error);
                return Err(TestCaseError::reject("reserved"));
            }
        };
        let name = vendor.name().to_owned();
        let with_own = vendor
            .to_builder()
            .rule(Rule::header::<PlanStep>(format!("x-{name}-plan-step")))
            .rule(Rule::header::<TenantId>(format!("x-{name}-tenant-id")))
            .build()
            .unwrap();
        written::reads_back(&with_own, &metadata, &around(&vendor))?;

        // The convention writes a field without a rule under the same name.
        let (mut by_rule, mut by_name) = (HeaderMap::new(), HeaderMap::new());
        with_own.write(&metadata, &mut by_rule);
        let faults = vendor.write(&metadata, &mut by_name).faults();
        prop_assert_eq!(by_rule, by_name);
        prop_assert!(faults.is_empty(), "{}", faults);
    }

    #[test]
    fn vendor_name_is_an_error_or_words_in_lower_case(
        name in prop_oneof![
            arbitrary::string(),
            "[a-zA-Z0-9-]{0,70}",
            "[a-z]{1,4}[-_. é][a-z]{0,4}",
        ],
    ) {
        match Convention::vendor(&name) {
            Ok(convention) => {
                prop_assert!(targets::is_vendor(&name), "{:?}", name);
                prop_assert_eq!(convention.name(), name.to_ascii_lowercase());
            }
            Err(error) => {
                let message = error.to_string();
                prop_assert!(message.contains("vendor name"), "{}", message);
                let is_reserved = message.contains("reserved by");
                prop_assert_eq!(targets::is_vendor(&name), is_reserved, "{}", message);
            }
        }
    }

    #[test]
    fn session_of_a_vendor_is_read_by_any_vendor(
        vendor in "z[a-z0-9]{0,8}(-z[a-z0-9]{0,8}){0,2}",
        session in arbitrary::id(),
    ) {
        let session = SessionId::try_from(session).unwrap();
        let metadata = Metadata::new().with(session);
        let mut headers = HeaderMap::new();
        Convention::vendor(&vendor).unwrap().write(&metadata, &mut headers);

        let found = conventions::clients().read(&headers);
        // Zoo's headers are read as Zoo Code's.
        prop_assume!(vendor != "zoo");
        let client = ClientName::try_from(vendor).unwrap();
        prop_assert_eq!(found.metadata, metadata.with(client));
        prop_assert!(found.faults.is_empty(), "{}", found.faults);
    }

    #[test]
    fn litellm_takes_a_vendors_session_by_its_own_rule(
        session in prop_oneof![arbitrary::id(), "[a-zA-Z0-9_-]{6,10}"],
    ) {
        let metadata = Metadata::new().with(SessionId::try_from(session.clone()).unwrap());
        let mut headers = HeaderMap::new();
        conventions::zoo_code_litellm().write(&metadata, &mut headers);
        prop_assert_eq!(&headers["x-zoo-session-id"], session.as_str());

        let found = ConventionSet::from(conventions::litellm()).read(&headers);
        if targets::is_session_to_litellm(&session) {
            prop_assert_eq!(found.metadata, metadata);
            prop_assert!(found.faults.is_empty(), "{}", found.faults);
        } else {
            prop_assert!(found.metadata.is_empty());
            let reasons: Vec<&str> = found.faults.iter().map(|fault| fault.reason().code()).collect();
            let reason = if session.len() < 8 { "too_short" } else { "invalid_character" };
            prop_assert_eq!(reasons, [reason]);
        }
    }
}

#[test]
fn value_too_long_for_one_header_is_reported_and_not_written() {
    // Every field is valid, and as long as possible.
    let metadata = KNOWN.iter().fold(Metadata::new(), |metadata, field| {
        let text = match field.kind {
            fields::Kind::Id => "a".repeat(256),
            fields::Kind::Text => "\u{1f600}".repeat(64),
            fields::Kind::Tags => "ci".to_owned(),
        };
        (field.with)(metadata, &text).unwrap()
    });
    let mut too_long = 0;
    for convention in conventions::all() {
        written::reads_back(&convention, &metadata, &HeaderMap::new()).unwrap();
        let mut headers = HeaderMap::new();
        let written = convention.write(&metadata, &mut headers);
        let found = ConventionSet::from(convention.clone()).read_trusted(&headers);
        for header in headers.values() {
            assert!(header.len() <= 4096, "{}", convention.name());
        }
        too_long += written.faults().len();
        assert!(found.faults.is_empty(), "{}", found.faults);
    }
    assert!(too_long > 100, "only {too_long} are reported");
}
