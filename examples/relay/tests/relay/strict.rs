//! Rejection of faulty metadata: `--strict`.

use relay::Settings;

use crate::support::{PROTOCOLS, Protocol, ask, json, relay, relay_with, witness};

/// Error codes, each with the headers of a request that is rejected with it.
const FAULTY: &[(&str, &[(&str, &str)])] = &[
    (
        "repeated",
        &[
            ("x-zoo-task-id", "secret-one"),
            ("x-zoo-task-id", "secret-two"),
        ],
    ),
    (
        "conflict",
        &[
            ("x-claude-code-session-id", "secret-one"),
            ("x-session-id", "secret-two"),
        ],
    ),
    ("invalid_character", &[("session-id", "secret one")]),
    ("empty", &[("session-id", "")]),
    ("look_alike", &[("x_zoo_session_id", "secret-one")]),
];

#[tokio::test]
async fn faulty_metadata_with_strict_is_a_400_that_names_the_header_only() {
    let (upstream, mut requests) = witness().await;
    let settings = Settings {
        strict: true,
        ..Settings::default()
    };
    let relay = relay_with(&upstream, settings).await;
    for protocol in PROTOCOLS {
        for (code, headers) in FAULTY {
            let response = ask(protocol, &relay, headers).await;
            assert_eq!(response.status(), 400, "{code}");
            assert_eq!(response.headers()["content-type"], "application/json");
            let error = json(response).await;
            assert_eq!(error["error"]["code"], *code);
            assert_eq!(error["error"]["type"], "invalid_request_error");
            let message = error["error"]["message"].as_str().unwrap();
            assert!(message.contains(headers[0].0), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
    assert!(requests.try_recv().is_err(), "no request passed");
}

/// Kilo Code sends an organization with every request.
#[tokio::test]
async fn untrusted_identity_with_strict_is_removed_and_not_rejected() {
    for trust_identity in [false, true] {
        let (upstream, mut requests) = witness().await;
        let settings = Settings {
            strict: true,
            trust_identity,
            ..Settings::default()
        };
        let relay = relay_with(&upstream, settings).await;
        for headers in [
            &[("x-kilocode-organizationid", "secret one")][..],
            &[("x_kilocode_organizationid", "secret-one")],
            &[
                ("x-kilocode-organizationid", "secret-one"),
                ("x-kilocode-organizationid", "secret-two"),
            ],
        ] {
            let response = ask(Protocol::Http1, &relay, headers).await;
            if trust_identity {
                assert_eq!(response.status(), 400, "control: {headers:?}");
                continue;
            }
            assert_eq!(response.status(), 200, "{headers:?}");
            let (got, _) = requests.recv().await.unwrap();
            assert!(!format!("{:?}", got.headers).contains("secret"));
        }
    }
}

#[tokio::test]
async fn faulty_metadata_without_strict_is_removed_and_not_rejected() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    for (code, headers) in FAULTY {
        let response = ask(Protocol::Http1, &relay, headers).await;
        assert_eq!(response.status(), 200, "{code}");
        let (got, _) = requests.recv().await.unwrap();
        let session = got.headers.get("x-litellm-session-id");
        // Claude Code's own header has a higher precedence than the shared one.
        let expected = (*code == "conflict").then_some("secret-one");
        assert_eq!(
            session.map(|value| value.to_str().unwrap()),
            expected,
            "{code}"
        );
        let passed = headers
            .iter()
            .any(|(name, _)| got.headers.contains_key(*name));
        assert!(!passed, "{code}");
    }
}

#[tokio::test]
async fn valid_or_absent_metadata_with_strict_passes() {
    let (upstream, mut requests) = witness().await;
    let settings = Settings {
        strict: true,
        ..Settings::default()
    };
    let relay = relay_with(&upstream, settings).await;
    for headers in [&[][..], &[("x-zoo-task-id", "task-1")][..]] {
        let response = ask(Protocol::Http1, &relay, headers).await;
        assert_eq!(response.status(), 200);
        requests.recv().await.unwrap();
    }
}
