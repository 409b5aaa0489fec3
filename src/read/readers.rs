use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::rank::{Rank, Sender};
use crate::{
    FieldKey, Properties, Rule,
    encoding::{Encoding, Part, Parts},
    field::trim_ows,
    header_set::{HeaderSet, Removable, vendors::VendorPattern},
    limits::ValueLimits,
    rule::check::header_name,
};

/// Names and owned prefixes of a set of conventions, with their readers.
pub(super) type ReadNames = HeaderSet<Readers, PrefixReader>;

/// Readers of one name, in order of precedence. The first that applies to a request reads
/// the header.
pub(super) struct Readers {
    pub(super) first: HeaderReader,
    pub(super) others: Vec<HeaderReader>,
    /// True if the header's value must be hidden, whichever reader applies.
    pub(super) is_sensitive: bool,
    pub(super) is_owned: bool,
    /// True if the header is also read as a vendor header.
    pub(super) is_passed_on: bool,
}

/// Reader of one header in one convention.
pub(super) struct HeaderReader {
    /// `None` if the header is only written.
    pub(super) content: Option<Content>,
    /// The client that alone sends the name.
    pub(super) client: Option<usize>,
    /// True if other software uses the header too, so that it is not removed.
    pub(super) is_shared: bool,
    /// Prefixes of `User-Agent` for which the reader applies. If empty, it applies to every
    /// `User-Agent`.
    pub(super) agents: Vec<Cow<'static, str>>,
    /// The header without which the reader does not apply. Boxed, because few readers have it.
    pub(super) only_with: Option<Box<HeaderName>>,
    /// True if the reader applies to every request and every value.
    pub(super) is_always: bool,
}

/// Content of a header: the fields in its value.
pub(super) type Content = Encoding<Reader, Parts<Reader>>;

/// Reader of the headers with an owned prefix that no rule names.
pub(super) struct PrefixReader {
    /// Length of the prefix.
    pub(super) len: usize,
    /// The client that alone sends such names.
    pub(super) client: Option<usize>,
    /// The reader of properties, if the headers carry them.
    pub(super) properties: Option<Reader>,
}

/// Reader of one field.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub(super) field: FieldKey,
    pub(super) limits: ValueLimits,
    /// True if the field counts only from a trusted request.
    pub(super) is_identity: bool,
    /// True if a value outside the limits is skipped, so that another header counts.
    pub(super) skips: bool,
    pub(super) rank: Rank,
    pub(super) sender: Sender,
}

/// Reader of `x-<vendor>-session-id`.
#[derive(Clone, Copy)]
pub(super) struct VendorReader {
    pub(super) pattern: VendorPattern,
    pub(super) rank: Rank,
    pub(super) sender: Sender,
}

impl Readers {
    /// Creates the readers of a header that is owned and not read.
    pub(super) const fn unread() -> Self {
        Self {
            first: HeaderReader::UNREAD,
            others: Vec::new(),
            is_sensitive: false,
            is_owned: true,
            is_passed_on: false,
        }
    }

    /// Adds a reader with the lowest precedence. If an earlier reader reads the same value in
    /// parts, adds a part to it instead. If an earlier reader always applies, adds nothing.
    pub(super) fn add(&mut self, rule: &Rule, reader: Reader, new: HeaderReader) {
        for known in std::iter::once(&mut self.first).chain(&mut self.others) {
            if known.add_part(rule, reader) || known.is_always {
                return;
            }
        }
        self.others.push(new);
    }

