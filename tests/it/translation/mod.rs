//! Requests of each client, sent on in each convention.
//!
//! `cargo test --test it translation -- --nocapture` shows the result of each.

mod sent_on;
mod session_headers;

use std::collections::BTreeSet;

use http::{HeaderMap, header::USER_AGENT};
use tower_metadata_headers::{
    AgentId, Class, Convention, ConventionSet, Fault, Metadata, Rule, conventions,
};

use self::session_headers::session_headers;
use crate::support::{
    agents,
    vectors::{self, Read},
};

/// Returns every convention that writes.
fn targets() -> Vec<Convention> {
    let acme = Convention::vendor("acme").unwrap();
    let mut targets: Vec<Convention> = conventions::all().chain([acme]).collect();
    targets.retain(|convention| convention.writes().next().is_some());
    targets
}

/// Each client's request.
fn clients() -> impl Iterator<Item = (&'static str, &'static Read)> {
    let clients = vectors::file("clients").vectors.iter();
    clients.filter_map(|vector| Some((vector.name.as_str(), vector.read.as_ref()?)))
}

#[test]
fn strip_removes_every_header_of_each_client_and_no_other() {
    for (client, read) in clients() {
        let mut headers = read.request();
        for (name, _) in read.carriers() {
            assert!(headers.contains_key(&name), "{client}: {name}");
        }
        conventions::clients().remove_from(&mut headers);
        assert_eq!(headers, read.stripped(), "{client}");

        // Only shared headers may still be read.
        headers.remove("user-agent");
        for convention in conventions::clients().conventions() {
            let shared = convention.rules().filter(|rule| rule.is_shared());
            for name in shared.flat_map(Rule::headers) {
                headers.remove(name);
            }
        }
        let found = conventions::clients().read_trusted(&headers);
        assert!(found.metadata.is_empty(), "{client}: {:?}", found.metadata);
    }
}

#[test]
fn only_these_conventions_have_no_header_for_a_session() {
    let without: BTreeSet<String> = conventions::all()
        .filter(|convention| session_headers(convention).is_empty())
        .map(|convention| convention.name().to_owned())
        .collect();
    let wanted = [
        "agent-framework",
        "any-vendor",
        "autogen",
        "azure-openai",
        "cody",
        "continue-cli",
        "cursor",
        "droid",
        "engine-controls",
        "gemini-cli",
        "gitlab-duo",
        "google-adk",
        "hermes",
        "inference-extension",
        "junie",
        "kimi-code",
        "known-vendors",
        "letta-code",
        "mlflow",
        "openai",
        "openai-agents",
        "pydantic-ai",
        "qwen-code",
        "zcode",
        "zed",
    ];
    assert!(without.iter().eq(wanted), "{without:?}");
}

#[test]
fn session_of_each_client_is_written_to_each_target() {
    let mut targets = targets();
    targets.retain(|target| !session_headers(target).is_empty());
    let mut lines = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        let headers: Vec<&str> = session_headers(target)
            .iter()
            .map(|(header, _)| *header)
            .collect();
        let headers = headers.join(", ");
        lines.push(format!("{:>2}  {}: {headers}", at + 1, target.name()));
    }
    let digits = |digit: fn(usize) -> String| -> String {
        (1..=targets.len()).map(|at| digit(at) + " ").collect()
    };
    let tens = digits(|at| match at / 10 {
        0 => " ".to_owned(),
        tens => tens.to_string(),
    });
    lines.push(format!("\n{:<58}{}", "", tens.trim_end()));
    lines.push(format!("{:<58}{}", "", digits(|at| (at % 10).to_string())));

    let (mut pairs, mut arrived, mut refused) = (0, 0, 0);
    for (client, read) in clients() {
        let marks: Vec<&str> = targets
            .iter()
            .map(|target| translated(client, read, target))
            .collect();
        pairs += marks.len();
        arrived += marks.iter().filter(|&&mark| mark == ARRIVED).count();
        refused += marks.iter().filter(|&&mark| mark == REFUSED).count();
        lines.push(format!("{client:<58}{}", marks.join(" ")));
    }
    lines.push(format!(
        "\n{ARRIVED} the session arrived ({arrived})\n\
         {REFUSED} the target would not accept it: not sent, and reported ({refused})\n\
         {NONE} the client sends none, and none was made up ({})",
        pairs - arrived - refused
    ));
    // Printed at once, so that lines of other tests are not between.
    println!("{}", lines.join("\n"));
    assert_eq!(pairs, clients().count() * targets.len());
    assert!(arrived > 1300, "only {arrived} of {pairs} arrived");
    let wanted = if cfg!(feature = "json") { 5 } else { 2 };
    // Each pair was compared above. A new vendor may refuse more.
    assert!(refused >= wanted, "only {refused} of {pairs} are refused");
}

const ARRIVED: &str = "S";
const REFUSED: &str = "!";
const NONE: &str = "-";

