use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use http::HeaderName;

/// A header's name that lives as long as the program.
///
/// Cloning it counts no references: requests of all threads write the same
/// names, and would wait for each other at the counter. Each name is kept once,
/// however often a convention is built.
pub(super) fn interned(name: &HeaderName) -> HeaderName {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    let text = match names.get(name.as_str()) {
        Some(text) => text,
        None => {
            let text: &'static str = Box::leak(name.as_str().into());
            names.insert(text);
            text
        }
    };
    HeaderName::from_static(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once() {
        for name in ["x-interned-here", "content-type"] {
            let made = || HeaderName::from_bytes(name.as_bytes()).unwrap();
            let (first, second) = (interned(&made()), interned(&made()));
            assert_eq!(first, made());
            assert_eq!(first.as_str().as_ptr(), second.as_str().as_ptr());
        }
    }
}
