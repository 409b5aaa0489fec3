//! Conventions: mappings of fields to the headers of one vendor, for writing and reading.
//!
//! Take a [`Convention`] from [`conventions`](crate::conventions), or build one from
//! [`Rule`]s. A [`ConventionSet`] has several, in order of precedence.
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

mod builder;
mod contents;
mod convention_set;
mod places;
mod vendor;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use http::{HeaderMap, HeaderName};

#[cfg(feature = "serde")]
pub(crate) use self::convention_set::insert;
pub use self::{builder::ConventionBuilder, convention_set::ConventionSet};
use crate::{
    FieldKey, Metadata,
    read::{Followup, ReadPlan},
    rule::Definition,
    write::{Existing, OwnedHeaders, Replace, WritePlan, owned_headers},
};
pub use crate::{
    limits::{Charset, RequestLimits, ValueLimits},
    read::{Extracted, Requirements, Trust},
    rule::{Evidence, InvalidConvention, InvalidConventionKind, Precedence, Provenance, Rule},
    write::WriteReport,
};

/// Mapping of fields to the headers of one vendor, for writing and reading.
///
/// Take one from [`conventions`](crate::conventions), create the usual convention of a
/// vendor with [`vendor`](Self::vendor), or build one with [`builder`](Self::builder). A
/// clone costs one atomic operation.
///
/// A convention writes to a `HeaderMap` and reads from it, without Tower:
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
    /// The checked definition, with a rule for each of the other fields.
    definition: Definition,
    /// The definition without the rules for other fields, if it has a prefix or an object
    /// for them.
    unexpanded: Option<Box<Definition>>,
    write_plan: WritePlan,
    /// The headers of this convention, which are removed before writing. Computed on first
    /// use, because most conventions are only part of a set or of destinations. Boxed, because
    /// it has a table of 4 KiB.
    owned: OnceLock<Box<OwnedHeaders>>,
    /// Plan for reading this convention alone, created on first use, and boxed, as `owned`.
    read_plan: OnceLock<Box<ReadPlan>>,
}

impl Convention {
    /// Checks a definition and compiles its plans.
    fn new(definition: Definition) -> Result<Self, InvalidConvention> {
        let has_other_fields = definition.other_fields.is_some();
        let unexpanded = has_other_fields.then(|| Box::new(definition.clone()));
        let mut definition = definition.checked()?;
        definition.rules.shrink_to_fit();
        Ok(Self(Arc::new(Inner {
            write_plan: WritePlan::new(&definition)?,
            owned: OnceLock::new(),
            unexpanded,
            read_plan: OnceLock::new(),
            definition,
        })))
    }