    /// Adds a reader of the properties in the header's object.
    #[cfg(feature = "json")]
    pub(super) fn add_properties(&mut self, reader: Reader) {
        self.is_sensitive = true;
        for known in std::iter::once(&mut self.first).chain(&mut self.others) {
            if let Some(Encoding::JsonObject(parts)) = &mut known.content {
                parts.others.get_or_insert(reader);
                return;
            }
        }
        let content = Some(Encoding::JsonObject(Parts {
            named: Vec::new(),
            others: Some(reader),
        }));
        let new = HeaderReader {
            content,
            is_always: true,
            ..HeaderReader::UNREAD
        };
        if self.first.content.is_none() {
            self.first = new;
        } else {
            self.others.push(new);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &HeaderReader> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl Removable for Readers {
    fn is_owned(&self) -> bool {
        self.is_owned
    }
}

impl HeaderReader {
    /// Reader of a header that is only written.
    const UNREAD: Self = Self {
        content: None,
        client: None,
        is_shared: false,
        agents: Vec::new(),
        only_with: None,
        is_always: false,
    };

    pub(super) fn new(rule: &Rule, reader: Reader, client: Option<usize>) -> Self {
        let content = rule.read.then(|| {
            rule.encoding
                .map(|()| reader, |name| Parts::first(name.clone(), reader))
        });
        // If this reader reads every value, no later reader of the name applies.
        let is_always = match &content {
            Some(Encoding::Plain(reader) | Encoding::Literal(reader)) => reader.limits.is_none(),
            Some(_) => true,
            None => false,
        };
        Self {
            content,
            client,
            is_shared: rule.is_shared(),
            agents: rule.agents.clone(),
            // The definition has checked the name.
            only_with: rule
                .only_with
                .as_ref()
                .and_then(|name| header_name(name).ok().map(Box::new)),
            is_always: is_always && !rule.is_conditional(),
        }
    }

    /// Adds the part of a rule if the rule is for a part of the same value, and returns true
    /// if it is. If two rules are for one part, the earlier rule is kept.
    fn add_part(&mut self, rule: &Rule, reader: Reader) -> bool {
        let Some((parts, name)) = self
            .content
            .as_mut()
            .filter(|_| rule.read)
            .and_then(|content| content.parts_with(&rule.encoding))
        else {
            return false;
        };
        if !parts.named.iter().any(|part| part.name == *name) {
            let name = name.clone();
            parts.named.push(Part {
                name,
                field: reader,
            });
        }
        true
    }

    /// Returns true if the request has the header without which the reader does not apply.
    pub(super) fn applies_beside(&self, headers: &HeaderMap) -> bool {
        self.only_with
            .as_ref()
            .is_none_or(|name| headers.contains_key(&**name))
    }

    /// Returns true if the reader accepts the value. A value with another encoding is
    /// accepted here, and checked when it is decoded.
    pub(super) fn fits(&self, value: &HeaderValue) -> bool {
        match &self.content {
            Some(Encoding::Plain(reader) | Encoding::Literal(reader)) => {
                reader.limits.check(trim_ows(value)).is_ok()
            }
            Some(_) => true,
            None => false,
        }
    }
}

impl Reader {
    pub(super) fn new(rule: &Rule, rank: Rank, sender: Sender) -> Self {
        Self {
            field: rule.field,
            limits: rule.limits,
            is_identity: rule.is_identity(),
            skips: rule.skip_outside_limits,
            rank,
            sender,
        }
    }

    /// Creates a reader of properties without a rule.
    pub(super) const fn of_properties(limits: ValueLimits, rank: Rank, sender: Sender) -> Self {
        Self {
            field: FieldKey::of::<Properties>(),
            limits,
            is_identity: true,
            skips: false,
            rank,
            sender,
        }
    }

    /// Returns true if the value must be hidden.
    pub(super) const fn is_sensitive(&self) -> bool {
        self.is_identity || self.field.sensitive()
    }
}

impl VendorReader {
    /// Returns the reader of a header that carries this field.
    pub(super) const fn reader(&self, field: FieldKey) -> Reader {
        Reader {
            field,
            limits: self.pattern.limits,
            is_identity: false,
            // A name may have this form by accident, so a value outside the limits is skipped.
            skips: true,
            rank: self.rank,
            sender: self.sender,
        }
    }

    /// Returns the rank for a vendor that the `User-Agent` names. If the vendors of this
    /// pattern are clients, it is the rank of the first such pattern.
    pub(super) fn lifted_rank(&self, patterns: &[Self]) -> Rank {
        patterns
            .iter()
            .find(|other| other.pattern.names_client)
            .filter(|_| self.pattern.names_client)
            .map_or(self.rank, |first| first.rank)
    }

    /// Returns true if the vendor in the name of this sender's header is the client's name.
    pub(super) fn names_client(&self, sender: Sender) -> bool {
        self.pattern.names_client && self.sender == sender
    }
}
