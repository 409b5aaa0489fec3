use crate::{Field, FieldKey, metadata::bit};

/// Trust in the identity fields that a request carries. Untrusted fields are reported and
/// not read.
///
/// Correlation fields are read in any case, except from a header whose rule is
/// [`identity`](crate::Rule::identity). They are trusted by their type too.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tower_metadata_headers::{Convention, ProjectId, Trust, UserId};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-acme-project-id", HeaderValue::from_static("acme/web"));
/// headers.insert("x-acme-user-id", HeaderValue::from_static("ada"));
///
/// // The sender may name any project, and no user.
/// let trust = Trust::none().field::<ProjectId>();
/// let extracted = Convention::vendor("acme")?.read_with(&headers, &trust);
/// assert!(extracted.metadata.contains::<ProjectId>());
/// assert!(!extracted.metadata.contains::<UserId>());
/// assert_eq!(extracted.faults.len(), 1);
/// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "trust has no effect until headers are read with it"]
pub struct Trust {
    /// A bit for each well-known field, or [`ALL`].
    known: u32,
    /// Other fields: the user's own and `Properties`.
    own: Vec<FieldKey>,
}

/// Every field. More bits than there are well-known fields.
const ALL: u32 = u32::MAX;

impl Trust {
    /// Creates trust in no field.
    pub const fn none() -> Self {
        Self {
            known: 0,
            own: Vec::new(),
        }
    }

    /// Creates trust in all fields.
    pub const fn all() -> Self {
        Self {
            known: ALL,
            own: Vec::new(),
        }
    }

    /// Adds trust in this field.
    pub fn field<F: Field>(mut self) -> Self {
        let key = FieldKey::of::<F>();
        if !self.contains(key) {
            match bit(key) {
                0 => self.own.push(key),
                bit => self.known |= bit,
            }
        }
        self
    }

    /// Returns true if the field is trusted.
    ///
    /// ```
    /// use tower_metadata_headers::{FieldKey, Trust, UserId};
    ///
    /// assert!(Trust::all().contains(FieldKey::of::<UserId>()));
    /// assert!(!Trust::none().contains(FieldKey::of::<UserId>()));
    /// ```
    #[inline]
    #[must_use]
    pub fn contains(&self, field: FieldKey) -> bool {
        self.known == ALL || self.known & bit(field) != 0 || self.own.contains(&field)
    }
}
