use std::borrow::Cow;

use super::Convention;
#[cfg(feature = "json")]
use crate::limits::ValueLimits;
use crate::{
    header_set::vendors::VendorPattern,
    limits::RequestLimits,
    rule::{Client, Definition, InvalidConvention, OtherFields, Provenance, Rule, check},
};

/// Builder of a [`Convention`]. [`build`](Self::build) checks every rule and setting.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ConventionBuilder(Definition);

impl Convention {
    /// Creates a builder for a convention of your own.
    ///
    /// The name is for logs and look-ups: letters and digits in words that
    /// single hyphens join.
    pub fn builder(name: impl Into<Cow<'static, str>>) -> ConventionBuilder {
        ConventionBuilder(Definition::new(name.into()))
    }

    /// Returns a builder with the rules and settings of this convention.
    ///
    /// If you add a rule for a field, [`ConventionBuilder::other_fields_prefix`] no longer
    /// writes that field.
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
    /// The longest name of a header that a convention has, in bytes.
    pub const MAX_HEADER_LEN: usize = check::MAX_HEADER_LEN;

    /// Adds a rule. Headers are written in the order of their rules. If several headers
    /// carry one field, the header of the earlier rule counts.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.0.rules.push(rule);
        self
    }

    /// Adds a prefix of header names that belong to this convention alone, for example
    /// `x-acme-`. Headers with the prefix that no rule names are not read, and are removed
    /// with the others.
    pub fn owned_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.0.owned_prefixes.push(prefix.into());
        self
    }

    /// Writes every field that no rule writes to a header with this prefix, named
    /// after the field: with `x-acme-` the project's is `x-acme-project-id`.
    ///
    /// Fields of your own are written so too. To read one, name it in a rule.
    ///
    /// The order of this call and of [`rule`](Self::rule) does not matter. Replaces an
    /// earlier call of this or of `other_fields_in_object`.
    pub fn other_fields_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.0.other_fields = Some(OtherFields::Headers(prefix.into()));
        self
    }

    /// Writes every field that no rule writes as a member of the JSON object in
    /// this header, named after the field with underscores: `project_id`.
    ///
    /// Fields of your own are written so too. To read one, name it in a rule.
    ///
    /// The order of this call and of [`rule`](Self::rule) does not matter. Replaces an
    /// earlier call of this or of [`other_fields_prefix`](Self::other_fields_prefix).
    #[cfg(feature = "json")]
    pub fn other_fields_in_object(
        mut self,
        header: impl Into<Cow<'static, str>>,
        limits: ValueLimits,
    ) -> Self {
        self.0.other_fields = Some(OtherFields::Members(header.into(), limits));
        self
    }

    /// Sets the maximum number of members of a JSON object. The members of the first rules
    /// are written, and the others are reported.
    #[cfg(feature = "json")]
    pub const fn max_members(mut self, most: usize) -> Self {
        self.0.max_members = most;
        self
    }

    /// Sets the limits on what this convention reads from one request and writes to
    /// it. A [`ConventionSet`](crate::ConventionSet) has limits of its own.
    pub const fn request_limits(mut self, request_limits: RequestLimits) -> Self {
        self.0.request_limits = request_limits;
        self
    }

    /// Sets the convention's name.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.name = name.into();
        self
    }

    /// Sets the source of a built-in convention.
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
    /// - the convention's name, or the name of a header that is written, is not
    ///   words joined by hyphens; headers that are only read may have any name;
    /// - a header is reserved: by HTTP, for credentials, or by another standard.
    ///   A rule that never writes may read reserved headers, except those that
    ///   frame messages or carry credentials;
    /// - a header asserts identity to a server, and its rule writes it without
    ///   [`Rule::asserts_identity`];
    /// - a rule for baggage or `traceparent` has another header;
    /// - two rules write one header, or the headers of two fields are equal or
    ///   differ in separators only, unless one rule only reads what the other only
    ///   writes;
    /// - limits accept no value.
    pub fn build(self) -> Result<Convention, InvalidConvention> {
        Convention::new(self.0)
    }
}
