//! Requests and tokens of each session.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use serde::Serialize;

use super::usage::Usage;

/// Counts of the most recently used sessions.
///
/// Requests without a session are counted outside the map, because a client may
/// choose any session id.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<Table>);

/// Maximum number of sessions. A new session replaces the least recently used.
pub const MAX_SESSIONS: usize = 1_000;

#[derive(Debug, Default)]
struct Table {
    sessions: HashMap<String, Entry>,
    without_session: Totals,
    forgotten: u64,
    /// Number of uses, which orders uses within one tick of the clock.
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    client: String,
    totals: Totals,
    last_use: u64,
}

/// Counts of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    /// Time in seconds since 1970, or 0 if never used.
    pub(crate) last_used: u64,
}

impl Totals {
    /// Returns the sum of both counts, and the later of both times.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            last_used: self.last_used.max(other.last_used),
        }
    }
}

impl Sessions {
    /// Counts a request.
    pub(crate) fn request(&self, session: Option<&str>, client: &str) {
        let mut table = self.table();
        let totals = table.use_session(session, client);
        totals.requests = totals.requests.saturating_add(1);
    }

    /// Counts the tokens of a request that is already counted.
    pub(crate) fn tokens(&self, session: Option<&str>, usage: Usage) {
        let mut table = self.table();
        let totals = match session {
            None => &mut table.without_session,
            Some(session) => match table.sessions.get_mut(session) {
                Some(entry) => &mut entry.totals,
                // The session was removed while the request ran.
                None => return,
            },
        };
        totals.input_tokens = totals.input_tokens.saturating_add(usage.input);
        totals.output_tokens = totals.output_tokens.saturating_add(usage.output);
        totals.last_used = now();
    }

    /// Returns all counts, with the most recently used session first.
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
        // A panic can't leave a change half done, so the poison is ignored.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Records a use of a session, and returns its counts.
    fn use_session(&mut self, session: Option<&str>, client: &str) -> &mut Totals {
        self.uses += 1;
        let Some(session) = session else {
            self.without_session.last_used = now();
            return &mut self.without_session;
        };
        if !self.sessions.contains_key(session) && self.sessions.len() >= MAX_SESSIONS {
            self.remove_least_recently_used();
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

    /// Removes the least recently used session.
    ///
    /// It searches all entries, which takes little time beside a model's response.
    fn remove_least_recently_used(&mut self) {
        let oldest = self.sessions.iter().min_by_key(|(_, entry)| entry.last_use);
        if let Some(oldest) = oldest.map(|(session, _)| session.clone()) {
            self.sessions.remove(&oldest);
            self.forgotten += 1;
        }
    }
}

/// Content of `GET /sessions`.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshot {
    pub(crate) sessions: Vec<Row>,
    pub(crate) without_session: Totals,
    pub(crate) forgotten_sessions: u64,
}

impl Snapshot {
    /// Returns the names of the sessions' clients.
    pub(crate) fn clients(&self) -> BTreeSet<String> {
        let rows = self.sessions.iter();
        rows.map(|row| row.client.clone()).collect()
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) session: String,
    pub(crate) client: String,
    #[serde(flatten)]
    pub(crate) totals: Totals,
}

/// Returns the time in seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_secs())
}
