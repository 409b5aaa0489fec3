//! `CONVENTIONS.md` is made from the vendors' table. After a change of the
//! table, `UPDATE=1 cargo test --all-features --test it pages::conventions` writes
//! it anew.

use std::fmt::Write as _;

use tower_metadata_headers::{
    Class, Convention, Destinations, Evidence, FieldKey, Rule, conventions,
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/CONVENTIONS.md");

#[test]
fn page_equals_the_one_made_from_the_table() {
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PATH, &page).unwrap();
    }
    let committed = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        page == committed,
        "CONVENTIONS.md is not current; this file's head says how to make it anew",
    );
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

fn page() -> String {
    let mut page = String::from(
        "# Conventions\n\n\
         Which header carries which field, for each client, proxy and provider that this\n\
         crate knows. Made from the table in `src/conventions/table.rs`.\n\n\
         A field behind *else* is written where the metadata does not have the one before.\n",
    );
    for convention in conventions::all() {
        section(&convention, &mut page);
    }
    page
}

fn section(convention: &Convention, page: &mut String) {
    let source = convention.provenance().unwrap();
    let evidence = match source.evidence {
        Evidence::Code => "source code",
        Evidence::Documentation => "documentation",
        Evidence::Issue => "issue or pull request",
        Evidence::Capture => "captures, or others' work with it",
        _ => unreachable!("every kind of evidence has a name here"),
    };
    writeln!(page, "\n## {}\n", convention.name()).unwrap();
    writeln!(page, "- source: {} ({evidence})", source.source).unwrap();
    writeln!(page, "- checked: {}", source.checked).unwrap();
    if let Some(client) = convention.client() {
        writeln!(page, "- client: `{client}`").unwrap();
    }
    for host in convention.hosts() {
        writeln!(page, "- host: `{host}`").unwrap();
    }
    writeln!(page, "\n| header | field | | accepted |\n|---|---|---|---|").unwrap();
    for rule in convention.rules() {
        row(rule, page);
    }
    if convention.reads_any_vendor() {
        writeln!(page, "| `x-<vendor>-session-id` | | read as session-id | |").unwrap();
    }
    for vendor in convention.listed_vendors() {
        writeln!(page, "| `x-{vendor}-session-id` | | read as session-id | |").unwrap();
    }
    for family in convention.owned_prefixes() {
        writeln!(page, "| `{family}…` | | removed | |").unwrap();
    }
}

fn row(rule: &Rule, page: &mut String) {
    let sources: Vec<&str> = rule.sources().map(FieldKey::name).collect();
    let fields = if rule.is_written() {
        sources.join(", else ")
    } else {
        rule.field().to_string()
    };
    let direction = match (rule.is_written(), rule.is_read()) {
        (true, true) => "written and read",
        (true, false) => "written",
        _ => "read",
    };
    let accepted = match rule.value_limits() {
        limits if limits.is_none() => String::new(),
        limits if rule.skips_outside_limits() => format!("{limits}, else the next counts"),
        limits => limits.to_string(),
    };
    let trusted = match (rule.is_identity(), rule.field().class()) {
        (true, Class::Correlation) => ", if trusted",
        _ => "",
    };
    let only = match rule.agents() {
        [] => String::new(),
        agents => format!(", from `{}…`", agents.join("…`, `")),
    };
    for (index, header) in rule.headers().enumerate() {
        let member = match rule.member_name() {
            Some(member) => format!("`{header}`, `{member}`"),
            None => format!("`{header}`"),
        };
        let field = rule.field();
        let direction = match direction {
            _ if index > 0 => format!("read as {field}"),
            "written" => direction.to_owned(),
            "read" => format!("read as {field}"),
            _ => format!("written; read as {field}"),
        };
        let fields = if index == 0 && rule.is_written() {
            fields.as_str()
        } else {
            ""
        };
        writeln!(
            page,
            "| {member} | {fields} | {direction}{only}{trusted} | {accepted} |"
        )
        .unwrap();
    }
}
