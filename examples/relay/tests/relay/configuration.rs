//! Configuration files: the example files with every option, and invalid files.

use std::{fs, path::PathBuf, time::Duration};

use relay::{
    Settings,
    args::Command,
    config::Config,
    explain,
    serve::ServeLimits,
    settings::{Limits, LogFormat},
};
use tower_metadata_headers::HostPolicy;

use crate::support::{PROTOCOLS, ask, relay_with, witness};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../metadata.toml");

fn settings(args: &[&str]) -> Settings {
    match Command::parse(args).unwrap() {
        Command::Serve(program) => program.settings,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn agent_of_the_file_is_translated_for_the_upstream_of_the_file() {
    let file = &["--metadata", FILE, "--send-as", "acme-litellm"];
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
    let destinations = settings(&["--metadata", FILE, "--send-as", "openrouter"]).destinations;
    let uri = "https://llm.acme.example/v1".parse().unwrap();
    assert_eq!(
        destinations.policy_for(&uri).map(HostPolicy::name),
        Some("acme")
    );
}

const EXAMPLE: &str = include_str!("../../relay.example.toml");
const KEYS: &str = include_str!("../../keys.example.toml");

/// Returns the example file without the key that is in the environment, and with a secret that
/// is.
fn example() -> String {
    let example = EXAMPLE.replace("RELAY_EXAMPLE_SECRET", "CARGO_PKG_DESCRIPTION");
    let lines = example.lines().filter(|line| !line.starts_with("key_"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Writes a file into a folder of its own, beside the example's keys.
fn written(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("keys.example.toml"), KEYS).unwrap();
    let file = folder.join("relay.toml");
    fs::write(&file, text).unwrap();
    file
}

fn parsed(name: &str, text: &str) -> Result<Command, String> {
    let file = written(name, text);
    let command = Command::parse(["--config".into(), file.into_os_string()]);
    command.map_err(|error| error.to_string())
}

#[test]
fn example_file_has_every_key_and_is_valid() {
    let Ok(Command::Serve(program)) = parsed("example", &example()) else {
        panic!("{:?}", parsed("example", &example()));
    };
    assert_eq!(program.listen, "127.0.0.1:8787");
    assert_eq!(program.log, LogFormat::Text);
    let collector = "http://127.0.0.1:4318/v1/traces".parse().unwrap();
    assert_eq!(program.collector, Some(collector));
    let settings = &program.settings;
    let [claude, vllm] = settings.routes.as_slice() else {
        panic!("{:?}", settings.routes);
    };
    assert_eq!(
        (claude.send_as.name(), vllm.send_as.name()),
        ("claude-code", "acme")
    );
    assert_eq!(
        (&claude.paths[0][..], &claude.models[0][..]),
        ("/v1/messages", "claude-*")
    );
    assert_eq!(vllm.urls.len(), 2);
    let affinity = settings.affinity.as_ref().unwrap();
    assert_eq!(affinity.header, "x-session-affinity");
    assert_eq!(settings.trusted_peers.len(), 2);
    assert_eq!(settings.hosts.to_string(), "relay.example");
    assert_eq!(settings.keys.as_ref().unwrap().len(), 2);
    assert_eq!(settings.limits.serve.drain, Duration::from_secs(30));
    assert_eq!(settings.limits.unready, Duration::from_secs(5));
    assert_eq!(settings.limits.response, Duration::from_secs(600));
    assert_eq!(settings.read.conventions().next().unwrap().name(), "acme");

    let mut text = Vec::new();
    explain::print(&program, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    for part in [
        "claude-*",
        "then http://10.0.0.12:8000",
        "2 keys",
        "10.1.0.0/16, fd00::/8",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn each_limit_of_the_file_counts() {
    let changes = [
        ("connections = 16384", "connections = 1"),
        ("requests = 4096", "requests = 2"),
        ("body_bytes = 67108864", "body_bytes = 3"),
        ("buffered_bytes = 1073741824", "buffered_bytes = 4"),
        ("headers = \"30s\"", "headers = \"5s\""),
        ("body = \"10m\"", "body = \"6s\""),
        ("connect = \"10s\"", "connect = \"7s\""),
        ("response = \"10m\"", "response = \"8s\""),
        ("unready = \"5s\"", "unready = \"9s\""),
        ("drain = \"30s\"", "drain = \"10s\""),
    ];
    let text = changes.iter().fold(example(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    });
    let file = written("limits", &text);
    let Limits {
        serve,
        requests,
        body_bytes,
        buffered_bytes,
        connect,
        response,
        unready,
    } = Config::read(&file).unwrap().settings.limits;
    let ServeLimits {
        connections,
        headers,
        body,
        drain,
    } = serve;
    assert_eq!((connections, requests), (1, 2));
    assert_eq!((body_bytes, buffered_bytes), (3, 4));
    let times = [headers, body, connect, response, unready, drain];
    assert_eq!(times.map(|time| time.as_secs()), [5, 6, 7, 8, 9, 10]);
}

#[test]
fn options_override_the_file() {
    let file = written("override", &example());
    let file = file.to_str().unwrap();
    let args = [
        "--config", file, "--listen", "[::1]:9", "--strict", "--check",
    ];
    match Command::parse(args) {
        Ok(Command::Check(program)) => {
            assert_eq!(program.listen, "[::1]:9");
            assert!(program.settings.strict && program.settings.routes.len() == 2);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn invalid_file_names_the_key_and_the_problem() {
    let with = |old: &str, new: &str| {
        let text = example();
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    };
    for (name, text, expected) in [
        (
            "unknown",
            with("strict =", "stric ="),
            "unknown field `stric`",
        ),
        (
            "type",
            with("strict = false", "strict = 3"),
            "line 13, column 10",
        ),
        (
            "name",
            with("name = \"vllm\"", "name = \"claude\""),
            "upstreams[1].name: is repeated",
        ),
        (
            "send-as",
            with("\"acme\"\n\n[trust]", "\"acm\"\n\n[trust]"),
            "upstreams[1].send_as: no convention is named `acm`",
        ),
        (
            "url",
            with("https://api", "api"),
            "upstreams[0].urls: upstream URL: must begin with http",
        ),
        (
            "path",
            with("\"/v1/m", "\"v1/m"),
            "upstreams[0].paths: \"v1/messages\" must begin with a slash",
        ),
        (
            "model",
            with("claude-*\"", "*-claude\""),
            "upstreams[0].models: \"*-claude\" may have",
        ),
        ("peer", with("10.1.0.0/16", "10.1.0.0/33"), "invalid"),
        (
            "host",
            with("\"relay.example\"", "\"https://relay.example\""),
            "trust.hosts: \"https://relay.example\" must be a host name",
        ),
        (
            "host-port",
            with("\"relay.example\"", "\"relay.example:8787\""),
            "trust.hosts: \"relay.example:8787\" must be a host name without a port",
        ),
        (
            "keys",
            with("keys.example.toml", "missing.toml"),
            "trust.keys: ",
        ),
        (
            "limit",
            with("requests = 4096", "requests = 0"),
            "limits.requests: must not be zero",
        ),
        (
            "log",
            with("log = \"text\"", "log = \"xml\""),
            "unknown variant `xml`",
        ),
        (
            "collector",
            with("http://127.0.0.1:4318", "https://127.0.0.1:4318"),
            "otlp: collector URL: must begin with http://",
        ),
        ("time", with("\"10s\"", "\"10\""), "expected a duration"),
        (
            "key",
            EXAMPLE.replace("RELAY_EXAMPLE_KEY", "RELAY_UNSET"),
            "key_env: RELAY_UNSET: not set",
        ),
        (
            "secret",
            with("CARGO_PKG_DESCRIPTION", "CARGO_PKG_NAME"),
            "affinity.secret_env: CARGO_PKG_NAME: secret: must have at least 32 bytes",
        ),
        (
            "affinity",
            with("\"x-session-affinity\"", "\"x session\""),
            "affinity.header: must be a valid header name",
        ),
        (
            "vendor",
            with("vendor = \"acme\"", "vendor = \"mcp\""),
            "mcp",
        ),
    ] {
        let error = parsed(name, &text).unwrap_err();
        assert!(
            error.starts_with("--config ") && error.contains(expected),
            "{name}: {error}"
        );
    }
}

#[test]
fn invalid_file_of_keys_names_the_key_and_not_its_value() {
    for (old, new, expected) in [
        (
            "sha256 = \"",
            "sha256 = \"zz",
            "keys[0].sha256: must be 64 hexadecimal digits",
        ),
        ("\"acme\"", "\"a b\"", "keys[0].organization: "),
        ("user =", "name =", "line 9: unknown field `name`"),
    ] {
        let error = relay::keys::Keys::parse(&KEYS.replace(old, new)).unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("a b"), "{error}");
    }
    let twice = format!("{KEYS}{KEYS}");
    let error = relay::keys::Keys::parse(&twice).unwrap_err();
    assert_eq!(error, "keys[2].sha256: is repeated");
}
