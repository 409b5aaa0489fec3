use std::borrow::Cow;

use super::Convention;
#[cfg(feature = "json")]
use crate::limits::ValueLimits;
use crate::{
    header_set::vendors::VendorPattern,
    limits::RequestLimits,
    rule::{Client, Definition, InvalidConvention, Place, Provenance, Rule, check},
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
pub struct ConventionBuilder(Definition);

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

    /// Adds a prefix of header names that all belong to this convention, for example
    /// `x-acme-`. A header with this prefix and without a rule is not read, and is removed
    /// before writing.
    pub fn owned_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.0.owned_prefixes.push(prefix.into());
        self
    }

    /// Writes every field that no rule writes to a header with this prefix, named after the
    /// field. With `x-acme-`, the project is written to `x-acme-project-id`.
    ///
    /// Fields of your own are included. To read one, add a rule for it.
    ///
    /// The order of this call and calls of [`rule`](Self::rule) does not matter. The last
    /// call of this method or of `other_fields_in_object` counts.
    pub fn other_fields_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.0.other_fields = Some(Place::Headers(prefix.into()));
        self
    }

    /// Writes every field that no rule writes as a member of the JSON object in this
    /// header, named after the field with underscores, for example `project_id`.
    ///
    /// Fields of your own are included. To read one, add a rule for it.
    ///
    /// The order of this call and calls of [`rule`](Self::rule) does not matter. The last
    /// call of this method or of [`other_fields_prefix`](Self::other_fields_prefix) counts.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use tower_metadata_headers::{Convention, Metadata, Mode, TaskId, ValueLimits};
    ///
    /// let acme = Convention::builder("acme")
    ///     .other_fields_in_object("acme-metadata", ValueLimits::new())
    ///     .max_members(1)
    ///     .build()?;
    /// let metadata = Metadata::new()
    ///     .with(TaskId::try_from("t-1")?)
    ///     .with(Mode::try_from("plan")?);
    /// let mut headers = HeaderMap::new();
    /// let report = acme.write(&metadata, &mut headers);
    /// assert_eq!(headers["acme-metadata"], r#"{"task_id":"t-1"}"#);
    /// assert!(!report.contains::<Mode>());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "json")]
    pub fn other_fields_in_object(
        mut self,
        header: impl Into<Cow<'static, str>>,
        limits: ValueLimits,
    ) -> Self {
        self.0.other_fields = Some(Place::Members(header.into(), limits));
        self
    }

    /// Writes each of the [`Properties`](crate::Properties) to a header with this prefix,
    /// named after its key, and reads every header with this prefix and without a rule as a
    /// property.
    ///
    /// In a written name `_` and `.` become `-`, because some proxies drop other names. A
    /// property is not written, but reported, if its name is that of another field or of a
    /// session, or reserved.
    ///
    /// By default the place of the other fields is the place of the properties too. The
    /// last call of this method or of `properties_in_object` counts.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use tower_metadata_headers::{Convention, Metadata, Properties};
    ///
    /// let acme = Convention::builder("acme").properties_prefix("x-acme-meta-").build()?;
    /// let properties = Properties::new([("cost_center", "4711")])?;
    /// let mut headers = HeaderMap::new();
    /// acme.write(&Metadata::new().with(properties), &mut headers);
    /// assert_eq!(headers["x-acme-meta-cost-center"], "4711");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn properties_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.0.properties = Some(Place::Headers(prefix.into()));
        self
    }

    /// Writes each of the [`Properties`](crate::Properties) as a member of the JSON object
    /// in this header, named by its key, and reads every member without a rule as a
    /// property. Numbers and booleans are read as text.
    ///
    /// The limits apply to each value. The last call of this method or of
    /// [`properties_prefix`](Self::properties_prefix) counts.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use tower_metadata_headers::{Convention, Properties, ValueLimits};
    ///
    /// let acme = Convention::builder("acme")
    ///     .properties_in_object("acme-metadata", ValueLimits::new())
    ///     .build()?;
    /// let mut headers = HeaderMap::new();
    /// headers.insert("acme-metadata", r#"{"team":"search","tier":2}"#.parse()?);
    /// let properties: Properties = acme.read_trusted(&headers).metadata.get().unwrap();
    /// assert!(properties.iter().eq([("team", "search"), ("tier", "2")]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "json")]
    pub fn properties_in_object(
        mut self,
        header: impl Into<Cow<'static, str>>,
        limits: ValueLimits,
    ) -> Self {
        self.0.properties = Some(Place::Members(header.into(), limits));
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

    /// Sets the places of fields and properties without a rule. `None` changes nothing.
    pub(crate) fn places(mut self, other_fields: Option<Place>, properties: Option<Place>) -> Self {
        self.0.other_fields = other_fields.or(self.0.other_fields);
        self.0.properties = properties.or(self.0.properties);
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

    pub(crate) const fn client(mut self, client: Client) -> Self {
        self.0.client = Some(client);
        self
    }

    pub(crate) const fn hosts(mut self, hosts: &'static [&'static str]) -> Self {
        self.0.hosts = hosts;
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
    /// - two rules have the same header, or headers that differ in separators only. They
    ///   may have the same header if they are for different members of its value, or if
    ///   one rule only reads it and the other only writes it;
    /// - limits accept no value, or an object may have no members.
    pub fn build(self) -> Result<Convention, InvalidConvention> {
        Convention::new(self.0)
    }
}
