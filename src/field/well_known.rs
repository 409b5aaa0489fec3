use super::{
    FieldKey, Tags,
    index::Known,
    name::{self, equal},
};
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

        /// Every well-known field, each at its index.
        pub(crate) const KNOWN: &[FieldKey] = &[$(FieldKey::of::<$name>(),)+ FieldKey::of::<Tags>()];
    };
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

impl FieldKey {
    /// Returns an iterator over the keys of all well-known fields, in the order of
    /// logs.
    #[must_use]
    pub fn well_known() -> impl ExactSizeIterator<Item = Self> {
        KNOWN.iter().copied()
    }
}

const _: () = {
    let (mut keys, mut names) = (KNOWN, name::WELL_KNOWN);
    while let ([key, keys_left @ ..], [name, names_left @ ..]) = (keys, names) {
        assert!(
            equal(key.name().as_bytes(), name.as_bytes()),
            "the list of names has each name at its field's index"
        );
        (keys, names) = (keys_left, names_left);
    }
    assert!(
        keys.is_empty() && names.is_empty(),
        "the list of names has one for each field"
    );
};

#[cfg(test)]
mod tests {
    use super::{name::is_words, *};

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
}
