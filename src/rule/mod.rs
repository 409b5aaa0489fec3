//! Rules, and the definition of a convention. A builder collects rules in a `Definition`,
//! which is checked. The plans for reading and writing are compiled from it.
//!
//! | file | step |
//! |---|---|
//! | `mod.rs` | `Rule`: one header of a convention |
//! | `constructors.rs` | kinds of rules |
//! | `definition.rs` | `Definition`: the rules, prefixes, client and limits of a convention |
//! | `check.rs` | checks of names, parts and limits |
//! | `reserved/` | names that no convention may write, or not even read |
//! | `provenance.rs` | `Provenance`: the source of a built-in convention |
//! | `error.rs` | `InvalidConvention` |

pub(crate) mod check;
mod constructors;
mod definition;
mod error;
mod provenance;
pub(crate) mod reserved;

use std::borrow::Cow;

pub(crate) use self::{
    definition::{Client, Definition, Place},
    error::{Problem, Subject},
};
pub use self::{
    error::InvalidConvention,
    provenance::{Evidence, Provenance},
};
use crate::{
    Class, Field, FieldKey,
    encoding::{Encoding, Fields},
    limits::ValueLimits,
};

/// Rule of a convention: a header, the field that it carries, and its encoding.
///
/// ```
/// use tower_metadata_headers::{
///     Convention, ConversationId, Rule, SessionId, Tags, TaskId, ValueLimits,
/// };
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
    /// Fields that are written instead of `field` if the metadata has them, in order.
    pub(crate) preferred: Vec<FieldKey>,
    /// Fields that are written if the metadata does not have `field`, in order.
    pub(crate) or_else: Vec<FieldKey>,
    pub(crate) header: Cow<'static, str>,
    /// The encoding, with the field's name in the value if the value has several fields.
    pub(crate) encoding: Encoding<(), Cow<'static, str>>,
    pub(crate) written: bool,
    pub(crate) read: bool,
    pub(crate) aliases: Vec<Cow<'static, str>>,
    pub(crate) limits: ValueLimits,
    /// Prefixes of `User-Agent` for which the header is read. If empty, it is read for
    /// every `User-Agent`.
    pub(crate) agents: &'static [&'static str],
    /// True if other software uses the header too, so that it is not removed.
    pub(crate) shared: bool,
    /// True if every other header that carries the field takes precedence.
    pub(crate) low_precedence: bool,
    /// True if `x-<vendor>-session-id` takes precedence.
    pub(crate) after_vendors: bool,
    /// True if the field is identity in this header, even if its class is correlation.
    pub(crate) identity: bool,
    /// True if the rule may write a header by which proxies assert identity.
    pub(crate) asserts_identity: bool,
    /// True if a value outside the limits is skipped, so that another header counts.
    pub(crate) skip_outside_limits: bool,
}

impl Rule {
    /// Falls back to `F` if the metadata does not have the field, or if its value is
    /// outside the [limits](Self::limits). Fallbacks apply in call order.
    #[must_use]
    pub fn or_else<F: Field>(mut self) -> Self {
        self.or_else.push(FieldKey::of::<F>());
        self
    }

    /// Writes `F` instead of the field if the metadata has it. Preferences apply in call
    /// order.
    ///
    /// Use this for a target that has only one id, and calls a conversation a task.
    #[must_use]
    pub fn prefer_writing<F: Field>(mut self) -> Self {
        self.preferred.push(FieldKey::of::<F>());
        self
    }

    /// Adds another header from which the field is read. It is never written, so its name
    /// may have underscores, which proxies drop.
    #[must_use]
    pub fn alias(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.aliases.push(name.into());
        self
    }

    /// Writes and reads the field's text without percent-encoding, for a target that does
    /// not decode its header.
    ///
    /// A text or a tag with characters outside visible ASCII would need an escape. It is not
    /// written, and is reported as
    /// [`Reason::InvalidCharacter`](crate::Reason::InvalidCharacter). When reading, `%` is an
    /// ordinary character. Rules for JSON, baggage and `traceparent` do not change.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use tower_metadata_headers::{Convention, Metadata, Mode, Rule};
    ///
    /// let acme = Convention::builder("acme")
    ///     .rule(Rule::header::<Mode>("acme-mode").literal())
    ///     .build()?;
    /// let mut headers = HeaderMap::new();
    /// acme.write(&Metadata::new().with(Mode::try_from("100%")?), &mut headers);
    /// assert_eq!(headers["acme-mode"], "100%");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn literal(mut self) -> Self {
        if let Encoding::Plain(()) = self.encoding {
            self.encoding = Encoding::Literal(());
        }
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
    /// By default such a value is invalid, and the field stays empty. Use this only if
    /// the header's reader continues with its next header, as LiteLLM does.
    #[must_use]
    pub fn skip_outside_limits(self) -> Self {
        Self {
            skip_outside_limits: true,
            ..self
        }
    }

    /// Treats the field as [`Class::Identity`] in this header, even if its own class is
    /// [`Class::Correlation`].
    ///
    /// Use this for a header by which its target bills, limits or routes. The header is
    /// then read only from a trusted request, is marked sensitive, and is subject to the
    /// identity policy of a destination.
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
    /// Without this, [`build`](crate::ConventionBuilder::build) returns an error for a
    /// rule that writes such a header. The rule also becomes [`identity`](Self::identity).
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
    /// A server that trusts such a header asks for no credentials: anyone who can choose
    /// the value acts as that user. Set the field only from your own authentication, and
    /// send the header through [`Destinations`](crate::Destinations) only to servers that
    /// expect it from you. Before writing, the header and its look-alikes are removed from
    /// the request, even if there is no value to write.
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

    /// Reads the header only if the request's `User-Agent` begins with one of these
    /// prefixes, ignoring case. Use this for names that have a meaning only in the
    /// requests of one client.
    #[must_use]
    pub fn for_user_agents(self, agents: &'static [&'static str]) -> Self {
        Self { agents, ..self }
    }

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
    /// assert!(rule.agents().is_empty() && rule.member_name().is_none());
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

    /// Returns the prefixes of `User-Agent` for which the header is read. If there are
    /// none, it is read for every `User-Agent`.
    #[must_use]
    pub const fn agents(&self) -> &'static [&'static str] {
        self.agents
    }

    /// Returns true if a value outside the limits is skipped when reading, so that a header
    /// of lower precedence counts.
    #[must_use]
    pub const fn skips_outside_limits(&self) -> bool {
        self.skip_outside_limits
    }

    /// Returns an iterator over the header names, the written one first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        std::iter::once(&self.header).chain(&self.aliases)
    }

    /// Returns true if this header of the rule is removed before writing. A reserved header
    /// has another owner, unless the rule writes it.
    pub(crate) fn owns(&self, name: &str) -> bool {
        self.written || !reserved::is_reserved(name)
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
