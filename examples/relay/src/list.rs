//! The table of conventions.

use std::io::{self, Write};

use tower_metadata_headers::{Convention, Evidence, FieldKey, Rule, conventions};

/// Prints every convention: what it writes, what it reads, and where it is
/// from.
///
/// # Errors
///
/// Returns an error if `out` does.
pub fn print(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "The spellings that --send-as takes.")?;
    for convention in conventions::all() {
        print_one(&convention, out)?;
    }
    Ok(())
}

fn print_one(convention: &Convention, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{}", convention.name())?;
    if !convention.rules().any(Rule::is_written) {
        writeln!(out, "  writes  nothing: agents' headers are removed")?;
    }
    for rule in convention.rules().filter(|rule| rule.is_written()) {
        print_written(rule, out)?;
    }
    for rule in convention.rules().filter(|rule| rule.is_read()) {
        for header in rule.headers() {
            writeln!(
                out,
                "  reads   {:<40} {}",
                place(header, rule),
                rule.field()
            )?;
        }
    }
    if convention.reads_any_vendor() {
        let header = "x-<vendor>-session-id";
        writeln!(out, "  reads   {header:<40} session-id")?;
    }
    for family in convention.owned_prefixes() {
        writeln!(out, "  removes {family}…")?;
    }
    for host in convention.hosts() {
        writeln!(out, "  host    {host}")?;
    }
    if let Some(source) = convention.provenance() {
        let evidence = match source.evidence {
            Evidence::Code => "source code",
            Evidence::Documentation => "documentation",
            Evidence::Issue => "an issue",
            _ => "others' work with it",
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
    write!(out, "  writes  {:<40} {fields}", place(header, rule))?;
    let accepted = rule.value_limits();
    if !accepted.is_none() {
        write!(out, " ({accepted})")?;
    }
    writeln!(out)
}

/// The header, and the member in it where it has several.
fn place(header: &str, rule: &Rule) -> String {
    match rule.member_name() {
        Some(member) => format!("{header} {member}"),
        None => header.to_owned(),
    }
}
