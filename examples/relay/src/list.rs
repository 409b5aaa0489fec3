//! List of conventions.

use std::io::{self, Write};

use tower_metadata_headers::{Convention, Evidence, FieldKey, Rule, conventions};

/// Prints every convention, with the headers that it writes, reads and removes,
/// its hosts and its source.
///
/// # Errors
///
/// Returns an error if writing to `out` fails.
pub fn print(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Conventions for --send-as:")?;
    for convention in conventions::all() {
        print_one(&convention, out)?;
    }
    Ok(())
}

fn print_one(convention: &Convention, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{}", convention.name())?;
    if !convention.rules().any(Rule::is_written) {
        writeln!(out, "  writes  nothing, and removes agents' headers")?;
    }
    for rule in convention.rules().filter(|rule| rule.is_written()) {
        print_written(rule, out)?;
    }
    for rule in convention.rules().filter(|rule| rule.is_read()) {
        for header in rule.headers() {
            writeln!(
                out,
                "  reads   {:<40} {}",
                header_and_member(header, rule),
                rule.field()
            )?;
        }
    }
    if convention.reads_any_vendor() {
        let header = "x-<vendor>-session-id";
        writeln!(out, "  reads   {header:<40} session-id")?;
    }
    for prefix in convention.owned_prefixes() {
        writeln!(out, "  removes {prefix}…")?;
    }
    for header in convention.passed_on() {
        writeln!(out, "  passes  {header}")?;
    }
    for header in convention.owned_headers() {
        writeln!(out, "  removes {header}")?;
    }
    for host in convention.hosts() {
        writeln!(out, "  host    {host}")?;
    }
    if let Some(source) = convention.provenance() {
        let evidence = match source.evidence {
            Evidence::Code => "source code",
            Evidence::Documentation => "documentation",
            Evidence::Issue => "an issue",
            _ => "third parties' code",
        };
        let checked = source.checked;
        writeln!(out, "  from    {} ({evidence}, {checked})", source.source)?;
    }
    Ok(())
}

fn print_written(rule: &Rule, out: &mut impl Write) -> io::Result<()> {
    let Some(header) = rule.headers().next() else {
        return Ok(());
    };
    let fields: Vec<&str> = rule.sources().map(FieldKey::name).collect();
    let fields = fields.join(", else ");
    write!(
        out,
        "  writes  {:<40} {fields}",
        header_and_member(header, rule)
    )?;
    let limits = rule.value_limits();
    if !limits.is_none() {
        write!(out, " ({limits})")?;
    }
    writeln!(out)
}

/// Returns the header's name, and the member's name if the rule has one.
fn header_and_member(header: &str, rule: &Rule) -> String {
    match rule.member_name() {
        Some(member) => format!("{header} {member}"),
        None => header.to_owned(),
    }
}
