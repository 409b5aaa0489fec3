//! Conventions: which header carries which field, for writing and for reading.
//!
//! Take a [`Convention`] from [`conventions`](crate::conventions), or build one of
//! [`Rule`]s. Several, in order of precedence, are a [`ConventionSet`].
//!
//! ```
//! use tower_metadata_headers::{
//!     Convention, Rule, SessionId, TaskId,
//!     convention::{Charset, ValueLimits},
//! };
//!
//! let acme = Convention::builder("acme")
//!     .rule(
//!         Rule::header::<SessionId>("acme-conversation")
//!             .or_else::<TaskId>()
//!             .limits(ValueLimits::new().min_len(8).charset(Charset::Word)),
//!     )
//!     .build()?;
//! assert_eq!(acme.writes().next().unwrap().0, "acme-conversation");
//! # Ok::<(), tower_metadata_headers::InvalidConvention>(())
//! ```

mod baggage;
mod builder;
mod candidates;
mod check;
mod clients;
mod connection;
mod convention_set;
mod error;
#[cfg(feature = "json")]
mod json;
mod limits;
mod lines;
mod names;
mod own_fields;
mod owned;
mod plan;
mod prefilter;
mod read_plan;
mod reading;
mod request_limits;
mod reserved;
mod rule;
mod table;
mod traceparent;
mod vendor;
mod vendors;
mod write;
mod written;

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use http::{HeaderMap, HeaderName};

pub use self::{
    builder::ConventionBuilder,
    convention_set::{ConventionSet, Extracted},
    error::InvalidConvention,
    limits::{Charset, ValueLimits},
    request_limits::RequestLimits,
    rule::Rule,
    written::WriteReport,
};
pub(crate) use self::{
    clients::Client,
    owned::Owned,
    read_plan::Trust,
    vendors::{VendorPattern, Vendors},
    write::Existing,
};
use self::{own_fields::OwnFields, plan::Plans, read_plan::ReadPlan};
use crate::FieldKey;

/// Convention of one vendor: which header carries which field, for writing and for
/// reading.
///
/// Take one from [`conventions`](crate::conventions), make one for a vendor
/// that follows the usual scheme with [`vendor`](Self::vendor), or spell it
/// out with [`builder`](Self::builder). A clone costs one atomic.
///
/// It works on bare headers, with no Tower:
///
/// ```
/// use http::HeaderMap;
/// use tower_metadata_headers::{Convention, Metadata, SessionId};
///
/// let zoo = Convention::vendor("zoo")?;
/// let metadata = Metadata::new().with(SessionId::try_from("s-1")?);
///
/// let mut headers = HeaderMap::new();
/// zoo.write(&metadata, &mut headers);
/// assert_eq!(headers["x-zoo-session-id"], "s-1");
///
/// let extracted = zoo.read(&headers);
/// assert_eq!(extracted.metadata, metadata);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Convention(Arc<Inner>);

struct Inner {
    /// The builder, with a rule for each field of the rest.
    builder: ConventionBuilder,
    /// The same without those rules, where there are any.
    unexpanded: Option<ConventionBuilder>,
    /// The headers to write, in order.
    writes: Vec<Write>,
    /// Every header that is this convention's, to be removed before writing.
    owned: Owned,
    /// Plans for writing metadata with certain fields.
    plans: Plans,
    /// Names of the headers for the user's own fields, if they have any.
    own_fields: Option<OwnFields>,
    /// The plan for reading this convention alone, made when it is first needed.
    read_plan: OnceLock<ReadPlan>,
}

/// A header to write.
struct Write {
    header: HeaderName,
    content: Content,
    /// Other names by which the header is read.
    spellings: Vec<Cow<'static, str>>,
    /// Fields that may go into it: a bit for each well-known one.
    known: u32,
    /// True if a field of the user's own may go into it.
    takes_others: bool,
}

/// Content of a header's value.
enum Content {
    /// A field's value.
    Value(Sources),
    /// A field, as the member with this key of baggage.
    Baggage(Cow<'static, str>, Sources),
    /// A field, as a JSON string.
    #[cfg(feature = "json")]
    JsonString(Sources),
    /// A JSON object.
    #[cfg(feature = "json")]
    Object(json::Object),
}

/// The fields that may go into one place, and what its reader accepts.
struct Sources {
    /// The first that the metadata has is written.
    keys: Vec<FieldKey>,
    limits: ValueLimits,
    /// True if the value stands there without a header's escapes.
    is_plain: bool,
    /// True if all that stands there is identity.
    identity: bool,
}

/// Provenance of a convention of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provenance {
    /// The project and file, or the page.
    pub source: &'static str,
    /// The day it was checked, as year, month and day.
    pub checked: &'static str,
    /// Kind of that source.
    pub evidence: Evidence,
}

/// Kind of source that a spelling is from, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Evidence {
    /// The vendor's own source code.
    Code,
    /// The vendor's documentation.
    Documentation,
    /// An issue or a pull request of the maintainers.
    Issue,
    /// Captures, or code that others wrote to work with it.
    Capture,
}

