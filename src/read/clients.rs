use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, header::USER_AGENT};

use super::{lines::Line, rank::Sender};
use crate::{ClientName, FieldKey, header_set::vendors::is_agent_of, rule::Client};

/// Client that can be recognized.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: HeaderValue,
    sender: Option<Sender>,
}

/// Clients of a set of conventions.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    clients: Vec<Known>,
    /// Prefixes of their `User-Agent`, sorted by their first letters, and then in the order
    /// of the clients.
    agents: Vec<AgentPrefix>,
    first_letters: FirstLetters,
}

/// Prefix of a client's `User-Agent`.
#[derive(Clone, Debug)]
pub(super) struct AgentPrefix {
    /// The first letters in lower case, by which a `User-Agent` is looked up. No shorter
    /// prefix is valid.
    first: [u8; 4],
    text: Cow<'static, str>,
    /// True if the prefix is the name of a product and its `/`, after which is the version.
    is_product: bool,
    /// Index of the client.
    client: usize,
}

impl Clients {
    /// Adds a client, and returns its index. Returns `None` if its name is invalid, which
    /// the definition of its convention does not allow.
    pub(super) fn add(&mut self, client: &Client) -> Option<usize> {
        let name = value_of(&client.name);
        debug_assert!(name.is_some(), "the definition was checked");
        self.clients.push(Known {
            name: name?,
            sender: None,
        });
        let index = self.clients.len() - 1;
        for agent in &client.agents {
            let first = first_letters(agent.as_bytes());
            debug_assert!(first.is_some(), "the definition was checked");
            let Some(first) = first else { continue };
            self.first_letters.add(first);
            self.agents.push(AgentPrefix {
                first,
                text: agent.clone(),
                is_product: is_product(agent),
                client: index,
            });
        }
        Some(index)
    }

    /// Sorts the prefixes, after the last client was added.
    pub(super) fn sort(&mut self) {
        // The sort is stable, so equal letters keep the order of the clients.
        self.agents.sort_by_key(|agent| agent.first);
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

    /// Returns the client with this `User-Agent`, and the prefix that it begins with.
    fn by_agent(&self, agent: &HeaderValue) -> Option<(&Known, &AgentPrefix)> {
        let first = first_letters(agent.as_bytes())?;
        if !self.first_letters.might_contain(first) {
            return None;
        }
        let start = self.agents.partition_point(|agent| agent.first < first);
        let agents = self.agents.get(start..)?.iter();
        let mut alike = agents.take_while(|agent| agent.first == first);
        // A prefix is ASCII, so it is compared byte by byte.
        let agent = agent.as_bytes();
        let found = alike.find(|known| starts_with(agent, known.text.as_bytes()))?;
        // A `User-Agent` with bytes outside ASCII counts as unknown.
        if !agent.is_ascii() {
            return None;
        }
        Some((self.clients.get(found.client)?, found))
    }
}

/// Returns true if the first `/` or space of a prefix is a `/` at its end.
fn is_product(prefix: &str) -> bool {
    let end = prefix.find(['/', ' ']);
    prefix.ends_with('/') && end == Some(prefix.len() - 1)
}

/// Filter of prefixes by their first letters. It may return true for others, and excludes
/// most unknown clients for a few instructions.
#[derive(Clone, Copy, Debug, Default)]
struct FirstLetters([u64; 4]);

impl FirstLetters {
    fn add(&mut self, first: [u8; 4]) {
        let (at, bit) = Self::place(first);
        // The index has two bits, so `get_mut` always finds the word.
        if let Some(word) = self.0.get_mut(at) {
            *word |= bit;
        }
    }

    #[inline]
    fn might_contain(self, first: [u8; 4]) -> bool {
        let (at, bit) = Self::place(first);
        self.0.get(at).is_some_and(|word| word & bit != 0)
    }

    /// Returns the word and the bit of these letters: eight bits of a hash.
    #[inline]
    const fn place(first: [u8; 4]) -> (usize, u64) {
        let hash = u32::from_le_bytes(first).wrapping_mul(0x9E37_79B1);
        ((hash >> 30) as usize, 1 << ((hash >> 24) & 63))
    }
}

/// Returns the first letters of a text in lower case, or `None` if it is shorter.
fn first_letters(text: &[u8]) -> Option<[u8; 4]> {
    let first = text.first_chunk::<4>()?;
    Some(first.map(|byte| byte.to_ascii_lowercase()))
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

    /// Returns the client with this `User-Agent`, and the prefix that it begins with.
    pub(super) fn client<'c>(
        &mut self,
        clients: &'c Clients,
    ) -> Option<(&'c Known, &'c AgentPrefix)> {
        if clients.is_empty() {
            return None;
        }
        clients.by_agent(self.value()?)
    }

    /// Returns the version of the first product (RFC 9110, section 10.1.5), if the
    /// `User-Agent` begins with this prefix.
    pub(super) fn version(&mut self, prefix: &AgentPrefix) -> Option<&'h str> {
        let agent = self.value()?.as_bytes();
        let end = if prefix.is_product {
            prefix.text.len() - 1
        } else {
            let is_end = |byte: &u8| matches!(byte, b'/' | b' ');
            agent.iter().position(is_end)?
        };
        let (_, [b'/', rest @ ..]) = agent.split_at_checked(end)? else {
            return None;
        };
        let end = rest.iter().position(|byte| *byte == b' ');
        // Bytes outside ASCII are no version.
        let version = str::from_utf8(rest.get(..end.unwrap_or(rest.len()))?).ok()?;
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
    prefixes
        .iter()
        .any(|prefix| starts_with(text.as_bytes(), prefix.as_bytes()))
}

/// Returns true if a text begins with this prefix, ignoring case.
fn starts_with(text: &[u8], prefix: &[u8]) -> bool {
    let start = text.get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
