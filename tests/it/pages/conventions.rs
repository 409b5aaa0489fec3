//! `CONVENTIONS.md` and the tables of headers in the documentation are made from
//! the vendors' table. `.ci/run tables` writes them.

use std::{fmt::Write as _, fs, path::PathBuf};

use http::HeaderMap;
use tower_metadata_headers::{
    Class, Convention, Destinations, Evidence, FieldKey, Metadata, Properties, Rule, VendorHeaders,
    conventions,
};

use crate::support::fields::PlanStep;

#[test]
fn pages_equal_those_made_from_the_table() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("src/conventions/headers");
    let docs = conventions::all().map(|convention| {
        let name = convention.name().replace('-', "_");
        (folder.join(name + ".md"), documentation(&convention))
    });
    let pages: Vec<(PathBuf, String)> = docs
        .chain([(root.join("CONVENTIONS.md"), page())])
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        for (path, page) in &pages {
            fs::write(path, page).unwrap();
        }
    }
    for (path, page) in &pages {
        let committed = fs::read_to_string(path).unwrap_or_default();
        let path = path.display();
        assert!(
            *page == committed,
            "{path} is not current: run `.ci/run tables`"
        );
    }
    // One more file would be of a convention that is gone.
    assert_eq!(fs::read_dir(&folder).unwrap().count() + 1, pages.len());
}

#[test]
fn every_convention_has_a_source() {
    for convention in conventions::all() {
        let source = convention.provenance().unwrap();
        assert!(!source.source.is_empty(), "{}", convention.name());
        let mut parts = source.checked.split('-').map(str::len);
        assert_eq!(
            (parts.next(), parts.next(), parts.next(), parts.next()),
            (Some(4), Some(2), Some(2), None),
            "{}",
            convention.name(),
        );
    }
}

#[test]
fn every_host_of_the_table_is_valid() {
    for convention in conventions::all() {
        for host in convention.hosts() {
            let made = Destinations::new().host(host, convention.clone());
            assert!(made.is_ok(), "{}: {host}", convention.name());
        }
    }
}

#[test]
fn convention_names_are_unique() {
    let mut names: Vec<String> = conventions::all()
        .map(|convention| convention.name().to_owned())
        .collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// Returns the table of a convention for its function's documentation.
fn documentation(convention: &Convention) -> String {
    let mut page = String::new();
    table(convention, type_link, &mut page);
    let source = convention.provenance().unwrap();
    let evidence = evidence(source.evidence);
    let (source, checked) = (source.source, source.checked);
    writeln!(page, "\nSource: {source} ({evidence}); checked {checked}.").unwrap();
    page
}

fn page() -> String {
    let mut page = String::from(
        "# Conventions\n\n\
         Which header carries which field, for each client, proxy and provider that this\n\
         crate knows. `.ci/run tables` makes this page from `src/conventions/table.rs`.\n\n\
         A field after *else* is written if the metadata does not have the one before it.\n",
    );
    for convention in conventions::all() {
        section(&convention, &mut page);
    }
    page
}

fn section(convention: &Convention, page: &mut String) {
    let source = convention.provenance().unwrap();
    let evidence = evidence(source.evidence);
    writeln!(page, "\n## {}\n", convention.name()).unwrap();
    writeln!(page, "- source: {} ({evidence})", source.source).unwrap();
    writeln!(page, "- checked: {}", source.checked).unwrap();
    if let Some(client) = convention.client() {
        writeln!(page, "- client: `{client}`").unwrap();
    }
    for host in convention.hosts() {
        writeln!(page, "- host: `{host}`").unwrap();
    }
    page.push('\n');
    table(convention, |key| key.name().to_owned(), page);
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Code => "source code",
        Evidence::Documentation => "documentation",
        Evidence::Issue => "issue or pull request",
        Evidence::Capture => "captures, or others' work with it",
        _ => unreachable!("every kind of evidence has a name here"),
    }
}

