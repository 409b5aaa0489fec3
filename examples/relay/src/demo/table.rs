//! The demo's table.

use std::io::{self, Write};

use super::Outcome;

/// Prints what each agent sent beside what the upstream got.
pub(super) fn print(outcomes: &[Outcome], send_as: &str, out: &mut impl Write) -> io::Result<()> {
    let agent = widest(outcomes.iter().map(|outcome| outcome.name.to_owned()));
    let sent = widest(outcomes.iter().flat_map(|outcome| shown(&outcome.sent)));
    let got = widest(outcomes.iter().flat_map(|outcome| shown(&outcome.got)));
    let title = format!("upstream got, as {send_as}");
    let got = got.max(title.len());

    writeln!(
        out,
        "{:agent$}  {:sent$}  {title:got$}  session",
        "agent", "sent"
    )?;
    let rule = |width| "─".repeat(width);
    let all = format!(
        "{}  {}  {}  {}",
        rule(agent),
        rule(sent),
        rule(got),
        rule(7)
    );
    writeln!(out, "{all}")?;
    for outcome in outcomes {
        let mut left = shown(&outcome.sent);
        let mut right = shown(&outcome.got);
        let mut name = outcome.name;
        let mut verdict = if outcome.arrived { "arrived" } else { "LOST" };
        for _ in 0..outcome.sent.len().max(outcome.got.len()).max(1) {
            let (left, right) = (
                left.next().unwrap_or_default(),
                right.next().unwrap_or_default(),
            );
            let line = format!("{name:agent$}  {left:sent$}  {right:got$}  {verdict}");
            writeln!(out, "{}", line.trim_end())?;
            (name, verdict) = ("", "");
        }
        for name in &outcome.leaked {
            writeln!(out, "{:agent$}  leaked: {name}", "")?;
        }
        writeln!(out, "{all}")?;
    }
    let requests: usize = outcomes.iter().map(|outcome| outcome.requests).sum();
    writeln!(
        out,
        "{requests} requests, each conversation's first answered whole and its second streamed; the second is shown.",
    )?;
    writeln!(
        out,
        "Organizations, projects, users, machines and tags are identity: without --trust-identity they are removed,\n\
         and the upstream gets none of them."
    )
}

fn shown(lines: &[(String, String)]) -> impl Iterator<Item = String> {
    lines.iter().map(|(name, value)| format!("{name}: {value}"))
}

fn widest(texts: impl Iterator<Item = String>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0)
}
