use std::marker::PhantomData;

use super::{FieldKey, Tags};
use crate::__metadata_field;

/// Conversions of UUIDs for a well-known field. A field of the user's own has
/// none of it: what a feature adds there could stand there already.
#[cfg(feature = "uuid")]
macro_rules! known_field_uuid {
    ($class:ident [Text] $name:ident) => {};
    (Correlation [] $name:ident) => {
        impl $name {
            /// Creates a new id: a UUID v7.
            #[must_use]
            #[expect(
                clippy::new_without_default,
                reason = "each is another; a default is always the same"
            )]
            pub fn new() -> Self {
                uuid::Uuid::now_v7().into()
            }
        }

        known_field_uuid!(Identity [] $name);
    };
    (Identity [] $name:ident) => {
        impl $name {
            /// Returns the id as a UUID.
            ///
            /// # Errors
            ///
            /// Returns an error if the id is no UUID, which is common.
            pub fn to_uuid(&self) -> Result<uuid::Uuid, uuid::Error> {
                self.0.to_uuid()
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self {
                Self(uuid.into())
            }
        }
    };
}

macro_rules! known_fields {
    ($(
        $(#[$meta:meta])*
        $index:literal = $name:ident($field:literal): $class:ident [$($stability:ident)?] [$($kind:ident)?];
    )+) => {
        $(
            __metadata_field! {
                $(#[$meta])*
                pub struct $name($field): $class [$($stability)?] [$($kind)?]
                { const KNOWN: Option<Known<Self>> = Some(Known::at($index)); }
            }

            #[cfg(feature = "uuid")]
            known_field_uuid!($class [$($kind)?] $name);
        )+

        /// The names of the well-known fields other than [`Tags`].
        const NAMES: &[&str] = &[$($field),+];

        /// Every well-known field, each at its index.
        pub(crate) const KNOWN: &[FieldKey] = &[$(FieldKey::of::<$name>(),)+ FieldKey::of::<Tags>()];
    };
}

/// Place of the field `F` among the well-known ones.
///
/// No other crate can name or make one. It carries its field's type, so that
/// it is no other field's.
#[derive(Clone, Copy, Debug)]
#[expect(
    unnameable_types,
    reason = "a field of another crate is never well-known"
)]
pub struct Known<F> {
    index: u8,
    field: PhantomData<fn() -> F>,
}

impl<F> Known<F> {
    const fn at(index: u8) -> Self {
        Self {
            index,
            field: PhantomData,
        }
    }

    pub(super) const fn index(&self) -> u8 {
        self.index
    }
}

impl Known<Tags> {
    pub(super) const TAGS: Self = Self::at(17);
}

known_fields! {
    /// One conversation with an agent, kept when it is resumed.
    0 = SessionId("session-id"): Correlation [] [];
    /// The vendor's thread or chat, where it has one of that name.
    1 = ConversationId("conversation-id"): Correlation [] [];
    /// The piece of work that the user gave. In Kilo, Roo, Zoo and Cline it is the conversation.
    2 = TaskId("task-id"): Correlation [] [];
    /// The session that started this sub-agent's. Never stands in for a session.
    3 = ParentSessionId("parent-session"): Correlation [] [];
    /// The task that started this sub-agent's.
    4 = ParentTaskId("parent-task-id"): Correlation [] [];
    /// One message of the user and all the calls that it causes.
    5 = TurnId("turn-id"): Correlation [Volatile] [];
    /// One HTTP request. Never stands in for a session.
    6 = RequestId("request-id"): Correlation [Volatile] [];
    /// The W3C trace.
    7 = TraceId("trace-id"): Correlation [Volatile] [];
    /// Agent within the session.
    8 = AgentId("agent-id"): Correlation [] [];
    /// The agent that started this one.
    9 = ParentAgentId("parent-agent-id"): Correlation [] [];
    /// The project that the request is for.
    10 = ProjectId("project-id"): Identity [] [];
    /// The organization that the request is for.
    11 = OrganizationId("organization-id"): Identity [] [];
    /// The user, customer or end user that the request is for.
    12 = UserId("user-id"): Identity [] [];
    /// The machine or installation that the request comes from.
    13 = MachineId("machine-id"): Identity [] [];
    /// The program that sent the request, for example `claude-code`. A client
    /// may call itself anything: make no metric's label of it.
    14 = ClientName("client-name"): Correlation [] [Text];
    /// The version of that program.
    15 = ClientVersion("client-version"): Correlation [] [Text];
    /// Mode in which the agent works on the request, for example `code` or `plan`.
    16 = Mode("mode"): Correlation [] [Text];
}

/// Stops the compiler where a field of the user's own has a name that breaks
/// the rules of [`Field::NAME`].
pub(super) const fn check_custom_name(name: &str) {
    let bytes = name.as_bytes();
    assert!(
        is_words(bytes),
        "a field's name is lower-case letters and digits in words joined by single hyphens"
    );
    assert!(
        bytes.len() <= 64,
        "a field's name has no more than 64 bytes"
    );
    assert!(
        !ends_with(bytes, b"session-id"),
        "a field's name must not end in session-id: a server could take it for the session's"
    );
    let mut names = NAMES;
    while let [known, rest @ ..] = names {
        assert!(
            !equal(bytes, known.as_bytes()),
            "a well-known field has this name"
        );
        names = rest;
    }
    assert!(!equal(bytes, b"tags"), "a well-known field has this name");
}

/// Returns true if these are lower-case letters and digits in words that single
/// hyphens join.
pub(crate) const fn is_words(mut bytes: &[u8]) -> bool {
    let mut inside = false;
    while let [byte, rest @ ..] = bytes {
        inside = match byte {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'-' if inside => false,
            _ => return false,
        };
        bytes = rest;
    }
    inside
}

const fn ends_with(mut bytes: &[u8], end: &[u8]) -> bool {
    while bytes.len() > end.len() {
        let [_, rest @ ..] = bytes else { return false };
        bytes = rest;
    }
    equal(bytes, end)
}

const fn equal(mut left: &[u8], mut right: &[u8]) -> bool {
    while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
        if *a != *b {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.is_empty() && right.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_stands_at_its_index() {
        for (index, key) in KNOWN.iter().enumerate() {
            assert_eq!(key.known().map(usize::from), Some(index), "{key}");
        }
    }

    #[test]
    fn only_the_session_is_named_a_session_id() {
        for key in KNOWN {
            assert_eq!(
                key.name().ends_with("session-id"),
                key.name() == "session-id"
            );
            assert!(is_words(key.name().as_bytes()), "{key}");
        }
    }

    #[test]
    fn names_are_words_joined_by_hyphens() {
        for good in ["a", "a1", "tenant-id", "a-b-c"] {
            assert!(is_words(good.as_bytes()), "{good}");
        }
        for bad in ["", "-", "-a", "a-", "a--b", "A", "a_b", "a b", "é"] {
            assert!(!is_words(bad.as_bytes()), "{bad}");
        }
    }
}
