//! Removal of hop-by-hop headers.

use http::{HeaderMap, HeaderName, header::CONNECTION};

/// Removes hop-by-hop headers, and headers that are nominated by `Connection`.
///
/// This runs before the relay writes its own headers. A client that nominates
/// the relay's headers can't have them removed.
pub(crate) fn remove(headers: &mut HeaderMap) {
    // Collected before removal, because a field line may nominate `connection`.
    let nominated = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok());
    // Most requests have none of the fixed names. A look at each name that is there takes less
    // time than a search for each fixed one.
    let fixed = headers.keys().filter(|name| is_fixed(name)).cloned();
    let names: Vec<HeaderName> = nominated.chain(fixed).collect();
    for name in names {
        headers.remove(name);
    }
}

fn is_fixed(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "http2-settings"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}
