use super::located::Located;
use crate::Convention;

/// Maximum number of headers and prefixes in several conventions, whose plans take some
/// hundred bytes for each.
const MAX_HEADERS: usize = 4_096;

/// Checks that conventions have at most [`MAX_HEADERS`] headers and prefixes together.
pub(super) fn check_headers<'c>(
    conventions: impl IntoIterator<Item = &'c Convention>,
) -> Result<(), Located> {
    let count = |convention: &Convention| {
        let definition = convention.definition();
        let names = definition.names().count() + definition.owned_or_passed_on().count();
        names + definition.owned_prefixes.len()
    };
    if conventions.into_iter().map(count).sum::<usize>() > MAX_HEADERS {
        let problem = format!("the conventions must not have more than {MAX_HEADERS} headers");
        return Err(Located::new(problem));
    }
    Ok(())
}

/// Returns true if an option has its default, so that it need not be serialized.
pub(super) fn is_default<T: Default + PartialEq>(option: &T) -> bool {
    *option == T::default()
}
