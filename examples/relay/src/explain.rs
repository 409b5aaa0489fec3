//! Explanation of settings, for `--check`.

use std::io::{self, Write};

use super::{args::Program, settings::Route};

/// Prints what a program does.
///
/// # Errors
///
/// Returns an error if `out` can't be written to.
pub fn print(program: &Program, out: &mut impl Write) -> io::Result<()> {
    let settings = &program.settings;
    writeln!(
        out,
        "Listens on {}.\n\nUpstreams, the first that takes a request counts:",
        program.listen
    )?;
    let routes: Vec<Route> = settings.all_routes().collect();
    if routes.is_empty() {
        writeln!(out, "  the built-in server, as {}", settings.send_as.name())?;
    }
    for route in &routes {
        let urls: Vec<String> = route.urls.iter().map(ToString::to_string).collect();
        writeln!(out, "  {}: {}", route.name, urls.join(", then "))?;
        writeln!(out, "    headers:  as {}", route.send_as.name())?;
        for url in &route.urls {
            if let Some(name) = settings.policy_of(url) {
                writeln!(out, "    {url}: as the destination {name} says, instead")?;
            }
        }
        writeln!(out, "    paths:    {}", or(&route.paths, "all"))?;
        writeln!(out, "    models:   {}", or(&route.models, "all"))?;
        let key = match &route.key {
            Some(_) => "its own",
            None if settings.keys.is_some() => "none",
            None => "the client's",
        };
        writeln!(out, "    key:      {key}")?;
    }
    let clients = match &settings.keys {
        Some(keys) => format!("those with one of {} keys", keys.len()),
        None if settings.hosts.is_empty() => "anyone who can reach it".to_owned(),
        None => format!("anyone who can reach it, also as {}", settings.hosts),
    };
    let peers: Vec<String> = settings
        .trusted_peers
        .iter()
        .map(ToString::to_string)
        .collect();
    let trusted = if settings.trust_identity {
        "everyone".to_owned()
    } else {
        or(&peers, "nobody")
    };
    let affinity = match &settings.affinity {
        Some(affinity) => format!("in {}", affinity.header),
        None => "not written".to_owned(),
    };
    let spans = match &program.collector {
        Some(url) => format!("to {url}"),
        None => "none".to_owned(),
    };
    let faults = if settings.strict { "400" } else { "ignored" };
    let limits = settings.limits;
    writeln!(
        out,
        "\nMay use it:            {clients}\n\
         Identity in headers:   trusted from {trusted}\n\
         Faults in metadata:    {faults}\n\
         Conventions read:      {}\n\
         Session's key:         {affinity}\n\
         Log, spans:            {:?}, {spans}\n\
         Connections, requests: {}, {} at once\n\
         Bodies:                up to {} bytes, {} of all that are read for their model\n\
         Timeouts:              headers {:?}, body {:?}, connect {:?}, response {:?}\n\
         On SIGTERM:            not ready for {:?}, then running requests have {:?}",
        settings.read.conventions().count(),
        program.log,
        limits.serve.connections,
        limits.requests,
        limits.body_bytes,
        limits.buffered_bytes,
        limits.serve.headers,
        limits.serve.body,
        limits.connect,
        limits.response,
        limits.unready,
        limits.serve.drain,
    )
}

fn or(list: &[String], none: &str) -> String {
    if list.is_empty() {
        none.to_owned()
    } else {
        list.join(", ")
    }
}
