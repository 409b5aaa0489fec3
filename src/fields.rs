//! The well-known fields: one type for each, by what its value is.
//!
//! Map a vendor's header by its value, not by the vendor's word for it: in Kilo
//! Code, Roo Code, Zoo Code and Cline the task is the conversation.
//!
//! ```
//! use tower_metadata_headers::{
//!     Metadata,
//!     fields::{ProjectId, SessionId},
//! };
//!
//! let metadata = Metadata::new()
//!     .with(SessionId::try_from("ses_01J5Z8K2M4")?)
//!     .with(ProjectId::try_from("acme/web")?);
//! assert_eq!(metadata.len(), 2);
//! # Ok::<(), tower_metadata_headers::InvalidValue>(())
//! ```
//!
//! [`Tags`](crate::Tags) are a field too. For a field of your own, see
//! [`metadata_field!`](crate::metadata_field).

pub use crate::field::{
    AgentId, ClientName, ClientVersion, ConversationId, MachineId, Mode, OrganizationId,
    ParentAgentId, ParentSessionId, ParentTaskId, ProjectId, RequestId, SessionId, TaskId, TraceId,
    TurnId, UserId,
};
