//! Command line: options, `--list` and `--help`.

use relay::{
    Settings,
    args::{Command, HELP},
    list,
};

fn settings(args: &[&str]) -> (String, Settings) {
    match Command::parse(args).unwrap() {
        Command::Serve(program) => (program.listen, program.settings),
        other => panic!("{other:?}"),
    }
}

#[test]
fn command_line_without_options_has_defaults() {
    let (listen, settings) = settings(&[]);
    assert_eq!(listen, "127.0.0.1:8787");
    assert_eq!(settings.upstream, None);
    assert_eq!(settings.send_as.name(), "litellm");
    assert!(!settings.strict);
    assert!(!settings.trust_identity);
}

#[test]
fn command_line_with_options_changes_settings() {
    let (listen, settings) = settings(&[
        "--listen=[::1]:9000",
        "--upstream",
        "https://openrouter.ai/api",
        "--send-as",
        "openrouter",
        "--strict",
        "--trust-identity",
    ]);
    assert_eq!(listen, "[::1]:9000");
    assert_eq!(
        settings.upstream.unwrap().to_string(),
        "https://openrouter.ai/api"
    );
    assert_eq!(settings.send_as.name(), "openrouter");
    assert!(settings.strict);
    assert!(settings.trust_identity);
}

#[test]
fn demo_option_keeps_other_settings() {
    match Command::parse(["--send-as", "codex", "--demo"]) {
        Ok(Command::Demo(settings)) => assert_eq!(settings.send_as.name(), "codex"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn invalid_command_line_names_the_problem() {
    for (args, expected) in [
        (&["--send-as", "groq"][..], "claude-code, copilot"),
        (&["--send-as", "claude-cod"], "did you mean `claude-code`?"),
        (&["--upstream", "localhost:4000"], "http:// or https://"),
        (&["--upstream"], "missing argument"),
        (&["--config", "missing.toml"], "--config missing.toml: "),
        (&["--config", "Cargo.toml"], "unknown field"),
        (&["--metadata", "missing.toml"], "--metadata missing.toml: "),
        (&["--otlp", "127.0.0.1:4318"], "must begin with http://"),
        (&["--log", "xml"], "unknown variant `xml`"),
        (&["--port", "1"], "--port"),
        (&["--strict=yes"], "--strict"),
        (&["file"], "file"),
        (&["--demo", "--upstream", "http://localhost"], "--demo"),
    ] {
        let error = Command::parse(args).unwrap_err().to_string();
        assert!(error.contains(expected), "{args:?}: {error}");
    }
}

#[test]
fn help_names_every_option() {
    for option in [
        "--listen",
        "--upstream",
        "--send-as",
        "--config",
        "--check",
        "--metadata",
        "--log",
        "--otlp",
        "--list",
        "--strict",
        "--trust-identity",
        "--demo",
        "--help",
    ] {
        assert!(HELP.contains(option), "{option}");
    }
    assert!(matches!(Command::parse(["--help"]), Ok(Command::Help)));
    assert!(matches!(Command::parse(["--list"]), Ok(Command::List)));
}

#[test]
fn list_has_every_convention_with_all_its_headers() {
    let mut list = Vec::new();
    list::print(&mut list).unwrap();
    let list = String::from_utf8(list).unwrap();
    for convention in tower_metadata_headers::conventions::all() {
        let name = convention.name();
        assert!(list.lines().any(|line| line == name), "{name}");
        for (header, _) in convention.reads() {
            assert!(list.contains(header), "{name}: {header}");
        }
    }
    assert!(list.contains("x-<vendor>-session-id"), "{list}");
    assert!(list.contains("docs.litellm.ai"), "{list}");
}
