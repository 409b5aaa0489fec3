use super::Convention;
use crate::{
    FieldKey,
    header_set::vendors::Vendors,
    rule::{Precedence, Provenance, Rule},
};

/// Contents of a convention.
impl Convention {
    /// Returns the convention's name, for example `zoo`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.definition.name
    }

    /// Returns the provenance, if this is a built-in convention.
    #[must_use]
    pub fn provenance(&self) -> Option<Provenance> {
        self.0.definition.provenance
    }

    /// Returns an iterator over the rules, in order of precedence.
    ///
    /// ```
    /// use tower_metadata_headers::{Evidence, conventions};
    ///
    /// let opencode = conventions::opencode();
    /// assert_eq!(opencode.provenance().unwrap().evidence, Evidence::Code);
    /// assert_eq!(opencode.client(), Some("opencode"));
    /// assert!(opencode.user_agents().eq(["opencode/"]));
    /// assert!(opencode.hosts().eq(["opencode.ai"]));
    /// assert!(opencode.owned_prefixes().eq(["x-opencode-"]));
    /// assert_eq!(opencode.writes().next().unwrap().0, "x-opencode-session");
    /// let rule = opencode.rules().next().unwrap();
    /// assert_eq!(rule.field().name(), "session-id");
    /// ```
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.0.definition.rules.iter()
    }

    /// Returns an iterator over the prefixes of header names that belong to this convention
    /// alone.
    pub fn owned_prefixes(&self) -> impl Iterator<Item = &str> {
        self.0.definition.owned_prefixes.iter().map(AsRef::as_ref)
    }

    /// Returns an iterator over the headers without a rule that belong to this convention.
    pub fn owned_headers(&self) -> impl Iterator<Item = &str> {
        self.0.definition.owned_headers.iter().map(AsRef::as_ref)
    }

    /// Returns an iterator over the headers that are passed on to the vendor unchanged: see
    /// [`VendorHeaders`](crate::VendorHeaders).
    pub fn passed_on(&self) -> impl Iterator<Item = &str> {
        self.0.definition.passed_on.iter().map(AsRef::as_ref)
    }

    /// Returns true if the convention reads the `x-<vendor>-session-id` of any vendor.
    #[must_use]
    pub fn reads_any_vendor(&self) -> bool {
        self.0
            .definition
            .vendors
            .is_some_and(|pattern| !matches!(pattern.vendors, Vendors::Listed(_)))
    }

    /// Returns the vendors whose `x-<vendor>-session-id` the convention reads. The list is
    /// empty if it reads the header of any vendor or of none.
    ///
    /// ```
    /// use tower_metadata_headers::conventions;
    ///
    /// assert!(conventions::known_vendors().listed_vendors().contains(&"pochi"));
    /// assert!(conventions::any_vendor().reads_any_vendor());
    /// ```
    #[must_use]
    pub fn listed_vendors(&self) -> &'static [&'static str] {
        match self.0.definition.vendors.map(|pattern| pattern.vendors) {
            Some(Vendors::Listed(vendors)) => vendors,
            _ => &[],
        }
    }

    /// Returns the name of the program that sends these headers, as in
    /// [`ClientName`](crate::ClientName).
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        let client = self.0.definition.client.as_ref();
        client.map(|client| client.name.as_ref())
    }

    /// Returns an iterator over the prefixes of the client's `User-Agent`.
    pub fn user_agents(&self) -> impl Iterator<Item = &str> {
        let client = self.0.definition.client.iter();
        client.flat_map(|client| client.agents.iter().map(AsRef::as_ref))
    }

    /// Returns an iterator over the public hosts that read these headers.
    pub fn hosts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.definition.hosts.iter().map(AsRef::as_ref)
    }

    /// Returns the precedence at which
    /// [`ConventionSet::insert`](crate::ConventionSet::insert) places the convention.
    #[must_use]
    pub fn precedence(&self) -> Option<Precedence> {
        self.0.definition.precedence
    }

    /// Returns an iterator over the headers that are written, each with the fields that it
    /// may carry. The first field that the metadata has and that fits the header's limits is
    /// written.
    ///
    /// A header with several members, such as a JSON object, is returned once for each.
    pub fn writes(&self) -> impl Iterator<Item = (&str, Vec<FieldKey>)> {
        self.0
            .definition
            .written_rules()
            .map(|rule| (rule.header.as_ref(), rule.sources().collect()))
    }

    /// Returns an iterator over the headers that are read, each with the field that it
    /// carries.
    pub fn reads(&self) -> impl Iterator<Item = (&str, FieldKey)> {
        self.0
            .definition
            .names()
            .filter(|(_, rule)| rule.read)
            .map(|(name, rule)| (name.as_ref(), rule.field))
    }
}
