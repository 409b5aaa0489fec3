use std::borrow::Cow;

use super::{ValueLimits, reserved};
use crate::{Class, Field, FieldKey, TraceId, encoding::Encoding};

/// Rule of a convention: which header carries a field, and how.
///
/// ```
/// use tower_metadata_headers::{Convention, ConversationId, ValueLimits, Rule, SessionId, Tags, TaskId};
///
/// let acme = Convention::builder("acme")
///     .rule(
///         Rule::header::<SessionId>("acme-conversation")
///             .or_else::<ConversationId>()
///             .or_else::<TaskId>()
///             .alias("x-acme-chat")
///             .limits(ValueLimits::new().max_len(128)),
///     )
///     .rule(Rule::header::<Tags>("acme-labels"))
///     .build()?;
/// # assert_eq!(acme.name(), "acme");
/// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rule {
    pub(crate) field: FieldKey,
    /// Written instead of the field if the metadata has them.
    pub(crate) preferred: Vec<FieldKey>,
    /// Written if the metadata does not have the field, in order.
    pub(crate) or_else: Vec<FieldKey>,
    pub(crate) header: Cow<'static, str>,
    pub(crate) encoding: Encoding,
    /// Name of the field inside the value, if the value has several.
    pub(crate) member: Option<Cow<'static, str>>,
    pub(crate) written: bool,
    pub(crate) read: bool,
    pub(crate) aliases: Vec<Cow<'static, str>>,
    pub(crate) limits: ValueLimits,
    /// The beginnings of `User-Agent` without which the rule is not read.
    pub(crate) agents: &'static [&'static str],
    /// True if the header is others' too, and so is not removed.
    pub(crate) shared: bool,
    /// True if every other header that carries the field counts first.
    pub(crate) low_precedence: bool,
    /// True if `x-<vendor>-session-id` counts first.
    pub(crate) after_vendors: bool,
    /// True if the field is identity in this header, whatever its class.
    pub(crate) identity: bool,
    /// True if a header by which proxies assert identity may be written.
    pub(crate) asserts_identity: bool,
    /// True if a value outside the limits leaves the field to other headers.
    pub(crate) skip_outside_limits: bool,
}