/// Sends a client's request to a target, and returns the result for its
/// session.
fn translated(client: &str, read: &Read, target: &Convention) -> &'static str {
    let pair = format!("{client} -> {}", target.name());
    let mut headers = read.request();
    let metadata = conventions::clients().read_trusted(&headers).metadata;
    let session = metadata.session();
    assert_eq!(session, read.metadata().session(), "{pair}");
    conventions::clients().remove_from(&mut headers);
    let written = target.write(&metadata, &mut headers);

    sent_on::leaves_only_the_targets(&pair, read, target, &metadata, &headers);
    // Each field is in a header or in the report.
    let reported: BTreeSet<_> = written.faults().iter().map(Fault::field).collect();
    let carried = written.fields().count();
    assert_eq!(carried + reported.len(), metadata.len(), "{pair}");

    if agents::writes_for_one_client(target) {
        agents::pretend_codex(&mut headers);
    }
    let arrived = ConventionSet::from(target.clone()).read_trusted(&headers);
    assert!(arrived.faults.is_empty(), "{pair}: {}", arrived.faults);
    let Some(session) = session else {
        assert_eq!(arrived.metadata.session(), None, "{pair}");
        for (header, place) in session_headers(target) {
            let value = headers.get(header).map(|value| value.to_str().unwrap());
            assert_eq!(
                value.and_then(|value| place.find(value)),
                None,
                "{pair}: {header}"
            );
        }
        return NONE;
    };
    let why = sent_on::why_not(target, &session);
    for (header, place) in session_headers(target) {
        let value = headers.get(header).map(|value| value.to_str().unwrap());
        let found = value.and_then(|value| place.find(value));
        let wanted = why.is_none().then(|| session.as_str().to_owned());
        assert_eq!(found, wanted, "{pair}: {header}");
    }
    let Some((header, reason)) = why else {
        assert_eq!(arrived.metadata.session(), Some(session), "{pair}");
        return ARRIVED;
    };
    // If another place carries a session, such as a property, it is the same.
    assert!(
        [None, Some(session)].contains(&arrived.metadata.session()),
        "{pair}"
    );
    sent_on::says_why(&pair, &written, header, reason);
    REFUSED
}

#[test]
fn request_written_in_its_own_convention_reads_the_same() {
    let own = [
        ("Amp", conventions::amp()),
        ("Claude Code, sub-agent", conventions::claude_code()),
        ("Cline to its own provider", conventions::cline()),
        ("Coder", conventions::coder()),
        ("Codex, sub-agent", conventions::codex()),
        ("Copilot, command line", conventions::copilot()),
        ("Crush", conventions::crush()),
        ("Goose before the name changed", conventions::goose()),
        ("Kilo Code, old extension", conventions::kilo_code()),
        ("Mux", conventions::mux()),
        ("Open WebUI", conventions::open_webui()),
        ("OpenCode to its own provider", conventions::opencode()),
        ("Zoo Code to LiteLLM", conventions::zoo_code_litellm()),
        (
            "OpenAI's SDK with headers for LiteLLM, set by its user",
            litellm_with_agents(),
        ),
    ];
    for (client, convention) in own {
        let (_, read) = clients().find(|(name, _)| *name == client).unwrap();
        let mut headers = HeaderMap::new();
        if let Some(agent) = read.surroundings().get(USER_AGENT) {
            headers.try_insert(USER_AGENT, agent.clone()).unwrap();
        }
        convention.write(&read.metadata(), &mut headers);
        let found = conventions::clients().read_trusted(&headers);
        assert_eq!(found.metadata, read.metadata(), "{client}");
        assert!(found.faults.is_empty(), "{client}: {}", found.faults);
    }
}

/// Returns LiteLLM's convention with the header that spend is attributed to,
/// which a user may add.
fn litellm_with_agents() -> Convention {
    let agent = Rule::write_only::<AgentId>("x-litellm-agent-id").identity();
    let litellm = conventions::litellm().to_builder().rule(agent);
    litellm.build().unwrap()
}

#[test]
fn untrusted_identity_reaches_no_target() {
    let mut hidden = 0;
    for (client, read) in clients() {
        let mut headers = read.request();
        let trusted = conventions::clients().read_trusted(&headers);
        let extracted = conventions::clients().read(&headers);
        conventions::clients().remove_from(&mut headers);
        let identity_values = identities(&trusted.metadata);
        let untrusted = trusted.metadata.len() - extracted.metadata.len();
        assert!(untrusted >= identity_values.len());
        assert_eq!(extracted.faults.len(), trusted.faults.len() + untrusted);
        assert_eq!(identities(&extracted.metadata), Vec::<String>::new());
        for target in targets() {
            let mut sent = headers.clone();
            target.write(&extracted.metadata, &mut sent);
            for value in sent.values().map(|value| value.to_str().unwrap()) {
                for identity in &identity_values {
                    hidden += 1;
                    assert!(!value.contains(identity), "{client} -> {}", target.name());
                }
            }
        }
    }
    assert!(hidden > 1000, "only {hidden} values");
}

/// Returns the values of identity.
fn identities(metadata: &Metadata) -> Vec<String> {
    let fields = metadata.iter();
    fields
        .filter(|(key, _)| key.class() == Class::Identity)
        .map(|(_, shown)| shown.expose().to_owned())
        .collect()
}
