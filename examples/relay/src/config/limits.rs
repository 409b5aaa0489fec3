//! Limits and timeouts in the configuration file.

use std::time::Duration;

use serde::Deserialize;

use crate::settings::Limits;

/// Table `[limits]`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsTable {
    connections: Option<usize>,
    requests: Option<usize>,
    body_bytes: Option<u64>,
    buffered_bytes: Option<usize>,
}

/// Table `[timeouts]`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TimeoutsTable {
    #[serde(with = "humantime_serde")]
    headers: Option<Duration>,
    #[serde(with = "humantime_serde")]
    body: Option<Duration>,
    #[serde(with = "humantime_serde")]
    connect: Option<Duration>,
    #[serde(with = "humantime_serde")]
    response: Option<Duration>,
    #[serde(with = "humantime_serde")]
    drain: Option<Duration>,
    #[serde(with = "humantime_serde")]
    unready: Option<Duration>,
}

/// Returns the limits. A key that is not set has its default.
pub(super) fn limits(table: &LimitsTable, timeouts: &TimeoutsTable) -> Result<Limits, String> {
    let mut limits = Limits::default();
    let serve = &mut limits.serve;
    set(
        &mut serve.connections,
        table.connections,
        "limits.connections",
    )?;
    set(&mut serve.headers, timeouts.headers, "timeouts.headers")?;
    set(&mut serve.body, timeouts.body, "timeouts.body")?;
    set(&mut serve.drain, timeouts.drain, "timeouts.drain")?;
    set(
        &mut limits.buffered_bytes,
        table.buffered_bytes,
        "limits.buffered_bytes",
    )?;
    set(&mut limits.requests, table.requests, "limits.requests")?;
    set(
        &mut limits.body_bytes,
        table.body_bytes,
        "limits.body_bytes",
    )?;
    set(&mut limits.connect, timeouts.connect, "timeouts.connect")?;
    set(&mut limits.response, timeouts.response, "timeouts.response")?;
    limits.unready = timeouts.unready.unwrap_or_default();
    Ok(limits)
}

/// Sets a limit, which must not be zero.
fn set<T: Default + PartialEq>(limit: &mut T, value: Option<T>, name: &str) -> Result<(), String> {
    let Some(value) = value else { return Ok(()) };
    if value == T::default() {
        return Err(format!("{name}: must not be zero"));
    }
    *limit = value;
    Ok(())
}
