use std::sync::OnceLock;

use http::{HeaderMap, HeaderName};

use super::header::WriteHeader;
use crate::{
    Class, Metadata,
    encoding::Encoding,
    limits::RequestLimits,
    metadata::{bit, position},
};

/// Plans for writing, one for each set of fields. A plan is created for the first metadata
/// with a set, because most requests of a client have the same fields.
///
/// Reading a plan takes no lock. Metadata without a plan is written by `pass.rs`.
///
/// Boxed on first use, because most conventions are only read.
pub(super) struct CachedPlans(OnceLock<Box<[OnceLock<Plan>; MAX_PLANS]>>);

/// Maximum number of plans. The requests of one program have few sets of fields: a parent,
/// an agent and a turn, each present or absent, make 8.
///
/// The plans are searched in order, so a higher number would make every miss slower. A
/// gateway may have more sets. Each set beyond the first 8 costs a scan of all plans, and
/// then a write without a plan. The number is fixed, so a sender of many sets cannot fill
/// the memory.
const MAX_PLANS: usize = 8;

/// Plan for metadata with one set of fields.
struct Plan {
    /// Fields of the metadata: a bit for each well-known field.
    known: u32,
    /// `None` if a header needs more than a copy of the value.
    steps: Option<Steps>,
}

/// Headers to insert, whose values are the fields' values unchanged.
struct Steps {
    /// Bits of the fields that are written.
    carried: u32,
    /// Index of a field in the metadata, and its header.
    headers: Vec<(usize, HeaderName)>,
    /// The bytes that the limits leave for values, after the names.
    bytes: usize,
    value_limit: usize,
}

impl CachedPlans {
    pub(super) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Writes metadata to headers that have no header of the convention, and returns the
    /// fields that were written. If it returns `None`, all fields must be written without a
    /// plan, which overwrites any that were written here.
    // Out of line, so that the loop has all registers.
    #[inline(never)]
    pub(super) fn write(
        &self,
        writes: &[WriteHeader],
        request_limits: RequestLimits,
        metadata: &Metadata,
        headers: &mut HeaderMap,
    ) -> Option<u32> {
        if metadata.has_own_fields() {
            return None;
        }
        let known = metadata.known();
        let steps = self
            .0
            .get_or_init(Box::default)
            .iter()
            .map(|slot| match slot.get() {
                Some(plan) => plan,
                None => slot.get_or_init(|| Plan::new(writes, request_limits, known)),
            })
            .find(|plan| plan.known == known)?
            .steps
            .as_ref()?;
        let mut remaining = steps.bytes;
        for (at, header) in &steps.headers {
            // The metadata has the fields of the plan, so it has a value at the index.
            let value = metadata.at(*at)?;
            if value.len() > steps.value_limit {
                return None;
            }
            remaining = remaining.checked_sub(value.len())?;
            // If the map is full, the write without a plan reports it.
            headers.try_insert(header, value.clone()).ok()?;
        }
        Some(steps.carried)
    }
}

impl Plan {
    #[cold]
    fn new(writes: &[WriteHeader], request_limits: RequestLimits, known: u32) -> Self {
        Self {
            known,
            steps: Steps::new(writes, request_limits, known),
        }
    }
}

impl Steps {
    fn new(writes: &[WriteHeader], request_limits: RequestLimits, known: u32) -> Option<Self> {
        let mut headers = Vec::new();
        let mut carried = 0;
        for write in writes.iter().filter(|write| write.known & known != 0) {
            let Encoding::Plain(sources) = &write.encoding else {
                return None;
            };
            // The header has a field of the metadata: see the filter above.
            let first = *sources.keys.iter().find(|&&key| known & bit(key) != 0)?;
            // A field that is identity only in this header must be marked as sensitive, and
            // a policy may withhold it.
            let is_raised = sources.is_identity && first.class() != Class::Identity;
            if !sources.limits.is_none() || is_raised {
                return None;
            }
            carried |= bit(first);
            headers.push((position(known, bit(first)), write.name.clone()));
        }
        let name_bytes = headers.iter().map(|(_, name)| name.as_str().len()).sum();
        Some(Self {
            carried,
            bytes: request_limits.bytes_after_names(headers.len(), name_bytes)?,
            value_limit: request_limits.value_limit(),
            headers,
        })
    }
}
