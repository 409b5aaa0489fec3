use crate::{encoding::Encoding, header_set::HeaderSet, rule::Definition};

/// Headers that belong to a set of conventions, look-alikes included, and their members of
/// baggage. They are removed before writing.
pub(crate) type OwnedHeaders = HeaderSet<(), ()>;

/// Returns the headers that belong to any of these conventions.
pub(crate) fn owned_headers<'a>(
    definitions: impl IntoIterator<Item = &'a Definition>,
) -> OwnedHeaders {
    let (mut names, mut prefixes) = (Vec::new(), Vec::new());
    let (mut patterns, mut baggage_keys) = (Vec::new(), Vec::new());
    for definition in definitions {
        for rule in &definition.rules {
            if let Encoding::Baggage(key) = &rule.encoding {
                baggage_keys.push(key.clone());
            } else if !rule.is_shared() {
                names.extend(rule.names().filter(|name| rule.owns(name)).cloned());
            }
        }
        names.extend(definition.objects().cloned());
        names.extend(definition.owned_or_passed_on().cloned());
        prefixes.extend(definition.owned_prefixes.iter().cloned());
        patterns.extend(definition.vendors);
    }
    // The members of one object have one header, and conventions share names.
    names.sort_unstable();
    names.dedup();
    HeaderSet::new(
        names.into_iter().map(|name| (name, ())).collect(),
        prefixes.into_iter().map(|prefix| (prefix, ())).collect(),
        patterns,
        baggage_keys,
    )
}
