use std::{borrow::Cow, sync::OnceLock};

use http::HeaderName;

use super::{names::eq_ignoring_separators, reserved};
use crate::FieldKey;

/// The names under which a vendor's convention writes the user's own fields,
/// which it learns of when it meets them. Each is made once and kept as long as
/// the convention; reading one takes no lock.
pub(super) struct OwnFields {
    /// Prefix of each name, for example `x-zoo-`.
    prefix: Cow<'static, str>,
    /// The names that rules have.
    taken: Vec<Cow<'static, str>>,
    names: [OnceLock<(FieldKey, Option<HeaderName>)>; 16],
}

impl OwnFields {
    pub(super) fn new(prefix: Cow<'static, str>, taken: Vec<Cow<'static, str>>) -> Self {
        Self {
            prefix,
            taken,
            names: Default::default(),
        }
    }

    /// The header for this field, unless it would be another field's or
    /// somebody else's.
    pub(super) fn name(&self, key: FieldKey) -> Option<Cow<'_, HeaderName>> {
        for slot in &self.names {
            let (known, name) = slot.get_or_init(|| (key, self.make(key)));
            if *known == key {
                return name.as_ref().map(Cow::Borrowed);
            }
        }
        self.make(key).map(Cow::Owned)
    }

    fn make(&self, key: FieldKey) -> Option<HeaderName> {
        let name = format!("{}{key}", self.prefix);
        let is_taken =
            |taken: &Cow<'_, str>| eq_ignoring_separators(taken.as_bytes(), name.as_bytes());
        if reserved::is_reserved(&name) || self.taken.iter().any(is_taken) {
            return None;
        }
        HeaderName::try_from(name).ok()
    }
}
