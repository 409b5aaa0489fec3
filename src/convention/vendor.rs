use super::Convention;
use crate::{
    ConversationId, SessionId, TaskId,
    rule::{InvalidConvention, InvalidConventionKind, Rule, Subject, check::words, reserved},
};

impl Convention {
    /// Creates the usual convention of a vendor: `x-<vendor>-<field>`.
    ///
    /// Every well-known field has a header (`x-zoo-session-id`, `x-zoo-task-id`, …), and so
    /// has every field of your own. Only the session's header ends in `-session-id`, because
    /// LiteLLM reads any such header as the session. If the metadata has no session, that header carries the
    /// conversation, or else the task. The vendor's name is converted to lower case.
    ///
    /// All headers that begin with `x-<vendor>-` belong to this convention, and are removed
    /// before it writes. It reads the well-known fields. To read a field of your own, add a
    /// rule for it:
    ///
    /// ```
    /// use tower_metadata_headers::{Convention, Rule, metadata_field};
    ///
    /// metadata_field! {
    ///     /// The tenant that pays.
    ///     pub struct TenantId("tenant-id"): Identity;
    /// }
    ///
    /// let zoo = Convention::vendor("zoo")?
    ///     .to_builder()
    ///     .rule(Rule::header::<TenantId>("x-zoo-tenant-id"))
    ///     .build()?;
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the vendor's name is empty, has more than 64 bytes, or does not
    /// consist of words of ASCII letters and digits joined by single hyphens. Also returns an
    /// error if headers that begin with `x-<vendor>-` have another owner (`forwarded`, `amz`,
    /// …).
    pub fn vendor(name: &str) -> Result<Self, InvalidConvention> {
        let vendor = words(Subject::Vendor, name, 64)?;
        if reserved::is_reserved_vendor(&vendor) {
            let kind = InvalidConventionKind::Reserved;
            return Err(InvalidConvention::new(Subject::Vendor, name, kind));
        }
        let prefix = format!("x-{vendor}-");
        let session = Rule::header::<SessionId>(format!("{prefix}session-id"))
            .or_else::<ConversationId>()
            .or_else::<TaskId>();
        Self::builder(vendor)
            .rule(session)
            .other_fields_prefix(prefix)
            .build()
    }
}
