use std::{borrow::Cow, sync::OnceLock};

use http::HeaderName;

use super::reserved;
use crate::FieldKey;

/// The names under which a vendor's convention writes the user's own fields,
/// which it learns of when it meets them. Each is made once and kept; reading
/// one takes no lock.
pub(super) struct OwnFields {
    /// What each name begins with, for example `x-zoo-`.
    prefix: Cow<'static, str>,
    names: [OnceLock<(FieldKey, HeaderName)>; 16],
}

impl OwnFields {
    pub(super) fn new(prefix: Cow<'static, str>) -> Self {
        Self {
            prefix,
            names: Default::default(),
        }
    }

    /// The header for this field, unless it would be somebody else's.
    pub(super) fn name(&self, key: FieldKey) -> Option<Cow<'_, HeaderName>> {
        for slot in &self.names {
            let known = match slot.get() {
                Some(known) => known,
                None => {
                    let made = self.make(key)?;
                    slot.get_or_init(|| (key, made))
                }
            };
            if known.0 == key {
                return Some(Cow::Borrowed(&known.1));
            }
        }
        self.make(key).map(Cow::Owned)
    }

    fn make(&self, key: FieldKey) -> Option<HeaderName> {
        let name = format!("{}{key}", self.prefix);
        if reserved::is_reserved(&name) {
            return None;
        }
        HeaderName::try_from(name).ok()
    }
}
