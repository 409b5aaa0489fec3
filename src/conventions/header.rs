//! Headers of an entry in the vendors' table.

use std::borrow::Cow;

use crate::{
    ConversationId, Field, FieldKey, Properties, Rule, SessionId, TaskId, TraceId, ValueLimits,
    encoding::Encoding,
};

/// One header of an entry: a [`Rule`] as constant data.
///
/// A `Rule` owns its names, so it has a destructor, and its methods cannot run in a
/// constant. The functions here have the same names as the methods of `Rule`.
#[derive(Clone, Copy)]
pub(super) struct Header {
    field: FieldKey,
    preferred: &'static [FieldKey],
    or_else: &'static [FieldKey],
    name: &'static str,
    aliases: &'static [&'static str],
    encoding: Encoding<(), &'static str>,
    is_written: bool,
    is_read: bool,
    is_shared: bool,
    limits: ValueLimits,
    skips_outside_limits: bool,
    agents: &'static [&'static str],
    only_with: Option<&'static str>,
    has_low_precedence: bool,
    is_after_vendors: bool,
    is_identity: bool,
}

/// Creates a header for the session. If there is no session, the conversation or the task is
/// written.
pub(super) const fn session(name: &'static str) -> Header {
    header::<SessionId>(name).or_else(SESSION_FALLBACKS)
}

pub(super) const SESSION_FALLBACKS: &[FieldKey] =
    &[FieldKey::of::<ConversationId>(), FieldKey::of::<TaskId>()];

/// Creates a header for the task, for a client that calls its conversation a task.
pub(super) const fn session_as_task(name: &'static str) -> Header {
    const SESSION: &[FieldKey] = &[
        FieldKey::of::<SessionId>(),
        FieldKey::of::<ConversationId>(),
    ];
    header::<TaskId>(name).prefer_writing(SESSION)
}

/// Creates a header for the conversation, for a client whose id has that name.
pub(super) const fn session_as_conversation(name: &'static str) -> Header {
    header::<ConversationId>(name)
        .prefer_writing(const { &[FieldKey::of::<SessionId>()] })
        .or_else(const { &[FieldKey::of::<TaskId>()] })
}

/// Creates a header that is written and read.
pub(super) const fn header<F: Field>(name: &'static str) -> Header {
    Header {
        field: FieldKey::of::<F>(),
        preferred: &[],
        or_else: &[],
        name,
        aliases: &[],
        encoding: Encoding::Plain(()),
        is_written: true,
        is_read: true,
        is_shared: false,
        limits: ValueLimits::new(),
        skips_outside_limits: false,
        agents: &[],
        only_with: None,
        has_low_precedence: false,
        is_after_vendors: false,
        is_identity: false,
    }
}

/// Creates a header that is read and not written.
pub(super) const fn read_only<F: Field>(name: &'static str) -> Header {
    header::<F>(name).read_only()
}

/// Creates a header that is written and not read.
pub(super) const fn write_only<F: Field>(name: &'static str) -> Header {
    Header {
        is_read: false,
        ..header::<F>(name)
    }
}

/// Creates a header that other software uses too: it is read with low precedence, and not
/// removed.
pub(super) const fn shared<F: Field>(name: &'static str) -> Header {
    Header {
        is_shared: true,
        ..read_only::<F>(name).low_precedence()
    }
}

/// Creates a header that is a key of affinity beside OpenCode's own header for the session,
/// and so may differ from the session.
pub(super) const fn affinity(name: &'static str) -> Header {
    read_only::<SessionId>(name)
        .only_with("x-opencode-session-id")
        .low_precedence()
}

pub(super) const fn traceparent() -> Header {
    read_only::<TraceId>("traceparent").encoding(Encoding::Traceparent(()))
}

pub(super) const fn baggage<F: Field>(key: &'static str) -> Header {
    header::<F>("baggage").encoding(Encoding::Baggage(key))
}

pub(super) const fn property(name: &'static str, key: &'static str) -> Header {
    read_only::<Properties>(name).encoding(Encoding::Property(key))
}

#[cfg(feature = "json")]
pub(super) const fn json_string<F: Field>(name: &'static str) -> Header {
    header::<F>(name).encoding(Encoding::JsonString(()))
}

#[cfg(feature = "json")]
pub(super) const fn member<F: Field>(name: &'static str, member: &'static str) -> Header {
    header::<F>(name).encoding(Encoding::JsonObject(member))
}

impl Header {
    pub(super) const fn prefer_writing(self, preferred: &'static [FieldKey]) -> Self {
        Self { preferred, ..self }
    }

    pub(super) const fn or_else(self, or_else: &'static [FieldKey]) -> Self {
        Self { or_else, ..self }
    }

    pub(super) const fn literal(self) -> Self {
        self.encoding(Encoding::Literal(()))
    }

    pub(super) const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    pub(super) const fn limits(self, limits: ValueLimits) -> Self {
        Self { limits, ..self }
    }

    pub(super) const fn skip_outside_limits(self) -> Self {
        Self {
            skips_outside_limits: true,
            ..self
        }
    }

    pub(super) const fn for_user_agents(self, agents: &'static [&'static str]) -> Self {
        Self { agents, ..self }
    }

    pub(super) const fn only_with(self, header: &'static str) -> Self {
        Self {
            only_with: Some(header),
            ..self
        }
    }

    pub(super) const fn read_only(self) -> Self {
        Self {
            is_written: false,
            ..self
        }
    }

    pub(super) const fn identity(self) -> Self {
        Self {
            is_identity: true,
            ..self
        }
    }

    /// Makes every other header that carries the field take precedence.
    pub(super) const fn low_precedence(self) -> Self {
        Self {
            has_low_precedence: true,
            ..self
        }
    }

    /// Makes `x-<vendor>-session-id` take precedence.
    pub(super) const fn after_vendors(self) -> Self {
        Self {
            is_after_vendors: true,
            ..self
        }
    }

    const fn encoding(self, encoding: Encoding<(), &'static str>) -> Self {
        Self { encoding, ..self }
    }

    pub(super) fn rule(&self) -> Rule {
        Rule {
            field: self.field,
            preferred: self.preferred.to_vec(),
            or_else: self.or_else.to_vec(),
            header: Cow::Borrowed(self.name),
            encoding: self.encoding.map(|()| (), |member| Cow::Borrowed(*member)),
            written: self.is_written,
            read: self.is_read,
            aliases: self.aliases.iter().copied().map(Cow::Borrowed).collect(),
            limits: self.limits,
            agents: self.agents.iter().copied().map(Cow::Borrowed).collect(),
            only_with: self.only_with.map(Cow::Borrowed),
            shared: self.is_shared,
            low_precedence: self.has_low_precedence,
            after_vendors: self.is_after_vendors,
            identity: self.is_identity,
            asserts_identity: false,
            skip_outside_limits: self.skips_outside_limits,
        }
    }
}
