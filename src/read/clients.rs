use http::{HeaderMap, HeaderValue, header::USER_AGENT};

use super::{lines::Line, rank::Sender};
use crate::{
    header_set::{prefilter::Prefilter, vendors::is_agent_of},
    rule::Client,
};

/// Client that can be identified.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: HeaderValue,
    agents: &'static [&'static str],
    sender: Option<Sender>,
}

/// Clients that a convention set can identify.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    clients: Vec<Known>,
    /// First letters of their agents.
    prefilter: Prefilter,
}

impl Clients {
    /// Adds a client, and returns its index.
    pub(super) fn add(&mut self, client: Client) -> usize {
        for agent in client.agents {
            self.prefilter.add(agent.to_ascii_lowercase().as_bytes());
        }
        self.clients.push(Known {
            name: HeaderValue::from_static(client.name),
            agents: client.agents,
            sender: None,
        });
        self.clients.len() - 1
    }

    /// Returns the sender of another entry for the same client.
    pub(super) fn sender(&self, index: usize) -> Option<Sender> {
        let name = &self.clients.get(index)?.name;
        let mut same = self.clients.iter().filter(|client| client.name == *name);
        same.find_map(|client| client.sender)
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
        let begin: [u8; 4] = *agent.as_bytes().first_chunk()?;
        let begin = begin.map(|byte| byte.to_ascii_lowercase());
        if !self.prefilter.might_contain_text(&begin) {
            return None;
        }
        let agent = agent.to_str().ok()?;
        let mut clients = self.clients.iter();
        clients.find(|client| begins_with(agent, client.agents))
    }
}

/// The request's `User-Agent`, looked up if it is needed before its field line is reached.
pub(super) struct Agent<'h> {
    headers: &'h HeaderMap,
    value: Option<&'h HeaderValue>,
    known: bool,
}

impl<'h> Agent<'h> {
    pub(super) const fn new(headers: &'h HeaderMap) -> Self {
        Self {
            headers,
            value: None,
            known: false,
        }
    }

    /// Sets the value from its field line.
    pub(super) fn came(&mut self, line: Line<'h>) {
        self.known = true;
        // Two field lines are ambiguous, so neither counts.
        self.value = (!line.is_repeated()).then_some(line.value);
    }

    /// Returns true if it begins with one of these, ignoring case.
    pub(super) fn begins_with(&mut self, starts: &[&str]) -> bool {
        let agent = self.value().and_then(|agent| agent.to_str().ok());
        agent.is_some_and(|agent| begins_with(agent, starts))
    }

    /// Returns true if it begins with this vendor's name.
    pub(super) fn is_of(&mut self, vendor: &str) -> bool {
        let agent = self.value().and_then(|agent| agent.to_str().ok());
        agent.is_some_and(|agent| is_agent_of(agent, vendor))
    }

    /// Returns the client with this `User-Agent`.
    pub(super) fn client<'c>(&mut self, clients: &'c Clients) -> Option<&'c Known> {
        if clients.is_empty() {
            return None;
        }
        clients.by_agent(self.value()?)
    }

    /// Returns the version of the first product.
    pub(super) fn version(&mut self) -> Option<&'h str> {
        let product = self.value()?.to_str().ok()?.split(' ').next()?;
        let (_, version) = product.split_once('/')?;
        Some(version).filter(|version| !version.is_empty())
    }

    fn value(&mut self) -> Option<&'h HeaderValue> {
        if !self.known {
            self.known = true;
            let mut lines = self.headers.get_all(USER_AGENT).iter();
            self.value = match (lines.next(), lines.next()) {
                (Some(value), None) => Some(value),
                _ => None,
            };
        }
        self.value
    }
}

/// Returns true if a text begins with one of these, ignoring case.
fn begins_with(text: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| {
        let begin = text.as_bytes().get(..start.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
    })
}
