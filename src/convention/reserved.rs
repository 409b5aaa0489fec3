//! Header names that no convention may take: they frame messages, carry
//! credentials, or have a meaning of their own.

const NAMES: &[&str] = &[
    "age",
    "allow",
    "alt-svc",
    "api-key",
    "authorization",
    "baggage",
    "cache-control",
    "connection",
    "cookie",
    "cookie2",
    "date",
    "early-data",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "keep-alive",
    "last-event-id",
    "link",
    "location",
    "max-forwards",
    "ocp-apim-subscription-key",
    "origin",
    "pragma",
    "priority",
    "range",
    "retry-after",
    "server",
    "set-cookie",
    "te",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-api-key",
    "x-goog-api-key",
    "x-real-ip",
];

const STARTS: &[&str] = &[
    "accept",
    "access-control-",
    "content-",
    "grpc-",
    "if-",
    "proxy-",
    "sec-",
    "x-amz-",
    "x-content-",
    "x-envoy-",
    "x-forwarded-",
    "x-goog-",
    "x-http-method-",
    "x-ms-",
    "x-original-",
];

/// Whether a header name of lower case is taken. gRPC gives the end `-bin` a
/// meaning too.
pub(super) fn is_reserved(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok()
        || STARTS.iter().any(|start| name.starts_with(start))
        || name.ends_with("-bin")
}

/// Vendors' names that would make somebody else's headers: `x-request-id`'s
/// relatives, and families that have an owner.
const VENDORS: &[&str] = &[
    "amz",
    "amzn",
    "auth",
    "b3",
    "cache",
    "client",
    "content",
    "correlation",
    "envoy",
    "forwarded",
    "goog",
    "http-method",
    "ms",
    "original",
    "parent",
    "real",
    "request",
    "session",
    "stainless",
];

/// Whether `x-<vendor>-…` belongs to somebody else.
pub(super) fn is_reserved_vendor(vendor: &str) -> bool {
    VENDORS.binary_search(&vendor).is_ok()
        || STARTS.iter().any(|start| {
            start
                .strip_prefix("x-")
                .is_some_and(|family| vendor.starts_with(family))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_the_search() {
        assert!(NAMES.is_sorted());
        assert!(VENDORS.is_sorted());
    }

    #[test]
    fn takes_what_http_needs_and_leaves_the_rest() {
        for name in [
            "host",
            "content-length",
            "x-forwarded-for",
            "data-bin",
            "te",
        ] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["session-id", "x-zoo-task-id", "http-referer", "thread-id"] {
            assert!(!is_reserved(name), "{name}");
        }
        assert!(is_reserved_vendor("amz"));
        assert!(is_reserved_vendor("amz-meta"));
        assert!(!is_reserved_vendor("amazing"));
    }
}
