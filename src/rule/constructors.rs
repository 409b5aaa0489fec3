use std::borrow::Cow;

use super::Rule;
use crate::{Field, FieldKey, Properties, TraceId, encoding::Encoding, limits::ValueLimits};

impl Rule {
    /// Creates a rule that writes the field to this header and reads it from there.
    /// An id is written unchanged, a text percent-encoded if necessary, tags as a
    /// comma-separated list.
    #[must_use]
    pub fn header<F: Field>(name: impl Into<Cow<'static, str>>) -> Self {
        Self::of(FieldKey::of::<F>(), name)
    }

    /// Creates a rule for a field by its key, for example from a configuration.
    ///
    /// ```
    /// use tower_metadata_headers::{Convention, FieldKey, Rule, SessionId};
    ///
    /// let field = FieldKey::by_name("session-id").unwrap();
    /// let rule = Rule::of(field, "acme-conversation")
    ///     .prefer_writing_of(FieldKey::by_name("conversation-id").unwrap())
    ///     .or_else_of(FieldKey::by_name("task-id").unwrap());
    /// assert_eq!(rule.field(), FieldKey::of::<SessionId>());
    /// assert_eq!(rule.sources().count(), 3);
    /// let acme = Convention::builder("acme").rule(rule).build()?;
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    #[must_use]
    pub fn of(field: FieldKey, name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(field, name.into())
    }

    /// Creates a rule that reads the field from this header and never writes it.
    ///
    /// The header may be reserved, for example `openai-organization`. It is then read
    /// and never removed. A header that frames messages (`host`, `content-length`) or
    /// carries credentials (`authorization`, `cookie`) is still an error.
    ///
    /// A header by which an authenticating proxy asserts identity, for example
    /// `x-forwarded-user`, is [identity](Self::identity) for every field.
    ///
    /// ```
    /// use tower_metadata_headers::{ClientName, Convention, ConversationId, RequestId, Rule, SessionId, TaskId, UserId};
    ///
    /// let acme = Convention::builder("acme")
    ///     .rule(
    ///         Rule::header::<TaskId>("acme-task")
    ///             .prefer_writing::<SessionId>()
    ///             .or_else::<ConversationId>(),
    ///     )
    ///     .rule(Rule::write_only::<ClientName>("acme-client"))
    ///     .rule(Rule::read_only::<SessionId>("session-id").for_user_agents(["acme/"]))
    ///     .rule(Rule::shared::<RequestId>("x-request-id"))
    ///     .rule(Rule::baggage::<UserId>("user.id"))
    ///     .rule(Rule::traceparent())
    ///     .build()?;
    /// assert_eq!(acme.writes().count(), 3);
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    #[must_use]
    pub fn read_only<F: Field>(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            written: false,
            ..Self::header::<F>(name)
        }
    }

    /// Creates a rule that reads the field from a header that other software uses too.
    ///
    /// The header is neither written nor removed. Every other header that carries the
    /// field takes precedence.
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
    /// The object is at most
    /// [`RequestLimits::max_value_bytes`](crate::RequestLimits::max_value_bytes) long.
    /// Members without a rule are ignored.
    ///
    /// ```
    /// use tower_metadata_headers::{Convention, Rule, SessionId, TaskId, UserId};
    ///
    /// let acme = Convention::builder("acme")
    ///     .rule(Rule::member::<SessionId>("acme-metadata", "session"))
    ///     .rule(Rule::read_only_member::<TaskId>("acme-metadata", "task"))
    ///     .rule(Rule::json_string::<UserId>("acme-user"))
    ///     .build()?;
    /// assert_eq!(acme.rules().next().unwrap().member_name(), Some("session"));
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
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

    /// Creates a rule for a header whose value is a JSON string.
    #[cfg(feature = "json")]
    #[must_use]
    pub fn json_string<F: Field>(header: impl Into<Cow<'static, str>>) -> Self {
        Self::header::<F>(header).encoding(Encoding::JsonString(()))
    }

    /// Creates a rule that reads one of the [`Properties`](crate::Properties) from this
    /// header, and never writes it. Use it for a value that has no field.
    ///
    /// Properties are written together: see
    /// [`properties_prefix`](crate::ConventionBuilder::properties_prefix).
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::{Convention, Properties, Rule};
    ///
    /// let acme = Convention::builder("acme")
    ///     .rule(Rule::read_only_property("x-cost-center", "cost-center"))
    ///     .build()?;
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-cost-center", HeaderValue::from_static("4711"));
    /// let properties = acme.read_trusted(&headers).metadata.get::<Properties>().unwrap();
    /// assert_eq!(properties.get("cost-center"), Some("4711"));
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    #[must_use]
    pub fn read_only_property(
        header: impl Into<Cow<'static, str>>,
        key: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::read_only::<Properties>(header).encoding(Encoding::Property(key.into()))
    }

    /// Creates a rule for the member with this key of the W3C `baggage` header.
    ///
    /// Other software uses baggage too, so other members are neither removed nor changed,
    /// and [`strip`](crate::MetadataHeadersLayer::strip) keeps the header. Baggage of more
    /// than 64 members or 8,192 bytes is neither read nor written. See
    /// [`conventions::w3c`](crate::conventions::w3c) for differences from the standard.
    #[must_use]
    pub fn baggage<F: Field>(key: impl Into<Cow<'static, str>>) -> Self {
        Self::header::<F>("baggage").encoding(Encoding::Baggage(key.into()))
    }

    /// Creates a rule that reads the trace id from the W3C `traceparent` header. The
    /// header is never written or removed, because tracing libraries write it.
    #[must_use]
    pub fn traceparent() -> Self {
        Self::read_only::<TraceId>("traceparent").encoding(Encoding::Traceparent(()))
    }

    pub(crate) fn new(field: FieldKey, header: Cow<'static, str>) -> Self {
        Self {
            field,
            preferred: Vec::new(),
            or_else: Vec::new(),
            header,
            encoding: Encoding::Plain(()),
            written: true,
            read: true,
            aliases: Vec::new(),
            limits: ValueLimits::new(),
            agents: Vec::new(),
            only_with: None,
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
        Self::new(field, header).encoding(Encoding::JsonObject(member))
    }

    fn encoding(self, encoding: Encoding<(), Cow<'static, str>>) -> Self {
        Self { encoding, ..self }
    }
}
