//! Well-known fields, one type each.
//!
//! Map a vendor's header to a field by its value, not by its name. In Kilo Code, Roo
//! Code, Zoo Code and Cline, the task is the conversation.
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
//! With the feature `uuid`, each correlation id has a constructor for a new UUID:
//!
//! ```
//! # #[cfg(feature = "uuid")]
//! # {
//! use tower_metadata_headers::SessionId;
//!
//! let session = SessionId::new();
//! assert!(session.to_uuid().is_ok());
//! assert_ne!(session, SessionId::new());
//! # }
//! ```
//!
//! [`Tags`](crate::Tags) and [`Properties`](crate::Properties) are fields too. To define a field of your own, see
//! [`metadata_field!`](crate::metadata_field).

pub use crate::field::{
    AgentId, ClientName, ClientVersion, ConversationId, MachineId, Mode, OrganizationId,
    ParentAgentId, ParentSessionId, ParentTaskId, ProjectId, RequestId, SessionId, TaskId, TraceId,
    TurnId, UserId,
};
