use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, header::USER_AGENT};

use super::lines::Line;
use crate::{ClientName, ClientVersion, FieldKey, header_set::vendors::is_agent_of, rule::Client};

/// Client that can be recognized.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: HeaderValue,
}

/// Clients of a set of conventions.
#[derive(Clone, Debug)]
pub(super) struct Clients {
    clients: Vec<Known>,
    /// Prefixes of their `User-Agent`, by the hash of their first letters, and then in the
    /// order of the clients. The number of buckets is a power of two.
    agents: Box<[Box<[AgentPrefix]>]>,
}

/// Prefix of a client's `User-Agent`.
#[derive(Clone, Debug)]
pub(super) struct AgentPrefix {
    /// The first letters in lower case, by which a `User-Agent` is looked up. No shorter
    /// prefix is valid.
    first: [u8; 4],
    text: Cow<'static, str>,
    /// True if the prefix has the `/` of its product, so that the version is after the prefix.
    /// If not, the version is after the first `/` of the `User-Agent`.
    ends_before_version: bool,
    /// Index of the client.
    client: usize,
}

impl Known {
    /// Creates a client. Returns `None` if its name is invalid, which the definition of its
    /// convention does not allow.
    pub(super) fn new(client: &Client) -> Option<Self> {
        let name = value_of(&client.name);
        debug_assert!(name.is_some(), "the definition was checked");
        Some(Self { name: name? })
    }
}

impl AgentPrefix {
    /// Creates a prefix of the client with this index. Returns `None` if the prefix is too
    /// short, which the definition of its convention does not allow.
    pub(super) fn new(text: Cow<'static, str>, client: usize) -> Option<Self> {
        let first = first_letters(text.as_bytes());
        debug_assert!(first.is_some(), "the definition was checked");
        Some(Self {
            first: first?,
            ends_before_version: text.contains('/'),
            text,
            client,
        })
    }
}

impl Clients {
    /// Creates a set of clients, with the prefixes of all of them.
    pub(super) fn new(clients: Vec<Known>, prefixes: Vec<AgentPrefix>) -> Self {
        // At least twice as many buckets as prefixes, so that most have at most one.
        let count = (prefixes.len() * 2).next_power_of_two();
        let mut agents: Vec<Vec<AgentPrefix>> = (0..count).map(|_| Vec::new()).collect();
        for prefix in prefixes {
            let bucket = agents.get_mut(bucket(prefix.first, count));
            debug_assert!(bucket.is_some(), "a hash is below the number of buckets");
            if let Some(bucket) = bucket {
                // A longer prefix is before one that it begins with, so that it counts.
                let is_shorter = |other: &AgentPrefix| {
                    prefix.text.len() > other.text.len()
                        && starts_with(prefix.text.as_bytes(), other.text.as_bytes())
                };
                let at = bucket.iter().position(is_shorter);
                bucket.insert(at.unwrap_or(bucket.len()), prefix);
            }
        }
        Self {
            clients,
            agents: agents.into_iter().map(Vec::into_boxed_slice).collect(),
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
        let alike = self.agents.get(bucket(first, self.agents.len()))?;
        // A prefix is ASCII, so it is compared byte by byte.
        let agent = agent.as_bytes();
        let is_prefix = |known: &&AgentPrefix| {
            known.first == first && starts_with(agent, known.text.as_bytes())
        };
        let found = alike.iter().find(is_prefix)?;
        // A `User-Agent` with bytes outside ASCII counts as unknown.
        if !agent.is_ascii() {
            return None;
        }
        Some((self.clients.get(found.client)?, found))
    }
}

/// Returns the index of the bucket for these letters.
#[inline]
const fn bucket(first: [u8; 4], buckets: usize) -> usize {
    // The product's upper bits depend on all letters.
    let hash = u32::from_le_bytes(first).wrapping_mul(0x9E37_79B1) >> 16;
    hash as usize & buckets.saturating_sub(1)
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
        let Some(agent) = self.value().map(HeaderValue::as_bytes) else {
            return false;
        };
        let mut prefixes = prefixes.iter().map(|prefix| prefix.as_bytes());
        // Few requests are of these clients, so the rest of the text is checked last.
        prefixes.any(|prefix| starts_with(agent, prefix)) && agent.is_ascii()
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

    /// Returns the version after this prefix, with which the `User-Agent` begins, if the
    /// version is valid. It is that of a product (RFC 9110, section 10.1.5).
    pub(super) fn version(&mut self, prefix: &AgentPrefix) -> Option<HeaderValue> {
        let agent = self.value()?.as_bytes();
        let rest = if prefix.ends_before_version {
            agent.get(prefix.text.len()..)?
        } else {
            let is_end = |byte: &u8| matches!(byte, b'/' | b' ');
            let end = agent.iter().position(is_end)?;
            let (_, [b'/', rest @ ..]) = agent.split_at_checked(end)? else {
                return None;
            };
            rest
        };
        let end = rest.iter().position(|byte| *byte == b' ');
        let version = rest.get(..end.unwrap_or(rest.len()))?;
        // Some clients send `<channel>/<version>/<program>` after their name, and others
        // `<version>/<model>`.
        let mut parts = version.split(|byte| *byte == b'/');
        let (first, second) = (parts.next()?, parts.next());
        let is_version = first.first().is_some_and(u8::is_ascii_digit);
        let version = second.filter(|_| !is_version).unwrap_or(first);
        let field = FieldKey::of::<ClientVersion>();
        // A version is not percent-encoded. One without `%` and white space, as nearly all
        // are, is its own header value.
        let value = HeaderValue::from_bytes(version).ok()?;
        if let Ok(None) = field.read(&value) {
            return Some(value);
        }
        // Bytes outside ASCII are no version.
        field.parse(str::from_utf8(version).ok()?).ok()
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

/// Returns true if a text begins with this prefix, ignoring case.
fn starts_with(text: &[u8], prefix: &[u8]) -> bool {
    let start = text.get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