fn table(convention: &Convention, spell: fn(FieldKey) -> String, page: &mut String) {
    page.push_str("| header | field | | accepted |\n|---|---|---|---|\n");
    for rule in convention.rules() {
        rows(rule, spell, page);
    }
    let step = PlanStep::try_from("3").unwrap();
    if let Some(header) = header_of(&Metadata::new().with(step), "field", convention) {
        writeln!(page, "| {header} | your own fields | written | |").unwrap();
    }
    let step = Properties::new([("plan_step", "3")]).unwrap();
    if let Some(header) = header_of(&Metadata::new().with(step), "key", convention) {
        let field = spell(FieldKey::of::<Properties>());
        writeln!(page, "| {header} | {field} | written; read as {field} | |").unwrap();
    }
    let session = spell(FieldKey::of::<tower_metadata_headers::SessionId>());
    let vendors = convention.listed_vendors().iter().copied();
    let any = convention.reads_any_vendor().then_some("<vendor>");
    for vendor in vendors.chain(any) {
        writeln!(page, "| `x-{vendor}-session-id` | | read as {session} | |").unwrap();
    }
    for prefix in convention.owned_prefixes() {
        writeln!(page, "| `{prefix}…` | | removed | |").unwrap();
    }
    for header in convention.passed_on() {
        let field = spell(FieldKey::of::<VendorHeaders>());
        writeln!(
            page,
            "| `{header}` | {field} | written; read as {field} | |"
        )
        .unwrap();
    }
    for header in convention.owned_headers() {
        writeln!(page, "| `{header}` | | removed | |").unwrap();
    }
}

fn rows(rule: &Rule, spell: fn(FieldKey) -> String, page: &mut String) {
    let accepted = match rule.value_limits() {
        limits if limits.is_none() => String::new(),
        limits if rule.skips_outside_limits() => format!("{limits}, else the next counts"),
        limits => limits.to_string(),
    };
    let read = format!("read as {}{}", spell(rule.field()), terms(rule));
    for (index, header) in rule.headers().enumerate() {
        let header = match rule.member_name() {
            Some(member) => format!("`{header}`, `{member}`"),
            None => format!("`{header}`"),
        };
        let is_written = index == 0 && rule.is_written();
        let fields = if is_written {
            let sources: Vec<String> = rule.sources().map(spell).collect();
            sources.join(", else ")
        } else {
            String::new()
        };
        let direction = match (is_written, rule.is_read()) {
            (true, true) => format!("written; {read}"),
            (true, false) => "written".to_owned(),
            _ => read.clone(),
        };
        writeln!(page, "| {header} | {fields} | {direction} | {accepted} |").unwrap();
    }
}

/// Returns the terms on which a header is read.
fn terms(rule: &Rule) -> String {
    let mut terms = String::new();
    let agents: Vec<_> = rule.user_agents().collect();
    if !agents.is_empty() {
        write!(terms, ", from `{}…`", agents.join("…`, `")).unwrap();
    }
    if let Some(other) = rule.other_header() {
        write!(terms, ", only with `{other}`").unwrap();
    }
    if rule.is_identity() && rule.field().class() == Class::Correlation {
        terms.push_str(", if trusted");
    }
    if rule.has_low_precedence() {
        terms.push_str(", if no other header carries it");
    }
    if rule.is_literal() {
        terms.push_str(", without escapes");
    }
    // Of baggage, the members that are named here are removed.
    if rule.is_shared() && rule.member_name().is_none() {
        terms.push_str(", and left in place");
    }
    terms
}

/// Returns the header that a convention writes this metadata to: a field of the user's own
/// or a property, whose name is `plan-step` and whose value is 3.
fn header_of(metadata: &Metadata, name: &str, convention: &Convention) -> Option<String> {
    let mut headers = HeaderMap::new();
    convention.write(metadata, &mut headers);
    let (header, value) = headers.iter().next()?;
    Some(match header.as_str().strip_suffix("plan-step") {
        Some(prefix) => format!("`{prefix}<{name}>`"),
        None => {
            assert_eq!(value, "{\"plan_step\":\"3\"}");
            format!("`{header}`, `<{name}>`")
        }
    })
}

/// Returns a link to a field's type.
fn type_link(key: FieldKey) -> String {
    let capitalized = |word: &str| word[..1].to_uppercase() + &word[1..];
    let name: String = match key.name() {
        "parent-session" => "ParentSessionId".to_owned(),
        name => name.split('-').map(capitalized).collect(),
    };
    format!("[`{name}`](crate::{name})")
}
