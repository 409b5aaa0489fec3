use super::Metadata;
use crate::{ConversationId, FieldKey, Id, SessionId, TaskId};

impl Metadata {
    /// Returns the session, falling back to the conversation and then to the task.
    ///
    /// This is the id that relates the requests of a conversation, under any client's
    /// name for it.
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, RequestId, TaskId};
    ///
    /// let metadata = Metadata::new()
    ///     .with(RequestId::try_from("r-1")?)
    ///     .with(TaskId::try_from("t-1")?);
    /// assert_eq!(metadata.session().unwrap().as_str(), "t-1");
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.get::<SessionId>()
            .or_else(|| self.get::<ConversationId>().map(|id| Id::from(id).into()))
            .or_else(|| self.get::<TaskId>().map(|id| Id::from(id).into()))
    }

    /// Fields that [`session`](Self::session) reads, in its order.
    pub(crate) const SESSION_KEYS: [FieldKey; 3] = [
        FieldKey::of::<SessionId>(),
        FieldKey::of::<ConversationId>(),
        FieldKey::of::<TaskId>(),
    ];
}
