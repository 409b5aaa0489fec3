//! Affinity keys: keys of a tenant and its session.

use std::collections::HashMap;

use proptest::prelude::*;
use tower_metadata_headers::{AffinityKeys, SessionId};

fn session(id: &str) -> SessionId {
    SessionId::try_from(id).unwrap()
}

/// These keys were computed with Python's `hmac` and `hashlib`. They must not
/// change: a change would move every session of a fleet.
#[test]
fn keys_equal_the_recorded_ones() {
    let fixed = [
        (
            vec![7; 32],
            "acme",
            "ses_01J5Z8",
            "831ae55380927c5dc963a1af11db2c83e4cbd5f52f9df115fbdd8a632e1d5d35",
        ),
        (
            vec![7; 32],
            "Zoë",
            "s",
            "ba1fde57c693fd563528c122bb442b94f62888d5b78e1dbad5fa6825126b09a5",
        ),
        (
            (0..100).collect(),
            "",
            "0190b2c4-7f1e-7c3a-9b55-3f1d1f6e2a10",
            "39cd51d89c2a00765a889bda575d3825066edce6569dd6c356debd86077a56aa",
        ),
    ];
    for (secret, tenant, id, key) in fixed {
        let keys = AffinityKeys::new(&secret).unwrap();
        assert_eq!(keys.key(tenant, &session(id)).to_string(), key);
    }
}

/// If tenant and session were joined by a separator, `/a` with `b|c` and `/a|b`
/// with `c` would be equal.
#[test]
fn tenant_with_a_separator_has_its_own_key() {
    let naive = |tenant: &str, session: &str| format!("{tenant}|{session}");
    assert_eq!(naive("/a", "b|c"), naive("/a|b", "c"), "control");

    let keys = AffinityKeys::new(&[7; 32]).unwrap();
    assert_ne!(
        keys.key("/a", &session("b|c")),
        keys.key("/a|b", &session("c"))
    );
    assert_ne!(keys.key("a", &session("s")), keys.key("b", &session("s")));
    assert_eq!(keys.key("a", &session("s")), keys.key("a", &session("s")));
}

#[test]
fn another_secret_gives_other_keys() {
    let one = AffinityKeys::new(&[1; 32]).unwrap();
    let other = AffinityKeys::new(&[2; 32]).unwrap();
    assert_ne!(one.key("a", &session("s")), other.key("a", &session("s")));
}

#[test]
fn short_secret_is_an_error() {
    assert!(AffinityKeys::new(&[7; 32]).is_ok());
    let error = AffinityKeys::new(&[7; 31]).unwrap_err();
    assert_eq!(error.to_string(), "secret: must have at least 32 bytes");
}

#[test]
fn debug_and_display_show_neither_secret_nor_tenant_nor_session() {
    let keys = AffinityKeys::new(b"canary-secret-canary-secret-canary").unwrap();
    assert_eq!(format!("{keys:?}"), "AffinityKeys(hidden)");
    let key = keys.key("canary-tenant", &session("canary-session"));
    assert!(!format!("{key:?} {key}").contains("canary"));
    assert_eq!(key.to_string().len(), 64);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The parts are over an alphabet of two letters, so that they often have
    /// equal concatenations.
    #[test]
    fn distinct_pairs_have_distinct_keys(
        pairs in prop::collection::hash_set(("[ab]{0,3}", "[ab]{1,3}"), 2..20),
    ) {
        let keys = AffinityKeys::new(&[7; 32]).unwrap();
        let mut owners = HashMap::new();
        for (tenant, id) in pairs {
            let earlier = owners.insert(keys.key(&tenant, &session(&id)), (tenant, id));
            prop_assert_eq!(earlier, None);
        }
    }
}
