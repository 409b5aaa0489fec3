//! What each session has used.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use serde::Serialize;

use super::usage::Usage;

/// The sessions that were used last, and how much each has used.
///
/// Requests without a session are counted together, apart from the table, so
/// that no client can pass for them.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<Table>);

/// How many sessions are kept. Then the one that was used longest ago goes.
pub const MAX_SESSIONS: usize = 1_000;

#[derive(Debug, Default)]
struct Table {
    sessions: HashMap<String, Entry>,
    without_session: Totals,
    forgotten: u64,
    /// Counts uses: two within one tick of the clock still have an order.
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    client: String,
    totals: Totals,
    last_use: u64,
}

/// The counts of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    /// In seconds since 1970; 0 is never.
    pub(crate) last_used: u64,
}

impl Sessions {
    /// Counts a request.
    pub(crate) fn request(&self, session: Option<&str>, client: &str) {
        let mut table = self.table();
        let totals = table.used(session, client);
        totals.requests = totals.requests.saturating_add(1);
    }

    /// Counts the tokens of a request that was counted.
    pub(crate) fn tokens(&self, session: Option<&str>, usage: Usage) {
        let mut table = self.table();
        let totals = match session {
            None => &mut table.without_session,
            Some(session) => match table.sessions.get_mut(session) {
                Some(entry) => &mut entry.totals,
                // Forgotten while the request ran.
                None => return,
            },
        };
        totals.input_tokens = totals.input_tokens.saturating_add(usage.input);
        totals.output_tokens = totals.output_tokens.saturating_add(usage.output);
        totals.last_used = now();
    }

    /// All that is known, the session that was used last first.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let table = self.table();
        let mut entries: Vec<(&String, &Entry)> = table.sessions.iter().collect();
        entries.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.last_use));
        Snapshot {
            sessions: entries
                .into_iter()
                .map(|(session, entry)| Row {
                    session: session.clone(),
                    client: entry.client.clone(),
                    totals: entry.totals,
                })
                .collect(),
            without_session: table.without_session,
            forgotten_sessions: table.forgotten,
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Each change is whole before anything could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Notes a use of the session, a new one's too.
    fn used(&mut self, session: Option<&str>, client: &str) -> &mut Totals {
        self.uses += 1;
        let Some(session) = session else {
            self.without_session.last_used = now();
            return &mut self.without_session;
        };
        if !self.sessions.contains_key(session) && self.sessions.len() >= MAX_SESSIONS {
            self.forget_oldest();
        }
        let entry = self
            .sessions
            .entry(session.to_owned())
            .or_insert_with(|| Entry {
                client: client.to_owned(),
                totals: Totals::default(),
                last_use: 0,
            });
        entry.last_use = self.uses;
        entry.totals.last_used = now();
        &mut entry.totals
    }

    /// Looks at all: a thousand entries are little beside a model's answer.
    fn forget_oldest(&mut self) {
        let oldest = self.sessions.iter().min_by_key(|(_, entry)| entry.last_use);
        if let Some(oldest) = oldest.map(|(session, _)| session.clone()) {
            self.sessions.remove(&oldest);
            self.forgotten += 1;
        }
    }
}

/// What `GET /sessions` tells.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshot {
    pub(crate) sessions: Vec<Row>,
    pub(crate) without_session: Totals,
    pub(crate) forgotten_sessions: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) session: String,
    pub(crate) client: String,
    #[serde(flatten)]
    pub(crate) totals: Totals,
}

/// In seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_secs())
}
