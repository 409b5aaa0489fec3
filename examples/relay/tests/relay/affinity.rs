//! Keys of sessions, for a load balancer behind the relay.

use std::collections::HashSet;

use relay::{Settings, affinity::Affinity, keys::Keys};
use tower_metadata_headers::{AffinityKeys, conventions};

use crate::support::{PROTOCOLS, ask, relay_with, witness};

const HEADER: &str = "x-session-affinity";

/// Keys of two tenants: `example-key-1` and `example-key-3`.
const KEYS: &str = r#"
[[keys]]
sha256 = "207d28c47238e89eee33d9249bdbebeb80dd9b6aab9aed05dff24fe783cbc0c0"
organization = "acme"

[[keys]]
sha256 = "fd805158361ae96275c739e2013067c9674e4fefd475105451acdd5d6db821db"
organization = "umbrella"
"#;

/// Settings for an upstream that would read the id itself from the same header.
fn settings(affinity: Option<Affinity>) -> Settings {
    Settings {
        send_as: conventions::session_affinity(),
        keys: Some(Keys::parse(KEYS).unwrap()),
        affinity,
        ..Settings::default()
    }
}

fn affinity() -> Option<Affinity> {
    Some(Affinity {
        keys: AffinityKeys::new(&[7; 32]).unwrap(),
        header: HEADER.parse().unwrap(),
    })
}

#[tokio::test]
async fn equal_ids_of_two_tenants_have_different_keys_at_every_relay() {
    let (upstream, mut requests) = witness().await;
    let relays = [
        relay_with(&upstream, settings(affinity())).await,
        relay_with(&upstream, settings(affinity())).await,
    ];
    let mut keys = HashSet::new();
    for relay in &relays {
        for protocol in PROTOCOLS {
            for (tenant, client) in [
                ("example-key-1", "x-claude-code-session-id"),
                // A client that sends the balancer's header itself.
                ("example-key-1", HEADER),
                ("example-key-3", "x-claude-code-session-id"),
                ("example-key-3", HEADER),
            ] {
                ask(protocol, relay, &[("x-api-key", tenant), (client, "s-1")]).await;
                let (got, _) = requests.recv().await.unwrap();
                let key = got.headers[HEADER].to_str().unwrap().to_owned();
                assert_eq!(key.len(), 64);
                keys.insert((tenant, key));
            }
        }
    }
    assert_eq!(keys.len(), 2, "{keys:?}");

    // Control: without keys, the two tenants' ids are equal.
    let plain = relay_with(&upstream, settings(None)).await;
    for tenant in ["example-key-1", "example-key-3"] {
        let headers = [("x-api-key", tenant), ("x-claude-code-session-id", "s-1")];
        ask(PROTOCOLS[0], &plain, &headers).await;
        let (got, _) = requests.recv().await.unwrap();
        assert_eq!(got.headers[HEADER], "s-1");
    }
}

#[tokio::test]
async fn request_without_a_session_has_no_key() {
    let (upstream, mut requests) = witness().await;
    let relay = relay_with(&upstream, settings(affinity())).await;
    for protocol in PROTOCOLS {
        // A repeated session is none.
        let repeated = ("x-claude-code-session-id", "s-1");
        let key = ("x-api-key", "example-key-1");
        for headers in [&[key][..], &[key, repeated, repeated]] {
            ask(protocol, &relay, headers).await;
            let (got, _) = requests.recv().await.unwrap();
            assert!(!got.headers.contains_key(HEADER), "{headers:?}");
        }
    }
}
