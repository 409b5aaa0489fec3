use std::sync::OnceLock;

use http::{HeaderMap, HeaderName};

use super::header::WriteHeader;
use crate::{
    Class, Metadata,
    encoding::Encoding,
    limits::RequestLimits,
    metadata::{bit, position},
};

/// Plans for writing metadata with certain fields. Each is made when such metadata is first
/// written, because a client's requests mostly have the same fields.
///
/// Reading a plan takes no lock. Metadata without a plan is written too, more slowly.
pub(super) struct CachedPlans([OnceLock<Plan>; MOST]);

/// The number of plans, which are searched in order. One program's requests have few sets
/// of fields: with and without a parent, an agent, a turn. A gateway's have more. A set
/// beyond the first 8 costs a scan of all plans, and is written without one.
const MOST: usize = 8;

struct Plan {
    /// Fields: a bit for each well-known one.
    known: u32,
    /// `None` if a header needs more than its value set.
    steps: Option<Steps>,
}

struct Steps {
    /// The fields that are written.
    carried: u32,
    /// Index of a field in the metadata, and its header.
    headers: Vec<(usize, HeaderName)>,
    /// Bytes that the limits leave for values, after the names.
    bytes: usize,
    most_in_value: usize,
}

impl CachedPlans {
    pub(super) fn new() -> Self {
        Self(Default::default())
    }

    /// Writes metadata to headers that have none of the convention's, and returns the
    /// fields that went into one. If it returns `None`, it may have written some of them,
    /// and all have to be written without a plan.
    // Out of line, because the loop needs all registers.
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
        let plan = self.0.iter().map(|slot| match slot.get() {
            Some(plan) => plan,
            None => slot.get_or_init(|| Plan::new(writes, request_limits, known)),
        });
        let steps = plan
            .into_iter()
            .find(|plan| plan.known == known)?
            .steps
            .as_ref()?;
        let mut left = steps.bytes;
        for (at, header) in &steps.headers {
            let value = metadata.at(*at)?;
            if value.len() > steps.most_in_value {
                return None;
            }
            left = left.checked_sub(value.len())?;
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
            let mut keys = sources.keys.iter();
            let first = *keys.find(|&&key| known & bit(key) != 0)?;
            // A field that is identity only in this header must be marked, and may have to
            // be withheld.
            let is_raised = sources.is_identity && first.class() != Class::Identity;
            if !sources.limits.is_none() || is_raised {
                return None;
            }
            carried |= bit(first);
            headers.push((position(known, bit(first)), write.name.clone()));
        }
        let names = headers.iter().map(|(_, name)| name.as_str().len());
        Some(Self {
            carried,
            bytes: request_limits.most_in_values(headers.len(), names.sum())?,
            most_in_value: request_limits.most_in_value(),
            headers,
        })
    }
}
