//! Vendors' spellings: which header carries which field.

mod baggage;
mod budget;
mod builder;
mod candidates;
mod check;
mod clients;
mod connection;
mod error;
mod extractor;
#[cfg(feature = "json")]
mod json;
mod limits;
mod lines;
mod names;
mod own_fields;
mod owned;
mod plan;
mod reading;
mod reserved;
mod rule;
mod starts;
mod table;
mod traceparent;
mod vendor;
mod vendors;
mod write;
mod written;

use std::{borrow::Cow, fmt, sync::Arc};

use http::HeaderName;

pub use self::{
    budget::{Budget, InvalidBudget},
    builder::Builder,
    error::InvalidConvention,
    extractor::{Extracted, Extractor},
    limits::{Form, Limits},
    rule::Rule,
    written::Written,
};
pub(crate) use self::{
    clients::Client, extractor::Trust, owned::Owned, vendors::Vendors, write::Existing,
};
use self::{own_fields::OwnFields, plan::Plans};
use crate::FieldKey;

/// One vendor's spelling: which header carries which field, for writing and
/// for reading.
///
/// Take one from [`conventions`](crate::conventions), make one for a vendor
/// that follows the usual scheme with [`vendor`](Self::vendor), or spell it
/// out with [`builder`](Self::builder). A clone costs one atomic.
///
/// It works on bare headers, with no Tower:
///
/// ```
/// use http::HeaderMap;
/// use tower_metadata_headers::{Convention, Extractor, Metadata, SessionId};
///
/// let zoo = Convention::vendor("zoo")?;
/// let metadata = Metadata::new().with(SessionId::try_from("s-1")?);
///
/// let mut headers = HeaderMap::new();
/// zoo.write(&metadata, &mut headers);
/// assert_eq!(headers["x-zoo-session-id"], "s-1");
///
/// let extracted = Extractor::from(zoo).read(&headers);
/// assert_eq!(extracted.metadata, metadata);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Convention(Arc<Inner>);

struct Inner {
    /// What it was built from, with a rule for each field of the rest.
    builder: Builder,
    /// The same without those rules, where there are any.
    unexpanded: Option<Builder>,
    /// The headers to write, in order.
    writes: Vec<Write>,
    /// Every header that is this convention's, to be removed before writing.
    owned: Owned,
    /// How metadata with certain fields is written.
    plans: Plans,
    /// How the user's own fields are spelt, where they have a spelling.
    own_fields: Option<OwnFields>,
}

/// A header to write.
struct Write {
    header: HeaderName,
    content: Content,
    /// What else the header is read by.
    spellings: Vec<Cow<'static, str>>,
    /// Which metadata has something for it: a bit for each well-known field.
    known: u32,
    /// Whether a field of the user's own may go into it.
    takes_others: bool,
}

/// What a header's value is made of.
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
    limits: Limits,
    /// Whether the value stands there without a header's escapes.
    is_plain: bool,
    /// Whether all that stands there is identity.
    identity: bool,
}

/// Where a convention of this crate is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// The project and file, or the page.
    pub source: &'static str,
    /// The day it was checked, as year, month and day.
    pub checked: &'static str,
    /// What kind of place it is, and so how sure we are.
    pub evidence: Evidence,
}

/// How we know a spelling, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Evidence {
    /// The vendor's own source code.
    Code,
    /// The vendor's documentation.
    Documentation,
    /// What the maintainers wrote in an issue or a pull request.
    Issue,
    /// What others captured, or wrote to work with it.
    Capture,
}

impl Convention {
    /// Begins a convention of your own.
    ///
    /// The name is for logs and look-ups: letters and digits in words that
    /// single hyphens join.
    pub fn builder(name: impl Into<Cow<'static, str>>) -> Builder {
        Builder::new(name.into())
    }

    /// Returns the builder of this convention, to add to it.
    ///
    /// A rule that is added for a field takes it out of what
    /// [`Builder::rest`] writes.
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
    pub fn to_builder(&self) -> Builder {
        let unexpanded = self.0.unexpanded.as_ref();
        unexpanded.unwrap_or(&self.0.builder).clone()
    }

    /// The convention's name, for example `zoo`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.builder.name
    }

    /// Where the spelling is from, for the conventions of this crate.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        self.0.builder.source
    }

    /// Its rules, in order.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.0.builder.rules.iter()
    }

    /// The prefixes of the headers that are all its own.
    pub fn families(&self) -> impl Iterator<Item = &str> {
        self.0.builder.families.iter().map(Cow::as_ref)
    }

    /// Returns true if it reads the `x-<vendor>-session-id` of any vendor.
    #[must_use]
    pub fn reads_any_vendor(&self) -> bool {
        self.0.builder.vendors.is_some() && self.listed_vendors().is_empty()
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
        let patterns = self.0.builder.vendors;
        patterns.map(Vendors::listed).unwrap_or_default()
    }

    /// The program that its headers tell of, as [`ClientName`](crate::ClientName).
    #[must_use]
    pub fn client(&self) -> Option<&'static str> {
        self.0.builder.client.map(|client| client.name)
    }

    /// The public hosts that speak it.
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

    /// The headers that it reads, each with the field that it carries.
    pub fn reads(&self) -> impl Iterator<Item = (&str, FieldKey)> {
        let rules = self.0.builder.rules.iter();
        let rules = rules.filter(|rule| rule.read);
        rules.flat_map(|rule| rule.names().map(|name| (name.as_ref(), rule.field)))
    }

    /// Whether the two are one: clones of the same convention.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Convention").field(&self.name()).finish()
    }
}
