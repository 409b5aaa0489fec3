use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, header::USER_AGENT};

use super::{lines::Line, rank::Sender};
use crate::{
    ClientName, FieldKey,
    header_set::{prefilter::Prefilter, vendors::is_agent_of},
    rule::Client,
};

/// Client that can be recognized.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: HeaderValue,
    agents: Vec<Cow<'static, str>>,
    sender: Option<Sender>,
}

/// Clients of a set of conventions.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    clients: Vec<Known>,
    /// First letters of their `User-Agent` prefixes.
    prefilter: Prefilter,
}

impl Clients {
    /// Adds a client, and returns its index. Returns `None` if its name is invalid, which
    /// the definition of its convention does not allow.
    pub(super) fn add(&mut self, client: &Client) -> Option<usize> {
        let name = value_of(&client.name);
        debug_assert!(name.is_some(), "the definition was checked");
        for agent in &client.agents {
            debug_assert!(agent.len() >= 4, "`by_agent` compares the first four bytes");
            self.prefilter.add(agent.to_ascii_lowercase().as_bytes());
        }
        self.clients.push(Known {
            name: name?,
            agents: client.agents.clone(),
            sender: None,
        });
        Some(self.clients.len() - 1)
    }

    /// Returns the number of the client's sender, if another convention of the client has
    /// one. `index` was returned by [`add`](Self::add), so the client exists.
    pub(super) fn sender(&self, index: usize) -> Option<Sender> {
        let name = &self.clients.get(index)?.name;
        self.clients
            .iter()
            .filter(|client| client.name == *name)
            .find_map(|client| client.sender)
    }

    pub(super) fn set_sender(&mut self, index: usize, sender: Sender) {
        if let Some(client) = self.clients.get_mut(index) {
            client.sender = Some(sender);
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&Known> {
        self.clients.get(index)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// Returns the client with this `User-Agent`.
    fn by_agent(&self, agent: &HeaderValue) -> Option<&Known> {
        // A shorter `User-Agent` begins with no prefix: see `add`.
        let begin = agent
            .as_bytes()
            .first_chunk::<4>()?
            .map(|byte| byte.to_ascii_lowercase());
        if !self.prefilter.might_contain_text(&begin) {
            return None;
        }
        // All prefixes are ASCII. A `User-Agent` with other bytes counts as unknown.
        let agent = agent.to_str().ok()?;
        self.clients
            .iter()
            .find(|client| begins_with(agent, &client.agents))
    }
}

/// `User-Agent` of a request. If it is needed before the pass reaches it, it is looked up.
pub(super) struct Agent<'h> {
    headers: &'h HeaderMap,
    value: Option<&'h HeaderValue>,
    is_known: bool,
}

impl<'h> Agent<'h> {
    pub(super) const fn new(headers: &'h HeaderMap) -> Self {
        Self {
            headers,
            value: None,
            is_known: false,
        }
    }

    /// Sets the `User-Agent` that the pass has reached.
    pub(super) fn set(&mut self, line: Line<'h>) {
        self.is_known = true;
        // A repeated `User-Agent` is ambiguous, and counts as absent.
        self.value = (!line.is_repeated()).then_some(line.value);
    }

    /// Returns true if the `User-Agent` begins with one of these prefixes, ignoring case.
    pub(super) fn begins_with(&mut self, prefixes: &[Cow<'static, str>]) -> bool {
        self.text()
            .is_some_and(|agent| begins_with(agent, prefixes))
    }

    /// Returns true if the `User-Agent` begins with this vendor's name.
    pub(super) fn is_of(&mut self, vendor: &str) -> bool {
        self.text().is_some_and(|agent| is_agent_of(agent, vendor))
    }

    /// Returns the client with this `User-Agent`.
    pub(super) fn client<'c>(&mut self, clients: &'c Clients) -> Option<&'c Known> {
        if clients.is_empty() {
            return None;
        }
        clients.by_agent(self.value()?)
    }

    /// Returns the version of the first product (RFC 9110, section 10.1.5).
    pub(super) fn version(&mut self) -> Option<&'h str> {
        let product = self.text()?.split(' ').next()?;
        let (_, version) = product.split_once('/')?;
        Some(version).filter(|version| !version.is_empty())
    }

    /// Returns the `User-Agent` as text. If it has bytes outside ASCII, it counts as absent,
    /// because no known client sends such bytes.
    fn text(&mut self) -> Option<&'h str> {
        self.value()?.to_str().ok()
    }

    fn value(&mut self) -> Option<&'h HeaderValue> {
        if !self.is_known {
            self.is_known = true;
            let mut lines = self.headers.get_all(USER_AGENT).iter();
            self.value = match (lines.next(), lines.next()) {
                (Some(value), None) => Some(value),
                // If it is repeated, it counts as absent: see `set`.
                _ => None,
            };
        }
        self.value
    }
}

/// Returns a client's name as a field's value. A static name stays static, so that a clone
/// of it does not touch a reference count.
#[expect(clippy::ptr_arg, reason = "only a `Cow` shows if the name is static")]
fn value_of(name: &Cow<'static, str>) -> Option<HeaderValue> {
    let value = FieldKey::of::<ClientName>().parse(name).ok()?;
    Some(match name {
        Cow::Borrowed(text) if value == *text => HeaderValue::from_static(text),
        _ => value,
    })
}

/// Returns true if a text begins with one of these prefixes, ignoring case.
fn begins_with(text: &str, prefixes: &[Cow<'static, str>]) -> bool {
    prefixes.iter().any(|prefix| {
        text.as_bytes()
            .get(..prefix.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(prefix.as_bytes()))
    })
}
