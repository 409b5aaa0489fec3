//! Header names that no convention may take: they frame messages, carry
//! credentials, or have a meaning of their own.

use super::vendors::{has_other_owner, is_parent};

const NAMES: &[&str] = &[
    "age",
    "allow",
    "alt-svc",
    "api-key",
    "authorization",
    "baggage",
    "cache-control",
    "cf-aig-authorization",
    "connection",
    "cookie",
    "cookie2",
    "date",
    "dpop",
    "early-data",
    "expect",
    "forwarded",
    "from",
    "helicone-auth",
    "host",
    "http2-settings",
    "keep-alive",
    "last-event-id",
    "link",
    "location",
    "max-forwards",
    "mcp-session-id",
    "ocp-apim-subscription-key",
    "openai-organization",
    "openai-project",
    "origin",
    "pragma",
    "priority",
    "range",
    "referer",
    "retry-after",
    "server",
    "set-cookie",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "true-client-ip",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-api-key",
    "x-auth-token",
    "x-bf-api-key",
    "x-bf-vk",
    "x-client-ip",
    "x-csrf-token",
    "x-goog-api-key",
    "x-litellm-api-key",
    "x-original-host",
    "x-original-method",
    "x-original-uri",
    "x-original-url",
    "x-portkey-api-key",
    "x-real-ip",
    "x-rewrite-url",
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
];

/// Whether a header name of lower case is taken. gRPC gives the end `-bin` a
/// meaning too.
pub(super) fn is_reserved(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok()
        || STARTS.iter().any(|start| name.starts_with(start))
        || name.ends_with("-bin")
}

/// Whether a prefix would take a name that is reserved.
pub(super) fn has_reserved(prefix: &str) -> bool {
    is_reserved(prefix)
        || NAMES.iter().any(|name| name.starts_with(prefix))
        || STARTS.iter().any(|start| start.starts_with(prefix))
}

/// Whether `x-<vendor>-…` belongs to somebody else.
pub(super) fn is_reserved_vendor(vendor: &str) -> bool {
    has_other_owner(vendor) || is_parent(vendor) || has_reserved(&format!("x-{vendor}-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_the_search() {
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn takes_what_http_needs_and_leaves_the_rest() {
        for name in [
            "helicone-auth",
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
        for vendor in [
            "amz",
            "amz-meta",
            "api",
            "portkey",
            "acme-parent",
            "acme-mcp",
            "real",
            "ms-client",
            "auth-request",
        ] {
            assert!(is_reserved_vendor(vendor), "{vendor}");
        }
        for vendor in ["amazing", "amzing", "parental", "zoo", "apis"] {
            assert!(!is_reserved_vendor(vendor), "{vendor}");
        }
    }
}
