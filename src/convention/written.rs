use super::Convention;
use crate::{Fault, Faults, FieldKey, Metadata, Reason};

/// What came of each field that was to be written.
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
/// assert!(written.has::<SessionId>());
/// let faults = written.faults();
/// let fault = faults.iter().next().unwrap();
/// assert_eq!(fault.field().unwrap().name(), "agent-id");
/// assert_eq!(fault.reason(), Reason::NoPlace);
/// # Ok::<(), tower_metadata_headers::InvalidValue>(())
/// ```
#[derive(Clone, Debug)]
pub struct Written<'a> {
    convention: &'a Convention,
    metadata: &'a Metadata,
    /// What had a place, and could not or was not to be written there.
    unset: Faults,
}

impl<'a> Written<'a> {
    pub(super) const fn new(
        convention: &'a Convention,
        metadata: &'a Metadata,
        unset: Faults,
    ) -> Self {
        Self {
            convention,
            metadata,
            unset,
        }
    }

    /// The fields that went into a header.
    pub fn fields(&self) -> impl Iterator<Item = FieldKey> {
        self.metadata.keys().filter(|&key| self.carried(key))
    }

    /// Whether this field went into a header.
    #[must_use]
    pub fn has<F: crate::Field>(&self) -> bool {
        self.fields().any(|key| key == FieldKey::of::<F>())
    }

    /// The fields that did not, each with the reason: the convention has no
    /// header for it, its reader would not accept the value, or the header
    /// could not be set.
    #[must_use]
    pub fn faults(&self) -> Faults {
        let mut faults = self.unset.clone();
        for key in self.metadata.keys() {
            if self.convention.places(key, self.metadata) == 0 && !self.unset.has(key) {
                faults.push(Fault::new(Reason::NoPlace).of(key));
            }
        }
        faults
    }

    /// Whether one of the field's places was written.
    fn carried(&self, key: FieldKey) -> bool {
        let failed = self.unset.iter().filter(|fault| fault.field() == Some(key));
        self.convention.places(key, self.metadata) > failed.count()
    }
}
