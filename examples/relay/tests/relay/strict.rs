//! `--strict`.

use relay::Settings;

use crate::support::{PROTOCOLS, Protocol, ask, json, relay, relay_with, witness};

/// Faulty requests, each with the code that it is answered with.
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
async fn faulty_metadata_is_a_400_that_says_why_and_repeats_no_value() {
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
    assert!(requests.try_recv().is_err(), "none of them passed");
}

/// Kilo Code names an organization with every request.
#[tokio::test]
async fn untrusted_identity_passes_whatever_its_form_and_goes_no_further() {
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
async fn without_it_they_pass_and_what_is_faulty_does_not() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    for (code, headers) in FAULTY {
        let response = ask(Protocol::Http1, &relay, headers).await;
        assert_eq!(response.status(), 200, "{code}");
        let (got, _) = requests.recv().await.unwrap();
        let session = got.headers.get("x-litellm-session-id");
        // Of two that disagree, the one that says more of its sender counts.
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
async fn sound_metadata_and_none_pass() {
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