impl Rule {
    /// Creates a rule that writes the field to this header and reads it from there.
    /// An id is written as it is, a text percent-encoded where necessary, tags as a
    /// comma list.
    #[must_use]
    pub fn header<F: Field>(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FieldKey::of::<F>(), name.into())
    }

    /// Creates a rule that reads the field from this header and never writes it.
    ///
    /// The header may be reserved, such as `openai-organization`. It is then
    /// read and never removed. Headers that frame messages (`host`,
    /// `content-length`) or carry credentials (`authorization`, `cookie`) are
    /// an error all the same.
    ///
    /// A header by which an authenticating proxy asserts identity, such as
    /// `x-forwarded-user`, is [identity](Self::identity) whatever the field.
    #[must_use]
    pub fn read_only<F: Field>(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            written: false,
            ..Self::header::<F>(name)
        }
    }

    /// Creates a rule that reads the field from a header that others use too. The
    /// header is neither written nor removed.
    #[must_use]
    pub fn shared<F: Field>(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            shared: true,
            low_precedence: true,
            ..Self::read_only::<F>(name)
        }
    }

    /// Creates a rule that writes the field to this header and never reads it.
    #[must_use]
    pub fn write_only<F: Field>(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            read: false,
            ..Self::header::<F>(name)
        }
    }

    /// Creates a rule for a string member of the JSON object that is the header's
    /// value. All members of one header are written together.
    ///
    /// The object has no more bytes than
    /// [`RequestLimits::max_value_bytes`](crate::RequestLimits::max_value_bytes).
    /// Members that no rule names are ignored.
    #[cfg(feature = "json")]
    #[must_use]
    pub fn member<F: Field>(
        header: impl Into<Cow<'static, str>>,
        member: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::member_of(FieldKey::of::<F>(), header.into(), member.into())
    }

    /// Creates a rule that reads the field from a string member of the JSON object
    /// that is the header's value, and never writes it.
    #[cfg(feature = "json")]
    #[must_use]
    pub fn read_only_member<F: Field>(
        header: impl Into<Cow<'static, str>>,
        member: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            written: false,
            ..Self::member::<F>(header, member)
        }
    }

    /// Creates a rule for a JSON string that is the header's value.
    #[cfg(feature = "json")]
    #[must_use]
    pub fn json_string<F: Field>(header: impl Into<Cow<'static, str>>) -> Self {
        Self::header::<F>(header).encoding(Encoding::JsonString)
    }

    /// Creates a rule for the member with this key of the W3C `baggage` header.
    ///
    /// Baggage is shared: other members are neither removed nor changed, and
    /// [`strip`](crate::MetadataHeadersLayer::strip) leaves the header. More
    /// than 64 members or 8,192 bytes are neither read nor written. See
    /// [`conventions::w3c`](crate::conventions::w3c) for what differs from the
    /// standard.
    #[must_use]
    pub fn baggage<F: Field>(key: impl Into<Cow<'static, str>>) -> Self {
        Self {
            member: Some(key.into()),
            ..Self::header::<F>("baggage").encoding(Encoding::Baggage)
        }
    }

    /// Creates a rule that reads the trace's id from the W3C `traceparent` header.
    /// The header is never written or removed: tracing libraries write it.
    #[must_use]
    pub fn traceparent() -> Self {
        Self::read_only::<TraceId>("traceparent").encoding(Encoding::Traceparent)
    }

    pub(crate) fn new(field: FieldKey, header: Cow<'static, str>) -> Self {
        Self {
            field,
            preferred: Vec::new(),
            or_else: Vec::new(),
            header,
            encoding: Encoding::Plain,
            member: None,
            written: true,
            read: true,
            aliases: Vec::new(),
            limits: ValueLimits::new(),
            agents: &[],
            shared: false,
            low_precedence: false,
            after_vendors: false,
            identity: false,
            asserts_identity: false,
            skip_outside_limits: false,
        }
    }

    #[cfg(feature = "json")]
    pub(crate) fn member_of(
        field: FieldKey,
        header: Cow<'static, str>,
        member: Cow<'static, str>,
    ) -> Self {
        Self {
            member: Some(member),
            ..Self::new(field, header).encoding(Encoding::JsonObject)
        }
    }

    fn encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// Falls back to `F` if the metadata has no such field, or if its value is
    /// outside the [limits](Self::limits). Fallbacks apply in call order.
    #[must_use]
    pub fn or_else<F: Field>(mut self) -> Self {
        self.or_else.push(FieldKey::of::<F>());
        self
    }

    /// Prefers to write `F` if the metadata has one. Preferences apply in call
    /// order. Use it for a target that knows one id for all, and calls a
    /// conversation a task.
    #[must_use]
    pub fn prefer_writing<F: Field>(mut self) -> Self {
        self.preferred.push(FieldKey::of::<F>());
        self
    }

    /// Adds a header that the field is read from too. Names with underscores may
    /// be read; they are never written, because proxies drop them.
    #[must_use]
    pub fn alias(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.aliases.push(name.into());
        self
    }

    /// Sets the limits of the header's reader.
    #[must_use]
    pub fn limits(self, limits: ValueLimits) -> Self {
        Self { limits, ..self }
    }

    /// Skips a value outside the limits when reading, so that a header of lower
    /// precedence counts instead.
    ///
    /// By default such a value is invalid: the field stays empty. Use this only
    /// for a reader that really goes on to its next header, as LiteLLM does.
    #[must_use]
    pub fn skip_outside_limits(self) -> Self {
        Self {
            skip_outside_limits: true,
            ..self
        }
    }

    /// Treats the field as [`Class::Identity`] in this header, whatever its own
    /// class is.
    ///
    /// Use it for a header by which its target bills, limits or routes. The
    /// header is then read only from a trusted request, is marked sensitive, and
    /// is subject to the identity policy of a destination.
    #[must_use]
    pub fn identity(self) -> Self {
        Self {
            identity: true,
            ..self
        }
    }

    /// Allows the rule to write a header by which an authenticating proxy asserts
    /// identity to the server behind it: `x-forwarded-user`,
    /// `x-auth-request-user`, `x-ms-client-principal-id`, `remote-user` and
    /// others like them.
    ///
    /// Without it, such a header is an error to [build](crate::ConventionBuilder::build)
    /// in a rule that writes. The rule is one of [`identity`](Self::identity).
    ///
    /// ```
    /// use tower_metadata_headers::{Convention, Rule, UserId};
    ///
    /// let rule = Rule::header::<UserId>("x-forwarded-user");
    /// assert!(Convention::builder("acme").rule(rule.clone()).build().is_err());
    ///
    /// let acme = Convention::builder("acme").rule(rule.asserts_identity()).build()?;
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    ///
    /// # Security
    ///
    /// A server that trusts such a header asks for no credentials: whoever chooses
    /// the value acts as that user. So fill the field from your own
    /// authentication only, and send the header by
    /// [`Destinations`](crate::Destinations) only to servers that expect it from
    /// you. Before writing, the header and its look-alikes are removed from the
    /// request, also if there is no value to write.
    #[must_use]
    pub fn asserts_identity(self) -> Self {
        Self {
            asserts_identity: true,
            identity: true,
            ..self
        }
    }

    /// Returns true if the header carries identity.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.identity || self.field.class() == Class::Identity
    }

    /// Reads the header only if the request's `User-Agent` begins with one of these,
    /// ignoring case. Use it for names that mean something in one client's requests
    /// alone.
    #[must_use]
    pub fn for_user_agents(self, agents: &'static [&'static str]) -> Self {
        Self { agents, ..self }
    }

    /// Returns the field.
    #[must_use]
    pub const fn field(&self) -> FieldKey {
        self.field
    }

    /// Returns the fields that the header may carry, in order of precedence: of
    /// those that the metadata has, the first that fits the limits is written.
    pub fn sources(&self) -> impl Iterator<Item = FieldKey> {
        let preferred = self.preferred.iter().copied();
        preferred
            .chain([self.field])
            .chain(self.or_else.iter().copied())
    }

    /// Returns an iterator over the headers. Only the first is written.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.names().map(Cow::as_ref)
    }

    /// Returns the name that the field has inside the header's value, if the header
    /// carries several fields.
    #[must_use]
    pub fn member_name(&self) -> Option<&str> {
        self.member.as_deref()
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

    /// Returns the prefixes of `User-Agent` for which the header is read; none if it
    /// is read from anyone.
    #[must_use]
    pub const fn agents(&self) -> &'static [&'static str] {
        self.agents
    }

    /// Returns true if a value outside the limits is skipped, so that a header of
    /// lower precedence counts.
    #[must_use]
    pub const fn skips_outside_limits(&self) -> bool {
        self.skip_outside_limits
    }

    /// The headers that are the rule's, that of writing first.
    pub(super) fn names(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        std::iter::once(&self.header).chain(&self.aliases)
    }

    /// The headers that are removed with the convention's. A reserved one is
    /// another's, unless the rule writes it.
    pub(super) fn owned_names(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        self.names()
            .filter(|name| self.written || !reserved::is_reserved(name))
    }

    /// Returns true if others use the header too, so that it is not removed.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        self.shared || self.encoding.is_shared()
    }

    /// Returns true if every other header that carries the field counts first.
    #[must_use]
    pub const fn has_low_precedence(&self) -> bool {
        self.low_precedence
    }
}
