use std::borrow::Cow;

use super::Convention;
use crate::{
    header_set::vendors::VendorPattern,
    limits::RequestLimits,
    rule::{Client, Definition, InvalidConvention, Precedence, Provenance, Rule, check},
};

/// Builder of a [`Convention`]. [`build`](Self::build) checks its rules.
///
/// ```
/// use http::HeaderMap;
/// use tower_metadata_headers::{Convention, Metadata, Rule, SessionId, TaskId};
///
/// let acme = Convention::builder("acme")
///     .rule(Rule::header::<SessionId>("acme-conversation"))
///     .owned_prefix("acme-old-")
///     .other_fields_prefix("x-acme-")
///     .build()?;
/// let metadata = Metadata::new()
///     .with(SessionId::try_from("s-1")?)
///     .with(TaskId::try_from("t-1")?);
/// let mut headers = HeaderMap::new();
/// acme.write(&metadata, &mut headers);
/// assert_eq!(headers["acme-conversation"], "s-1");
/// assert_eq!(headers["x-acme-task-id"], "t-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ConventionBuilder(pub(super) Definition);

impl Convention {
    /// Creates a builder for a convention of your own.
    ///
    /// The name is for logs and look-ups. It consists of words of letters and digits, joined
    /// by single hyphens.
    pub fn builder(name: impl Into<Cow<'static, str>>) -> ConventionBuilder {
        ConventionBuilder(Definition::new(name.into()))
    }

    /// Returns a builder with the rules of this convention, to which rules can be added.
    ///
    /// If the convention has an [`other_fields_prefix`] and you add a rule for a field, the
    /// field is written by that rule instead.
    ///
    /// [`other_fields_prefix`]: ConventionBuilder::other_fields_prefix
    ///
    /// ```
    /// use tower_metadata_headers::{Rule, conventions, metadata_field};
    ///
    /// metadata_field! {
    ///     /// The page of the app that calls.
    ///     pub struct AppUrl("app-url"): Correlation;
    /// }
    ///
    /// let openrouter = conventions::openrouter()
    ///     .to_builder()
    ///     .rule(Rule::header::<AppUrl>("http-referer"))
    ///     .build()?;
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    pub fn to_builder(&self) -> ConventionBuilder {
        ConventionBuilder(self.unexpanded().clone())
    }
}

impl ConventionBuilder {
    /// Maximum length of a header's name in a convention, in bytes.
    pub const MAX_HEADER_LEN: usize = check::MAX_HEADER_LEN;

