use std::{borrow::Cow, sync::OnceLock};

use http::HeaderName;

use crate::{FieldKey, header_set::separators::eq_ignoring_separators, rule::reserved};

/// Names of the headers for the user's own fields, as a vendor's convention spells them.
///
/// The fields are not known before they are written. Each name is made once and kept as
/// long as the convention; reading one takes no lock.
pub(super) struct OwnFields {
    /// Prefix of each name, for example `x-zoo-`.
    prefix: Cow<'static, str>,
    /// The names that rules have.
    taken: Vec<Cow<'static, str>>,
    names: [OnceLock<(FieldKey, Option<HeaderName>)>; MOST],
}

/// The number of names that are kept, which are searched in order. A program has its own
/// fields as types, so their number is fixed and small; names beyond it are made at each
/// write, so that what is kept stays bounded.
const MOST: usize = 16;

impl OwnFields {
    pub(super) fn new(prefix: Cow<'static, str>, taken: Vec<Cow<'static, str>>) -> Self {
        Self {
            prefix,
            taken,
            names: Default::default(),
        }
    }

    /// Returns the header for this field, unless its name belongs to another field or is
    /// reserved.
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
