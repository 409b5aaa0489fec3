//! Table that the demo prints.

use std::io::{self, Write};

use super::Outcome;

/// Prints the headers of each agent beside those that the upstream received.
pub(super) fn print(outcomes: &[Outcome], send_as: &str, out: &mut impl Write) -> io::Result<()> {
    let agent = widest(outcomes.iter().map(|outcome| outcome.name.to_owned()));
    let sent = widest(outcomes.iter().flat_map(|outcome| shown(&outcome.sent)));
    let received = widest(outcomes.iter().flat_map(|outcome| shown(&outcome.received)));
    let title = format!("upstream received, as {send_as}");
    let received = received.max(title.len());

    writeln!(
        out,
        "{:agent$}  {:sent$}  {title:received$}  session",
        "agent", "sent"
    )?;
    let rule = |width| "─".repeat(width);
    let all = format!(
        "{}  {}  {}  {}",
        rule(agent),
        rule(sent),
        rule(received),
        rule(7)
    );
    writeln!(out, "{all}")?;
    for outcome in outcomes {
        let mut left = shown(&outcome.sent);
        let mut right = shown(&outcome.received);
        let mut name = outcome.name;
        let mut verdict = if outcome.arrived { "arrived" } else { "LOST" };
        for _ in 0..outcome.sent.len().max(outcome.received.len()).max(1) {
            let (left, right) = (
                left.next().unwrap_or_default(),
                right.next().unwrap_or_default(),
            );
            let line = format!("{name:agent$}  {left:sent$}  {right:received$}  {verdict}");
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
        "{requests} requests, two for each agent. The table shows the second, whose response is streamed.",
    )?;
    writeln!(
        out,
        "Organizations, projects, users, machines and tags are identity. Without --trust-identity they are removed,\n\
         and the upstream receives none of them."
    )
}

fn shown(lines: &[(String, String)]) -> impl Iterator<Item = String> {
    lines.iter().map(|(name, value)| format!("{name}: {value}"))
}

fn widest(texts: impl Iterator<Item = String>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0)
}
