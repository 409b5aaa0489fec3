use std::borrow::Cow;

use super::Metadata;
use crate::Class;

impl Metadata {
    /// Returns an iterator over the correlation fields as attributes for OpenTelemetry:
    /// [names](crate::FieldKey::otel_name) with values.
    ///
    /// Identity is not included, because telemetry is often kept longer and seen by more
    /// people than requests. See [`identity_attributes`](Self::identity_attributes).
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, SessionId, UserId};
    ///
    /// let metadata = Metadata::new()
    ///     .with(SessionId::try_from("ses_1")?)
    ///     .with(UserId::try_from("ada@example.com")?);
    /// let attributes: Vec<_> = metadata.attributes().collect();
    /// assert_eq!(attributes, [("session.id".into(), "ses_1")]);
    /// let identity: Vec<_> = metadata.identity_attributes().collect();
    /// assert_eq!(identity, [("user.id".into(), "ada@example.com")]);
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    ///
    /// # Security
    ///
    /// Do not use a value as an attribute of a metric. The sender chooses it, so the number
    /// of values is unlimited.
    pub fn attributes(&self) -> impl Iterator<Item = (Cow<'static, str>, &str)> {
        self.attributes_of(Class::Correlation)
    }

    /// Returns an iterator over the identity fields as attributes for OpenTelemetry.
    ///
    /// # Security
    ///
    /// The values identify users and projects in clear text.
    pub fn identity_attributes(&self) -> impl Iterator<Item = (Cow<'static, str>, &str)> {
        self.attributes_of(Class::Identity)
    }

    fn attributes_of(&self, class: Class) -> impl Iterator<Item = (Cow<'static, str>, &str)> {
        self.iter()
            .filter(move |(key, _)| key.class() == class && !key.is_of_vendor())
            .map(|(key, value)| (key.otel_name(), value.expose()))
    }

    /// Records the correlation fields in a span, by the names of
    /// [`attributes`](Self::attributes).
    ///
    /// A span records only the fields that it was created with, so declare each of them.
    /// `MetadataMakeSpan` (features `tower-http-06` and `tower-http-07`) declares all
    /// well-known fields.
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, SessionId};
    /// use tracing::field::Empty;
    ///
    /// let span = tracing::info_span!("request", session.id = Empty, metadata.task_id = Empty);
    /// let metadata = Metadata::new().with(SessionId::try_from("ses_1")?);
    /// metadata.record(&span);
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    #[cfg(feature = "tracing")]
    pub fn record(&self, span: &tracing::Span) {
        record(self.attributes(), span);
    }

    /// Records the identity fields in a span, by the names of
    /// [`identity_attributes`](Self::identity_attributes).
    ///
    /// As with [`record`](Self::record), the span must declare the fields.
    ///
    /// # Security
    ///
    /// The values identify users and projects in clear text.
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, UserId};
    /// use tracing::field::Empty;
    ///
    /// let span = tracing::info_span!("request", user.id = Empty);
    /// let metadata = Metadata::new().with(UserId::try_from("ada@example.com")?);
    /// metadata.record_identity(&span);
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    #[cfg(feature = "tracing")]
    pub fn record_identity(&self, span: &tracing::Span) {
        record(self.identity_attributes(), span);
    }
}

#[cfg(feature = "tracing")]
fn record<'a>(
    attributes: impl Iterator<Item = (Cow<'static, str>, &'a str)>,
    span: &tracing::Span,
) {
    // The name of a user-defined field allocates.
    if span.is_disabled() {
        return;
    }
    for (name, value) in attributes {
        span.record(&*name, value);
    }
}
