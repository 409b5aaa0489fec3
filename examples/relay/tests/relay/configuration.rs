//! The example file with every option, as the relay's `--config`.

use relay::{Settings, args::Command};
use tower_metadata_headers::HostPolicy;

use crate::support::{PROTOCOLS, ask, relay_with, witness};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../metadata.toml");

fn settings(args: &[&str]) -> Settings {
    match Command::parse(args).unwrap() {
        Command::Serve { settings, .. } => settings,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn agent_of_the_file_is_translated_for_the_upstream_of_the_file() {
    let file = &["--config", FILE, "--send-as", "acme-litellm"];
    // Control: without the file, the agent's header is unknown, and is forwarded.
    for (args, expected) in [
        (&file[..], "x-litellm-session-id"),
        (&[], "acme-conversation"),
    ] {
        let (upstream, mut requests) = witness().await;
        let relay = relay_with(&upstream, settings(args)).await;
        for protocol in PROTOCOLS {
            ask(protocol, &relay, &[("acme-conversation", "s-1")]).await;
            let (got, _) = requests.recv().await.unwrap();
            let arrived = ["x-litellm-session-id", "acme-conversation"];
            let arrived = arrived
                .into_iter()
                .filter(|name| got.headers.contains_key(*name));
            assert_eq!(arrived.collect::<Vec<_>>(), [expected], "{protocol:?}");
            assert_eq!(got.headers[expected], "s-1");
        }
    }
}

#[test]
fn destinations_of_the_file_take_precedence_over_send_as() {
    let destinations = settings(&["--config", FILE, "--send-as", "openrouter"]).destinations;
    let uri = "https://llm.acme.example/v1".parse().unwrap();
    assert_eq!(
        destinations.policy_for(&uri).map(HostPolicy::name),
        Some("acme")
    );
}
