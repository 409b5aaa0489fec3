use super::{
    FieldKey, Properties, Tags, VendorHeaders,
    index::Known,
    name::{self, equal},
};
use crate::__metadata_field;

/// Conversions of UUIDs for a well-known field.
///
/// A user-defined field has none of them: an impl that a feature adds could conflict
/// with one in the user's crate.
#[cfg(feature = "uuid")]
macro_rules! known_field_uuid {
    ($class:ident [Text] $name:ident) => {};
    (Correlation [] $name:ident) => {
        impl $name {
            /// Creates a new id: a UUID v7.
            #[must_use]
            #[expect(
                clippy::new_without_default,
                reason = "each call returns another id; a default is always the same"
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
            /// Returns an error if the id is not a UUID, which is common.
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

        /// Keys of the well-known fields, each at its index.
        pub(crate) const KNOWN: &[FieldKey] = &[$(FieldKey::of::<$name>(),)+ FieldKey::of::<Tags>()];
    };
}

known_fields! {
    /// Conversation with an agent. The id is kept when the conversation is resumed.
    0 = SessionId("session-id"): Correlation [] [];
    /// Thread or chat, if the vendor has one besides the session.
    1 = ConversationId("conversation-id"): Correlation [] [];
    /// Task that the user gave. In Kilo Code, Roo Code, Zoo Code and Cline it is the
    /// conversation.
    2 = TaskId("task-id"): Correlation [] [];
    /// Session that started this sub-agent's session. It is never used as the session.
    ///
    /// Its name does not end in `session-id`, because some servers read the session from
    /// any header whose name does.
    3 = ParentSessionId("parent-session"): Correlation [] [];
    /// Task that started this sub-agent's task.
    4 = ParentTaskId("parent-task-id"): Correlation [] [];
    /// Turn: one message of the user, and all the calls that it causes.
    5 = TurnId("turn-id"): Correlation [Volatile] [];
    /// One HTTP request. It is never used as the session.
    6 = RequestId("request-id"): Correlation [Volatile] [];
    /// Trace, as in W3C Trace Context.
    7 = TraceId("trace-id"): Correlation [Volatile] [];
    /// Agent within the session.
    8 = AgentId("agent-id"): Correlation [] [];
    /// Agent that started this one.
    9 = ParentAgentId("parent-agent-id"): Correlation [] [];
    /// Project that the request is for.
    10 = ProjectId("project-id"): Identity [] [];
    /// Organization that the request is for.
    11 = OrganizationId("organization-id"): Identity [] [];
    /// User, customer or end user that the request is for.
    12 = UserId("user-id"): Identity [] [];
    /// Machine or installation that sent the request.
    13 = MachineId("machine-id"): Identity [] [];
    /// Program that sent the request, for example `claude-code`.
    ///
    /// A client may send any name, so do not use it as a metric's label.
    14 = ClientName("client-name"): Correlation [] [Text];
    /// Version of the program that sent the request.
    15 = ClientVersion("client-version"): Correlation [] [Text];
    /// Mode in which the agent works on the request, for example `code` or `plan`.
    16 = Mode("mode"): Correlation [] [Text];
}

impl FieldKey {
    /// Returns an iterator over the keys of all well-known fields, in their order.
    #[must_use]
    pub fn well_known() -> impl ExactSizeIterator<Item = Self> {
        KNOWN.iter().copied()
    }

    /// Returns the key of the field of this crate with this name, for example `session-id`
    /// or `properties`.
    ///
    /// ```
    /// use tower_metadata_headers::{FieldKey, SessionId};
    ///
    /// assert_eq!(FieldKey::by_name("session-id"), Some(FieldKey::of::<SessionId>()));
    /// assert_eq!(FieldKey::by_name("session"), None);
    /// ```
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let others = [Self::of::<Properties>(), Self::of::<VendorHeaders>()];
        let mut fields = Self::well_known().chain(others);
        fields.find(|field| field.name() == name)
    }
}

const _: () = {
    let (mut keys, mut names) = (KNOWN, name::WELL_KNOWN);
    while let ([key, keys_left @ ..], [name, names_left @ ..]) = (keys, names) {
        assert!(
            equal(key.name().as_bytes(), name.as_bytes()),
            "`WELL_KNOWN` has each name at its field's index"
        );
        (keys, names) = (keys_left, names_left);
    }
    assert!(
        keys.is_empty() && names.is_empty(),
        "`WELL_KNOWN` has one name for each field"
    );
};

#[cfg(test)]
mod tests {
    use super::{name::is_words, *};

    #[test]
    fn well_known_field_is_at_its_index() {
        for (index, key) in KNOWN.iter().enumerate() {
            assert_eq!(key.known().map(usize::from), Some(index), "{key}");
        }
    }

    #[test]
    fn name_of_another_field_does_not_end_in_session_id() {
        for key in KNOWN {
            assert_eq!(
                key.name().ends_with("session-id"),
                key.name() == "session-id"
            );
            assert!(is_words(key.name().as_bytes()), "{key}");
        }
    }
}
