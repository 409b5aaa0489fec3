use crate::{Fault, Faults, FieldKey, Metadata, Reason, metadata::bit};

/// Report of a write: the fields that were written, and the faults of all others.
///
/// ```
/// use http::HeaderMap;
/// use tower_metadata_headers::{AgentId, Metadata, Reason, SessionId, conventions};
///
/// let metadata = Metadata::new()
///     .with(SessionId::try_from("s-1")?)
///     .with(AgentId::try_from("a-1")?);
/// let opencode = conventions::opencode();
/// let mut headers = HeaderMap::new();
/// let written = opencode.write(&metadata, &mut headers);
///
/// assert!(written.contains::<SessionId>());
/// assert_eq!(written.fields().count(), 1);
/// let faults = written.faults();
/// let fault = faults.iter().next().unwrap();
/// assert_eq!(fault.field().unwrap().name(), "agent-id");
/// assert_eq!(fault.reason(), Reason::Unsupported);
/// # Ok::<(), tower_metadata_headers::InvalidValue>(())
/// ```
#[derive(Clone, Debug)]
pub struct WriteReport<'m> {
    metadata: &'m Metadata,
    outcome: Outcome,
    /// Reason for which the fields without an outcome were not written.
    reason: Reason,
}

/// Outcome for the fields that have a header.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) carried: Fields,
    /// Boxed, so that a report without faults is cheap to create and to drop.
    failed: Option<Box<Failed>>,
}

#[derive(Clone, Debug)]
struct Failed {
    fields: Fields,
    faults: Faults,
}

/// Set of fields. It allocates only for the user's own fields.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// A bit for each well-known field.
    known: u32,
    /// The user's own fields, sorted.
    own: Vec<FieldKey>,
}

impl<'m> WriteReport<'m> {
    #[inline]
    pub(super) const fn new(metadata: &'m Metadata, outcome: Outcome) -> Self {
        Self {
            metadata,
            outcome,
            reason: Reason::Unsupported,
        }
    }

    /// Creates the report of a write that wrote nothing, for this reason.
    #[inline]
    pub(crate) const fn nothing(metadata: &'m Metadata, reason: Reason) -> Self {
        Self {
            metadata,
            outcome: Outcome::new(),
            reason,
        }
    }

    /// Returns an iterator over the fields that were written to a header.
    pub fn fields(&self) -> impl Iterator<Item = FieldKey> {
        self.metadata
            .keys()
            .filter(|&key| self.outcome.carried.contains(key))
    }

    /// Returns true if this field was written to a header.
    #[must_use]
    pub fn contains<F: crate::Field>(&self) -> bool {
        self.outcome.carried.contains(FieldKey::of::<F>())
    }

    /// Returns a fault for each field that was not written, and for each further header to
    /// which a written field was not written. The reasons are:
    ///
    /// - The convention has no header for the field ([`Reason::Unsupported`]).
    /// - The value is outside the limits of the header's reader.
    /// - The request already has the header, and it is kept ([`Reason::AlreadySet`]).
    /// - The header would exceed the [`RequestLimits`](crate::RequestLimits), or the header
    ///   map is full ([`Reason::HeaderMapFull`]).
    /// - The destination gets no metadata ([`Reason::UnknownDestination`],
    ///   [`Reason::InsecureScheme`]), or no identity ([`Reason::Withheld`]).
    #[must_use]
    pub fn faults(&self) -> Faults {
        let Outcome { carried, failed } = &self.outcome;
        let failed = failed.as_deref();
        let mut faults = failed.map_or(Faults::new(), |failed| failed.faults.clone());
        for key in self.metadata.keys() {
            let has_failed = failed.is_some_and(|failed| failed.fields.contains(key));
            if !carried.contains(key) && !has_failed {
                faults.push(Fault::new(self.reason).of(key));
            }
        }
        faults
    }
}

impl Outcome {
    pub(super) const fn new() -> Self {
        Self::all(0)
    }

    /// Creates the outcome of a write in which these well-known fields were written, and
    /// none failed.
    #[inline]
    pub(super) const fn all(carried: u32) -> Self {
        Self {
            carried: Fields::known(carried),
            failed: None,
        }
    }

    pub(super) fn fault(&mut self, fault: Fault, key: FieldKey) {
        let failed = self.failed.get_or_insert_with(|| {
            Box::new(Failed {
                fields: Fields::known(0),
                faults: Faults::new(),
            })
        });
        failed.faults.push(fault.of(key));
        // `Faults` keeps only the first faults, so `faults` may not have the field.
        failed.fields.insert(key);
    }
}

impl Fields {
    #[inline]
    const fn known(known: u32) -> Self {
        Self {
            known,
            own: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn insert(&mut self, key: FieldKey) {
        match bit(key) {
            0 => {
                if let Err(at) = self.own.binary_search(&key) {
                    self.own.insert(at, key);
                }
            }
            bit => self.known |= bit,
        }
    }

    fn contains(&self, key: FieldKey) -> bool {
        match bit(key) {
            0 => self.own.binary_search(&key).is_ok(),
            bit => self.known & bit != 0,
        }
    }
}
