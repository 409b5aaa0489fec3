//! Removal of hop-by-hop headers.

use http::{
    HeaderMap, HeaderName,
    header::{
        CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING,
        UPGRADE,
    },
};

/// Removes hop-by-hop headers, and headers that are nominated by `Connection`.
///
/// This runs before the relay writes its own headers. A client that nominates
/// the relay's headers can't have them removed.
pub(crate) fn remove(headers: &mut HeaderMap) {
    // Collected before removal, because a field line may nominate `connection`.
    let nominated: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect();
    for name in nominated.iter().chain(&FIXED) {
        headers.remove(name);
    }
}

const FIXED: [HeaderName; 10] = [
    CONNECTION,
    HeaderName::from_static("http2-settings"),
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];
