//! Typed request metadata in vendor headers.

#[cfg(feature = "axum")]
mod axum;
mod convention;
pub mod conventions;
mod destination;
mod error;
mod fault;
mod field;
pub mod layer;
mod metadata;
mod reason;
#[cfg(feature = "tracing")]
mod tracing;

#[cfg(feature = "axum")]
pub use self::axum::MissingLayer;
pub use self::{
    convention::{
        Builder, Convention, Extracted, Extractor, InvalidConvention, Rule, Source, Written,
    },
    destination::{Destinations, InvalidHost},
    error::InvalidValue,
    fault::{Fault, Faults},
    field::{
        AgentId, Class, ClientName, ClientVersion, ConversationId, Field, FieldKey, Id, MachineId,
        Mode, OrganizationId, ParentAgentId, ParentSessionId, ParentTaskId, ProjectId, RequestId,
        SessionId, Stability, Tags, TaskId, Text, TraceId, TurnId, UserId, Value,
    },
    layer::{MetadataHeaders, MetadataHeadersLayer, Rejection},
    metadata::{Metadata, Shown},
    reason::Reason,
};

/// What the macros of this crate expand to. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use crate::field::{Known, Wire};
    #[cfg(feature = "uuid")]
    pub use uuid;
}