    /// Adds a rule. Headers are written in the order of their rules. If several headers
    /// carry a field, the earlier rule takes precedence when reading.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.0.rules.push(rule);
        self
    }

    /// Replaces the rules with the header and member of this rule, at the position of the
    /// first. If there are none, adds the rule.
    ///
    /// ```
    /// use tower_metadata_headers::{Rule, SessionId, ValueLimits, conventions};
    ///
    /// // A patched proxy that accepts short sessions.
    /// let litellm = conventions::litellm()
    ///     .to_builder()
    ///     .replace_rule(Rule::header::<SessionId>("x-litellm-session-id"))
    ///     .build()?;
    /// let rule = litellm.rules().find(|rule| rule.headers().eq(["x-litellm-session-id"]));
    /// assert_eq!(rule.unwrap().value_limits(), ValueLimits::new());
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    pub fn replace_rule(mut self, rule: Rule) -> Self {
        let rules = &mut self.0.rules;
        let at = rules.iter().position(|earlier| earlier.is_for_same(&rule));
        rules.retain(|earlier| !earlier.is_for_same(&rule));
        rules.insert(at.unwrap_or(rules.len()), rule);
        self
    }

    /// Removes the rules for which the predicate returns false.
    ///
    /// ```
    /// use tower_metadata_headers::conventions;
    ///
    /// let kilo = conventions::kilo_code()
    ///     .to_builder()
    ///     .retain_rules(|rule| !rule.is_identity())
    ///     .build()?;
    /// assert!(kilo.writes().all(|(header, _)| header != "x-kilocode-organizationid"));
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    pub fn retain_rules(mut self, keep: impl FnMut(&Rule) -> bool) -> Self {
        self.0.rules.retain(keep);
        self
    }

    /// Adds a prefix of header names that all belong to this convention, for example
    /// `x-acme-`. A header with this prefix and without a rule is not read, and is removed
    /// before writing.
    pub fn owned_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.0.owned_prefixes.push(prefix.into());
        self
    }

    /// Adds a header that belongs to this convention and has no rule. It is not read, and is
    /// removed before writing, as headers with an [owned prefix](Self::owned_prefix) are.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::{Convention, ConventionSet};
    ///
    /// let controls = Convention::builder("acme-controls").owned_header("x-acme-shard").build()?;
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-acme-shard", HeaderValue::from_static("7"));
    /// ConventionSet::from(controls).remove_from(&mut headers);
    /// assert!(headers.is_empty());
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    pub fn owned_header(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.owned_headers.push(name.into());
        self
    }

    /// Adds a header that this vendor's clients send, and that only its own server
    /// understands. Its value is read into [`VendorHeaders`](crate::VendorHeaders), and written
    /// unchanged if metadata is written in this convention. Before, it is removed, as all
    /// headers of the convention are.
    ///
    /// Pass on only headers that a client may send to the vendor without your gateway too, and
    /// by which the vendor neither bills nor limits.
    pub fn pass_on(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.passed_on.push(name.into());
        self
    }

    /// Sets the maximum number of members in a JSON object. Members are written in the order
    /// of the rules. Members beyond the maximum are not written, and are reported.
    #[cfg(feature = "json")]
    pub const fn max_members(mut self, max: usize) -> Self {
        self.0.max_members = max;
        self
    }

    /// Sets the limits on the metadata that this convention reads from one request or
    /// writes to it. A [`ConventionSet`](crate::ConventionSet) has limits of its own.
    ///
    /// ```
    /// use tower_metadata_headers::{RequestLimits, conventions};
    ///
    /// let opencode = conventions::opencode()
    ///     .to_builder()
    ///     .request_limits(RequestLimits::new().max_headers(4))
    ///     .build()?;
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    pub const fn request_limits(mut self, request_limits: RequestLimits) -> Self {
        self.0.request_limits = request_limits;
        self
    }

    /// Sets the convention's name.
    ///
    /// ```
    /// use tower_metadata_headers::conventions;
    ///
    /// let fork = conventions::opencode().to_builder().name("opencode-fork").build()?;
    /// assert_eq!(fork.name(), "opencode-fork");
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.name = name.into();
        self
    }

    /// Sets the program that sends these headers, with the prefixes of its `User-Agent`,
    /// compared ignoring case. It is read as [`ClientName`](crate::ClientName).
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, header::USER_AGENT};
    /// use tower_metadata_headers::{ClientName, ClientVersion, Convention, Precedence, conventions};
    ///
    /// let acme = Convention::vendor("acme")?
    ///     .to_builder()
    ///     .client("acme", ["acme-cli/"])
    ///     .precedence(Precedence::OwnNames)
    ///     .build()?;
    /// let mut headers = HeaderMap::new();
    /// headers.insert(USER_AGENT, HeaderValue::from_static("acme-cli/1.2"));
    /// let metadata = conventions::clients().insert(acme).read(&headers).metadata;
    /// assert_eq!(metadata.get::<ClientName>().unwrap(), "acme");
    /// assert_eq!(metadata.get::<ClientVersion>().unwrap(), "1.2");
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    pub fn client<A>(
        mut self,
        name: impl Into<Cow<'static, str>>,
        user_agents: impl IntoIterator<Item = A>,
    ) -> Self
    where
        A: Into<Cow<'static, str>>,
    {
        self.0.client = Some(Client {
            name: name.into(),
            agents: user_agents.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// Sets the hosts that read these headers, for
    /// [`Destinations::hosts_of`](crate::Destinations::hosts_of), which checks them.
    ///
    /// Any client may send the headers of a host. So a convention with hosts identifies
    /// its [`client`](Self::client) only by the `User-Agent`.
    pub fn hosts<H>(mut self, hosts: impl IntoIterator<Item = H>) -> Self
    where
        H: Into<Cow<'static, str>>,
    {
        self.0.hosts = hosts.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the precedence at which
    /// [`ConventionSet::insert`](crate::ConventionSet::insert) places the convention.
    pub const fn precedence(self, precedence: Precedence) -> Self {
        self.maybe_precedence(Some(precedence))
    }

    #[cfg(feature = "serde")]
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.0.rules
    }

    pub(crate) const fn maybe_precedence(mut self, precedence: Option<Precedence>) -> Self {
        self.0.precedence = precedence;
        self
    }

    /// Adds rules before all others.
    pub(crate) fn prepend(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.0.rules.splice(0..0, rules);
        self
    }

    /// Sets the provenance of a built-in convention.
    pub(crate) const fn provenance(mut self, provenance: Provenance) -> Self {
        self.0.provenance = Some(provenance);
        self
    }

    pub(crate) const fn vendors(mut self, pattern: VendorPattern) -> Self {
        self.0.vendors = Some(pattern);
        self
    }

    /// Builds the convention.
    ///
    /// # Errors
    ///
    /// Returns an error if
    ///
    /// - the convention's name, or the name of a header that is written, does not consist of
    ///   words joined by hyphens. A header that is only read may have any valid name;
    /// - a header is reserved by HTTP, for credentials, or by another standard. A rule
    ///   that never writes may read a reserved header, unless the header frames messages
    ///   or carries credentials;
    /// - a header asserts identity to a server, and its rule writes it without
    ///   [`Rule::asserts_identity`];
    /// - an owned prefix does not end in a hyphen, or matches headers of another owner;
    /// - a rule for baggage or `traceparent` has an alias;
    /// - a header without a rule frames messages or carries credentials, or a rule has it too;
    /// - a header that is passed on is reserved or written by a rule, or there are more than
    ///   [`VendorHeaders::MAX_HEADERS`](crate::VendorHeaders::MAX_HEADERS);
    /// - two rules have the same header, or headers that differ in separators only. They
    ///   may have the same header if they are for different members of its value, if one
    ///   rule only reads it and the other only writes it, or if the earlier rule is
    ///   [`for_user_agents`](Rule::for_user_agents) or [`only_with`](Rule::only_with);
    /// - limits accept no value, or an object may have no members;
    /// - the client's name is not a valid [`Text`](crate::Text), or a prefix of `User-Agent`
    ///   is not visible ASCII, is empty, or, for a client, has fewer than 4 bytes.
    pub fn build(self) -> Result<Convention, InvalidConvention> {
        Convention::new(self.0)
    }
}
