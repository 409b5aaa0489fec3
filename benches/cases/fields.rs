//! Fields that are written: up to sixteen, each a UUID, for the vendor `acme`.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use tower_metadata_headers::{
    AgentId, ClientName, ClientVersion, Convention, ConversationId, MachineId, Metadata,
    OrganizationId, ParentAgentId, ParentSessionId, ParentTaskId, ProjectId, RequestId, SessionId,
    TaskId, TraceId, TurnId, UserId,
};
use uuid::Uuid;

/// Header of a field, and function that adds the field.
type Entry = (&'static str, fn(Metadata, Uuid) -> Metadata);

pub const FIELDS: [Entry; 16] = [
    ("x-acme-session-id", |all, id| all.with(SessionId::from(id))),
    ("x-acme-task-id", |all, id| all.with(TaskId::from(id))),
    ("x-acme-agent-id", |all, id| all.with(AgentId::from(id))),
    ("x-acme-project-id", |all, id| all.with(ProjectId::from(id))),
    ("x-acme-request-id", |all, id| all.with(RequestId::from(id))),
    ("x-acme-organization-id", |all, id| {
        all.with(OrganizationId::from(id))
    }),
    ("x-acme-user-id", |all, id| all.with(UserId::from(id))),
    ("x-acme-machine-id", |all, id| all.with(MachineId::from(id))),
    ("x-acme-conversation-id", |all, id| {
        all.with(ConversationId::from(id))
    }),
    ("x-acme-parent-session", |all, id| {
        all.with(ParentSessionId::from(id))
    }),
    ("x-acme-parent-task-id", |all, id| {
        all.with(ParentTaskId::from(id))
    }),
    ("x-acme-turn-id", |all, id| all.with(TurnId::from(id))),
    ("x-acme-trace-id", |all, id| all.with(TraceId::from(id))),
    ("x-acme-parent-agent-id", |all, id| {
        all.with(ParentAgentId::from(id))
    }),
    ("x-acme-client-name", |all, id| {
        all.with(ClientName::try_from(id.to_string()).unwrap())
    }),
    ("x-acme-client-version", |all, id| {
        all.with(ClientVersion::try_from(id.to_string()).unwrap())
    }),
];

/// Index of the request's id in [`FIELDS`].
pub const REQUEST_ID: usize = 4;

pub fn id(field: usize) -> Uuid {
    Uuid::from_u128(0x0190_b2c4_7f1e_7c3a_9b55_3f1d_1f6e_2a10 + field as u128)
}

/// Returns headers with these names, each with a UUID.
pub fn with_ids<'n>(
    names: impl IntoIterator<Item = &'n str>,
) -> impl Iterator<Item = (String, String)> {
    let names = names.into_iter().enumerate();
    names.map(|(at, name)| (name.to_owned(), id(at).to_string()))
}

/// Returns the first fields, written before, as in every request after the
/// first of a conversation.
pub fn metadata(fields: usize) -> Metadata {
    written(only(0..fields))
}

/// Returns these fields, not written before.
pub fn only(fields: impl IntoIterator<Item = usize>) -> Metadata {
    fields.into_iter().fold(Metadata::new(), |all, field| {
        let (_, add) = FIELDS[field];
        add(all, id(field))
    })
}

/// Returns the metadata after a first write, which makes the bytes of its
/// values shared.
pub fn written(metadata: Metadata) -> Metadata {
    acme().write(&metadata, &mut HeaderMap::new());
    metadata
}

pub fn acme() -> Convention {
    Convention::vendor("acme").unwrap()
}

/// Returns the header names of the first fields.
pub fn names(fields: usize) -> Vec<HeaderName> {
    let names = FIELDS.iter().take(fields);
    names
        .map(|(name, _)| HeaderName::from_static(name))
        .collect()
}

/// Returns the header names of the first fields as a program makes them at run time, which
/// count references.
pub fn counted_names(fields: usize) -> Vec<HeaderName> {
    let names = FIELDS.iter().take(fields);
    names
        .map(|(name, _)| HeaderName::from_bytes(name.as_bytes()).unwrap())
        .collect()
}

/// Values of the first fields for code by hand, encoded, and shared as in
/// `Metadata`.
#[derive(Clone, Debug)]
pub struct Values(pub Arc<[HeaderValue]>);

impl Values {
    pub fn new(fields: usize) -> Self {
        let values: Arc<[HeaderValue]> = (0..fields).map(|field| value(id(field))).collect();
        // The first clone makes the bytes shared.
        for value in values.iter() {
            drop(value.clone());
        }
        Self(values)
    }
}

pub fn value(id: Uuid) -> HeaderValue {
    let mut buffer = Uuid::encode_buffer();
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut buffer)).unwrap()
}
