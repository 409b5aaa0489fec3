use std::borrow::Cow;

use crate::{Field, FieldKey};

/// One line of a convention's table: which header carries a field.
///
/// ```
/// use tower_metadata_headers::{Convention, ConversationId, Rule, SessionId, Tags, TaskId};
///
/// let acme = Convention::builder("acme")
///     .rule(
///         Rule::header::<SessionId>("acme-conversation")
///             .or::<ConversationId>()
///             .or::<TaskId>()
///             .read_also("x-acme-chat"),
///     )
///     .rule(Rule::header::<Tags>("acme-labels"))
///     .build()?;
/// # assert_eq!(acme.name(), "acme");
/// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rule {
    pub(super) field: FieldKey,
    pub(super) or: Vec<FieldKey>,
    pub(super) header: Cow<'static, str>,
    #[cfg(feature = "json")]
    pub(super) member: Option<Cow<'static, str>>,
    pub(super) written: bool,
    pub(super) read_also: Vec<Cow<'static, str>>,
}

impl Rule {
    /// The field is written to and read from this header. Its value stands
    /// there as its kind says: an id as it is, a text percent-encoded where it
    /// has to be, tags as a comma list.
    #[must_use]
    pub fn header<F: Field>(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FieldKey::of::<F>(), name.into())
    }

    /// The field is read from this header, which is never written.
    #[must_use]
    pub fn read_only<F: Field>(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            written: false,
            ..Self::header::<F>(name)
        }
    }

    /// The field is a string member of the JSON object that is the header's
    /// value. All members of one header are written together.
    ///
    /// A value of more than 4,096 bytes is not read. Members that no rule
    /// names are ignored.
    #[cfg(feature = "json")]
    #[must_use]
    pub fn member<F: Field>(
        header: impl Into<Cow<'static, str>>,
        member: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            member: Some(member.into()),
            ..Self::header::<F>(header)
        }
    }

    #[cfg(feature = "json")]
    pub(crate) fn member_of(field: FieldKey, header: &'static str, member: String) -> Self {
        Self {
            member: Some(member.into()),
            ..Self::new(field, header.into())
        }
    }

    pub(super) fn new(field: FieldKey, header: Cow<'static, str>) -> Self {
        Self {
            field,
            or: Vec::new(),
            header,
            #[cfg(feature = "json")]
            member: None,
            written: true,
            read_also: Vec::new(),
        }
    }

    /// Where the metadata has no such field, `F` is written in its stead,
    /// else the one of the next call.
    #[must_use]
    pub fn or<F: Field>(mut self) -> Self {
        self.or.push(FieldKey::of::<F>());
        self
    }

    /// The field is read from this header too. Names with underscores may be
    /// read; they are never written, as proxies drop them.
    #[must_use]
    pub fn read_also(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.read_also.push(name.into());
        self
    }

    /// The headers that the rule reads, that of writing first.
    pub(super) fn names(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        std::iter::once(&self.header).chain(&self.read_also)
    }

    /// The fields that the rule writes, the one that it is for first.
    pub(super) fn sources(&self) -> impl Iterator<Item = FieldKey> {
        std::iter::once(self.field).chain(self.or.iter().copied())
    }
}
