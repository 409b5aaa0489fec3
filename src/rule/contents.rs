use std::borrow::Cow;

use super::Rule;
use crate::{
    Class, FieldKey,
    encoding::{Encoding, Fields},
    limits::ValueLimits,
};

/// Contents of a rule.
impl Rule {
    /// Returns the field.
    #[must_use]
    pub const fn field(&self) -> FieldKey {
        self.field
    }

    /// Returns an iterator over the fields that the header may carry, in order of
    /// precedence. The first that the metadata has and that fits the limits is written.
    ///
    /// ```
    /// use tower_metadata_headers::{Charset, Rule, SessionId, TaskId, ValueLimits};
    ///
    /// let limits = ValueLimits::new().min_len(8).charset(Charset::Word);
    /// let rule = Rule::read_only::<SessionId>("x-session-id")
    ///     .or_else::<TaskId>()
    ///     .limits(limits)
    ///     .skip_outside_limits();
    /// assert_eq!(rule.sources().count(), 2);
    /// assert_eq!((rule.value_limits(), rule.skips_outside_limits()), (limits, true));
    /// assert!(rule.is_read() && !rule.is_written() && !rule.is_identity());
    /// assert!(!rule.is_shared() && !rule.has_low_precedence() && !rule.is_literal());
    /// assert!(rule.user_agents().len() == 0 && rule.member_name().is_none());
    /// ```
    pub fn sources(&self) -> impl Iterator<Item = FieldKey> {
        let preferred = self.preferred.iter().copied();
        preferred
            .chain([self.field])
            .chain(self.or_else.iter().copied())
    }

    /// Returns an iterator over the header names. Only the first is written.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.names().map(Cow::as_ref)
    }

    /// Returns the name of the field inside the header's value, if the header carries
    /// several fields.
    #[must_use]
    pub fn member_name(&self) -> Option<&str> {
        match self.encoding.fields() {
            Fields::One(()) => None,
            Fields::Parts(name) => Some(name),
        }
    }

    /// Returns true if the header is written.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        self.written
    }

    /// Returns true if the header is read.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.read
    }

    /// Returns the limits of the header's reader.
    #[must_use]
    pub const fn value_limits(&self) -> ValueLimits {
        self.limits
    }

    /// Returns an iterator over the prefixes of `User-Agent` for which the header is read.
    /// If there are none, it is read for every `User-Agent`.
    pub fn user_agents(&self) -> impl ExactSizeIterator<Item = &str> {
        self.agents.iter().map(AsRef::as_ref)
    }

    /// Returns the header without which this one is not read.
    #[must_use]
    pub fn other_header(&self) -> Option<&str> {
        self.only_with.as_deref()
    }

    /// Returns true if a value outside the limits is skipped when reading, so that a header
    /// of lower precedence counts.
    #[must_use]
    pub const fn skips_outside_limits(&self) -> bool {
        self.skip_outside_limits
    }

    /// Returns true if the header carries identity.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.identity || self.field.class() == Class::Identity
    }

    /// Returns true if the field's text is written and read without percent-encoding.
    #[must_use]
    pub const fn is_literal(&self) -> bool {
        matches!(self.encoding, Encoding::Literal(()))
    }

    /// Returns true if other software uses the header too, so that it is not removed.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        self.shared || self.encoding.is_shared()
    }

    /// Returns true if every other header that carries the field takes precedence.
    #[must_use]
    pub const fn has_low_precedence(&self) -> bool {
        self.low_precedence
    }
}
