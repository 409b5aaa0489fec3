//! Rules, and the definition of a convention. A builder collects rules in a `Definition`,
//! which is checked. The plans for reading and writing are compiled from it.
//!
//! | file | step |
//! |---|---|
//! | `mod.rs` | `Rule`: one header of a convention |
//! | `constructors.rs` | kinds of rules |
//! | `contents.rs` | contents of a rule |
//! | `definition.rs` | `Definition`: the rules, prefixes, client and limits of a convention |
//! | `client.rs` | `Client`: the program that sends the headers |
//! | `check.rs` | checks of names, parts and limits |
//! | `reserved/` | names that no convention may write, or not even read |
//! | `precedence.rs` | `Precedence`: order of the conventions of clients |
//! | `provenance.rs` | `Provenance`: the source of a built-in convention |
//! | `error.rs` | `InvalidConvention` |

pub(crate) mod check;
mod client;
mod constructors;
mod contents;
mod definition;
mod error;
mod precedence;
mod provenance;
pub(crate) mod reserved;

use std::borrow::Cow;

pub(crate) use self::{
    client::Client,
    definition::{Definition, Place},
    error::Subject,
};
pub use self::{
    error::{InvalidConvention, InvalidConventionKind},
    precedence::Precedence,
    provenance::{Evidence, Provenance},
};
use crate::{Field, FieldKey, encoding::Encoding, limits::ValueLimits};

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub(crate) agents: Vec<Cow<'static, str>>,
    /// The header without which this one is not read.
    pub(crate) only_with: Option<Cow<'static, str>>,
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
    pub fn or_else<F: Field>(self) -> Self {
        self.or_else_of(FieldKey::of::<F>())
    }

    /// Falls back to a field by its key: see [`or_else`](Self::or_else).
    #[must_use]
    pub fn or_else_of(mut self, field: FieldKey) -> Self {
        self.or_else.push(field);
        self
    }

    /// Writes `F` instead of the field if the metadata has it. Preferences apply in call
    /// order.
    ///
    /// Use this for a target that has only one id, and calls a conversation a task.
    #[must_use]
    pub fn prefer_writing<F: Field>(self) -> Self {
        self.prefer_writing_of(FieldKey::of::<F>())
    }

    /// Writes a field by its key instead: see [`prefer_writing`](Self::prefer_writing).
    #[must_use]
    pub fn prefer_writing_of(mut self, field: FieldKey) -> Self {
        self.preferred.push(field);
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

    /// Treats the field as [`Class::Identity`](crate::Class::Identity) in this header, even
    /// if its own class is [`Class::Correlation`](crate::Class::Correlation).
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

    /// Reads the header only if the request's `User-Agent` begins with one of these
    /// prefixes, ignoring case. Use this for names that have a meaning only in the
    /// requests of one client.
    #[must_use]
    pub fn for_user_agents<A>(self, agents: impl IntoIterator<Item = A>) -> Self
    where
        A: Into<Cow<'static, str>>,
    {
        Self {
            agents: agents.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Reads the header only if the request also has this other header. Use this for a name
    /// that has another meaning beside a newer name.
    ///
    /// An earlier rule with this condition or with [`for_user_agents`](Self::for_user_agents)
    /// may have the header of a later rule, which applies to all other requests.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::{Convention, ParentSessionId, Rule, SessionId};
    ///
    /// // In the request of a sub-agent, the old header has the session of the parent.
    /// let acme = Convention::builder("acme")
    ///     .rule(Rule::read_only::<SessionId>("x-acme-sub-agent"))
    ///     .rule(Rule::read_only::<ParentSessionId>("x-acme-id").only_with("x-acme-sub-agent"))
    ///     .rule(Rule::header::<SessionId>("x-acme-id"))
    ///     .build()?;
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-acme-id", HeaderValue::from_static("s-1"));
    /// assert_eq!(acme.read(&headers).metadata.get::<SessionId>().unwrap(), "s-1");
    ///
    /// headers.insert("x-acme-sub-agent", HeaderValue::from_static("s-2"));
    /// let metadata = acme.read(&headers).metadata;
    /// assert_eq!(metadata.get::<SessionId>().unwrap(), "s-2");
    /// assert_eq!(metadata.get::<ParentSessionId>().unwrap(), "s-1");
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    #[must_use]
    pub fn only_with(self, header: impl Into<Cow<'static, str>>) -> Self {
        Self {
            only_with: Some(header.into()),
            ..self
        }
    }

    /// Returns true if the rule does not read the header of every request.
    pub(crate) const fn is_conditional(&self) -> bool {
        !self.agents.is_empty() || self.only_with.is_some()
    }

    /// Returns an iterator over the header names, the written one first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        std::iter::once(&self.header).chain(&self.aliases)
    }

    /// Returns true if both rules are for the same header, and the same member of it.
    pub(crate) fn is_for_same(&self, other: &Self) -> bool {
        self.header.eq_ignore_ascii_case(&other.header) && self.member_name() == other.member_name()
    }

    /// Returns true if this header of the rule is removed before writing. A reserved header
    /// has another owner, unless the rule writes it.
    pub(crate) fn owns(&self, name: &str) -> bool {
        self.written || !reserved::is_reserved(name)
    }
}
