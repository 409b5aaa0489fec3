use std::sync::OnceLock;

use http::{HeaderMap, HeaderName};

use super::{Content, RequestLimits, Write};
use crate::{
    Class, Metadata,
    metadata::{bit, position},
};

/// Plans for writing metadata that has just these fields, worked out when
/// the first such metadata comes: a client's requests mostly have the same.
///
/// Reading a plan takes no lock. Metadata for which there is none is written
/// all the same.
pub(super) struct Plans([OnceLock<Plan>; 8]);

struct Plan {
    /// Fields: a bit for each well-known one.
    known: u32,
    /// `None` where something needs a closer look than a plan can have.
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

impl Plans {
    pub(super) fn new() -> Self {
        Self(Default::default())
    }

    /// Writes metadata to headers that have none of the convention's, and gives
    /// the fields that went into one. Where it can't, it may have written some,
    /// and has to be done over with care.
    // Out of line its loop has the registers to itself.
    #[inline(never)]
    pub(super) fn write(
        &self,
        writes: &[Write],
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
    fn new(writes: &[Write], request_limits: RequestLimits, known: u32) -> Self {
        Self {
            known,
            steps: Steps::new(writes, request_limits, known),
        }
    }
}

impl Steps {
    fn new(writes: &[Write], request_limits: RequestLimits, known: u32) -> Option<Self> {
        let mut headers = Vec::new();
        let mut carried = 0;
        for write in writes.iter().filter(|write| write.known & known != 0) {
            let Content::Value(sources) = &write.content else {
                return None;
            };
            let mut keys = sources.keys.iter();
            let first = *keys.find(|&&key| known & bit(key) != 0)?;
            // Whoever's identity it is by its header alone, it has to be marked,
            // and may have to be withheld.
            let is_raised = sources.identity && first.class() != Class::Identity;
            if !sources.limits.is_none() || is_raised {
                return None;
            }
            carried |= bit(first);
            headers.push((position(known, bit(first)), write.header.clone()));
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