impl Convention {
    /// Creates a builder for a convention of your own.
    ///
    /// The name is for logs and look-ups: letters and digits in words that
    /// single hyphens join.
    pub fn builder(name: impl Into<Cow<'static, str>>) -> ConventionBuilder {
        ConventionBuilder::new(name.into())
    }

    /// Reads the fields of correlation from the headers. Those of identity are
    /// reported as [`Reason::Untrusted`](crate::Reason::Untrusted).
    ///
    /// A field that is repeated, malformed, ambiguous or named in `Connection` is
    /// left empty and reported, and no other field is lost. To read several
    /// conventions in one pass, use a [`ConventionSet`].
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::{SessionId, conventions};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-opencode-session", HeaderValue::from_static("ses_1"));
    /// let extracted = conventions::opencode().read(&headers);
    /// assert_eq!(extracted.metadata.get::<SessionId>().unwrap().as_str(), "ses_1");
    /// ```
    #[must_use]
    pub fn read(&self, headers: &HeaderMap) -> Extracted {
        self.read_as(headers, Trust::CorrelationOnly)
    }

    /// Reads all fields from the headers of a trusted request, also those of
    /// identity.
    ///
    /// # Security
    ///
    /// Anyone can set a header. Use this only for a sender that you have
    /// authenticated, and that may name any user or project.
    #[must_use]
    pub fn read_trusted(&self, headers: &HeaderMap) -> Extracted {
        self.read_as(headers, Trust::Identity)
    }

    fn read_as(&self, headers: &HeaderMap, trust: Trust) -> Extracted {
        let Inner {
            builder, read_plan, ..
        } = &*self.0;
        let plan = read_plan.get_or_init(|| ReadPlan::new([builder]));
        plan.read(headers, trust, None, builder.request_limits).0
    }

    /// Returns the builder of this convention, to add to it.
    ///
    /// A rule that is added for a field takes it out of what
    /// [`ConventionBuilder::other_fields_prefix`] writes.
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
        let unexpanded = self.0.unexpanded.as_ref();
        unexpanded.unwrap_or(&self.0.builder).clone()
    }

    /// Returns the convention's name, for example `zoo`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.builder.name
    }

    /// Returns where the spelling is from, for the conventions of this crate.
    #[must_use]
    pub fn provenance(&self) -> Option<Provenance> {
        self.0.builder.source
    }

    /// Returns an iterator over the rules, in order.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.0.builder.rules.iter()
    }

    /// Returns an iterator over the prefixes of header names that all belong to
    /// this convention.
    pub fn owned_prefixes(&self) -> impl Iterator<Item = &str> {
        self.0.builder.families.iter().map(Cow::as_ref)
    }

    /// Returns true if it reads the `x-<vendor>-session-id` of any vendor.
    #[must_use]
    pub fn reads_any_vendor(&self) -> bool {
        let pattern = self.0.builder.vendors;
        pattern.is_some_and(|pattern| !matches!(pattern.vendors, Vendors::Listed(_)))
    }

    /// Returns the vendors whose `x-<vendor>-session-id` it reads, if it reads
    /// those of a list and no others.
    ///
    /// ```
    /// use tower_metadata_headers::conventions;
    ///
    /// assert!(conventions::known_vendors().listed_vendors().contains(&"pochi"));
    /// assert!(conventions::any_vendor().reads_any_vendor());
    /// ```
    #[must_use]
    pub fn listed_vendors(&self) -> &'static [&'static str] {
        match self.0.builder.vendors.map(|pattern| pattern.vendors) {
            Some(Vendors::Listed(vendors)) => vendors,
            _ => &[],
        }
    }

    /// Returns the program that sends its headers, as a
    /// [`ClientName`](crate::ClientName) has it.
    #[must_use]
    pub fn client(&self) -> Option<&'static str> {
        self.0.builder.client.map(|client| client.name)
    }

    /// Returns the public hosts that read its headers.
    #[must_use]
    pub fn hosts(&self) -> &'static [&'static str] {
        self.0.builder.hosts
    }

    /// Returns the headers that it writes, each with the fields that it may
    /// carry: of those that the metadata has, the first that fits the header's
    /// limits is written.
    ///
    /// Headers with a JSON object come once for each member.
    pub fn writes(&self) -> impl Iterator<Item = (&str, Vec<FieldKey>)> {
        let rules = self.0.builder.rules.iter();
        rules
            .filter(|rule| rule.written)
            .map(|rule| (rule.header.as_ref(), rule.sources().collect()))
    }

    /// Returns an iterator over the headers that it reads, each with the field that
    /// it carries.
    pub fn reads(&self) -> impl Iterator<Item = (&str, FieldKey)> {
        let rules = self.0.builder.rules.iter();
        let rules = rules.filter(|rule| rule.read);
        rules.flat_map(|rule| rule.names().map(|name| (name.as_ref(), rule.field)))
    }

    /// Returns true if the two are one: clones of the same convention.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Convention").field(&self.name()).finish()
    }
}