    /// Writes the metadata to the headers, and returns the result for each field.
    ///
    /// Every header of this convention is removed first, even if no header is written.
    /// Look-alikes such as `x_zoo_session_id` are removed too. So no stale or smuggled header
    /// stays, and each header has one field line. If a header is nominated by `Connection`,
    /// the next hop would remove it, so the nomination is removed.
    ///
    /// This method does not check the destination of the request.
    /// [`Destinations::write`](crate::Destinations::write) checks it, and also removes the
    /// headers of the conventions that it does not write.
    pub fn write<'m>(&self, metadata: &'m Metadata, headers: &mut HeaderMap) -> WriteReport<'m> {
        self.remove_from(headers);
        self.fill(metadata, headers, Existing::Removed, None)
    }

    /// Writes only headers that the request does not have yet, and removes none. Use this
    /// for clients whose users set headers by hand.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::{Metadata, SessionId, conventions};
    ///
    /// let metadata = Metadata::new().with(SessionId::try_from("s-1")?);
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-opencode-session", HeaderValue::from_static("by-hand"));
    /// conventions::opencode().write_if_not_present(&metadata, &mut headers);
    /// assert_eq!(headers["x-opencode-session"], "by-hand");
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    pub fn write_if_not_present<'m>(
        &self,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
    ) -> WriteReport<'m> {
        self.owned().unlist_from_connection(headers);
        self.fill(metadata, headers, Existing::Kept, None)
    }

    /// Removes every header of this convention, look-alikes included.
    pub fn remove_from(&self, headers: &mut HeaderMap) {
        self.owned().remove_from(headers);
    }

    #[inline]
    fn owned(&self) -> &OwnedHeaders {
        let Inner {
            definition, owned, ..
        } = &*self.0;
        owned.get_or_init(|| Box::new(owned_headers([definition])))
    }

    /// Writes metadata to headers from which the convention's headers were removed, or in
    /// which they are kept.
    #[inline]
    pub(crate) fn fill<'m>(
        &self,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
        replace: Option<Replace<'_>>,
    ) -> WriteReport<'m> {
        self.0
            .write_plan
            .write(metadata, headers, existing, replace)
    }

    /// Returns the header whose whole value is this field.
    pub(crate) fn header_of(&self, key: FieldKey) -> Option<HeaderName> {
        self.0
            .write_plan
            .header_of(key)
            .map(std::borrow::Cow::into_owned)
    }

    /// Reads the correlation fields from the headers. Identity fields are reported as
    /// [`Reason::Untrusted`](crate::Reason::Untrusted).
    ///
    /// A field whose header is repeated, malformed, ambiguous or nominated by `Connection`
    /// is left empty and reported. Other fields are not affected.
    ///
    /// To read several conventions in one pass, use a [`ConventionSet`].
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
        self.read_as(headers, None)
    }

    /// Reads all fields, identity included, from the headers of a trusted request.
    ///
    /// # Security
    ///
    /// Anyone can set a header. Use this only for a sender that you have
    /// authenticated, and that may name any user or project.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::{UserId, conventions};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("helicone-user-id", HeaderValue::from_static("ada"));
    /// let helicone = conventions::helicone();
    /// assert!(helicone.read(&headers).metadata.get::<UserId>().is_none());
    /// assert!(helicone.read_trusted(&headers).metadata.get::<UserId>().is_some());
    /// ```
    #[must_use]
    pub fn read_trusted(&self, headers: &HeaderMap) -> Extracted {
        self.read_with(headers, &Trust::all())
    }

    /// Reads the correlation fields and the trusted identity fields: see [`Trust`].
    ///
    /// # Security
    ///
    /// Anyone can set a header. Trust a field only if you have authenticated the sender,
    /// and the sender may choose its value.
    #[must_use]
    pub fn read_with(&self, headers: &HeaderMap, trust: &Trust) -> Extracted {
        self.read_as(headers, Some(trust))
    }

    fn read_as(&self, headers: &HeaderMap, trust: Option<&Trust>) -> Extracted {
        let Inner {
            definition,
            read_plan,
            ..
        } = &*self.0;
        let plan = read_plan.get_or_init(|| Box::new(ReadPlan::new([definition])));
        let limits = definition.request_limits;
        plan.read(headers, trust, None, limits, &mut Followup::new(false))
    }

    /// Returns the definition of the convention.
    pub(crate) fn definition(&self) -> &Definition {
        &self.0.definition
    }

    /// Returns the definition without the rules that were added for other fields.
    pub(crate) fn unexpanded(&self) -> &Definition {
        // `None` means that no such rules were added.
        self.0.unexpanded.as_deref().unwrap_or(&self.0.definition)
    }

    /// Returns true if both are clones of one convention.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Two conventions are equal if they have the same name, write and read the same headers in
/// the same order, and have the same client, hosts, precedence and limits. Their provenance
/// is not compared.
///
/// ```
/// use tower_metadata_headers::{Convention, conventions};
///
/// assert_eq!(Convention::vendor("acme")?, Convention::vendor("Acme")?);
/// assert_ne!(conventions::opencode(), Convention::vendor("opencode")?);
/// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
/// ```
impl PartialEq for Convention {
    fn eq(&self, other: &Self) -> bool {
        self.is(other) || self.definition() == other.definition()
    }
}

impl Eq for Convention {}

impl fmt::Debug for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Convention").field(&self.name()).finish()
    }
}
