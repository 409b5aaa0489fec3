use std::{borrow::Cow, sync::OnceLock};

use http::HeaderName;

use crate::{FieldKey, header_set::separators::eq_ignoring_separators, rule::reserved};

/// Header names for the user's own fields, in a convention with a prefix for other fields.
///
/// A field is not known before it is written for the first time. Then its name is built, and
/// kept as long as the convention. Reading a name takes no lock.
pub(super) struct OwnFields {
    /// Prefix of each name, for example `x-zoo-`.
    prefix: Cow<'static, str>,
    /// The header names of rules.
    taken: Vec<Cow<'static, str>>,
    names: [OnceLock<(FieldKey, Option<HeaderName>)>; MAX_NAMES],
}

/// Maximum number of names that are kept. A program's own fields are types, so their number
/// is small and does not grow with its requests. This crate has 18 fields for all vendors, so
/// few programs add more than 16 of their own.
///
/// The names are searched in order, so a higher number would make every miss slower. Further
/// names are built at each write, so that the memory stays bounded.
const MAX_NAMES: usize = 16;

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
            let (known, name) = slot.get_or_init(|| (key, self.build(key)));
            if *known == key {
                return name.as_ref().map(Cow::Borrowed);
            }
        }
        self.build(key).map(Cow::Owned)
    }

    /// Builds the name for this field. Returns `None` if the name belongs to another field or
    /// is reserved.
    fn build(&self, key: FieldKey) -> Option<HeaderName> {
        other_header(&self.prefix, key.name(), &self.taken)
    }
}

/// Returns the header for a field or a property without a rule. Returns `None` if its name is
/// reserved, or is one of `taken`.
pub(super) fn other_header(
    prefix: &str,
    name: &str,
    taken: &[Cow<'static, str>],
) -> Option<HeaderName> {
    let name = format!("{prefix}{name}");
    let is_name = |taken: &Cow<'_, str>| eq_ignoring_separators(taken.as_bytes(), name.as_bytes());
    if reserved::is_reserved(&name) || taken.iter().any(is_name) {
        return None;
    }
    let name = HeaderName::try_from(name);
    debug_assert!(name.is_ok(), "the prefix and the name were checked");
    name.ok()
}
