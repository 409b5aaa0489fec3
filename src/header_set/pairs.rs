//! Headers from pairs of name and value, for callers without a `HeaderMap`.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::Reason;

/// Headers that a caller passed as pairs.
pub(crate) struct Headers {
    pub(crate) map: HeaderMap,
    /// The names as the caller wrote them.
    pub(crate) caller_names: BTreeMap<String, HeaderName>,
}

impl Headers {
    /// Collects the headers. A name that is not valid in HTTP is ignored, because it can
    /// neither be sent nor be in a convention.
    ///
    /// # Errors
    ///
    /// Returns an error if there are more headers than a `HeaderMap` can have.
    pub(crate) fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self, Reason>
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        let mut map = HeaderMap::new();
        let mut caller_names = BTreeMap::new();
        for (caller_name, value) in pairs {
            let caller_name = caller_name.as_ref();
            let Ok(name) = HeaderName::from_bytes(caller_name.as_bytes()) else {
                continue;
            };
            map.try_append(&name, header_value(value.as_ref()))
                .map_err(|_| Reason::HeaderMapFull)?;
            caller_names.insert(caller_name.to_owned(), name);
        }
        Ok(Self { map, caller_names })
    }
}

/// Returns a value as a `HeaderValue`. A byte that is not valid in a header becomes `0xFF`,
/// which no field accepts, so that the value is reported as invalid.
fn header_value(value: &[u8]) -> HeaderValue {
    if let Ok(value) = HeaderValue::from_bytes(value) {
        return value;
    }
    let is_valid = |byte: u8| byte == b'\t' || (byte >= b' ' && byte != 0x7f);
    let valid = value
        .iter()
        .map(|&byte| if is_valid(byte) { byte } else { 0xff });
    let valid = HeaderValue::from_bytes(&valid.collect::<Vec<u8>>());
    debug_assert!(valid.is_ok(), "invalid bytes were replaced");
    valid.unwrap_or(HeaderValue::from_static(""))
}
