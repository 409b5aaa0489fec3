//! Header names that a convention may not write, or not even read.

use super::{
    names::normalize,
    vendors::{has_other_owner, is_parent},
};

/// Names that are neither written nor read: they frame messages, or carry
/// credentials, which must not become metadata that is logged. Some of them the
/// crate reads by itself.
const NEVER: &[&str] = &[
    "api-key",
    "authentication-info",
    "authorization",
    "baggage",
    "cf-access-client-secret",
    "cf-access-jwt-assertion",
    "cf-aig-authorization",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "csrf-token",
    "deploy-token",
    "dpop",
    "helicone-auth",
    "host",
    "http2-settings",
    "job-token",
    "keep-alive",
    "ocp-apim-subscription-key",
    "private-token",
    "set-cookie",
    "set-cookie2",
    "te",
    "traceparent",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "www-authenticate",
    "x-access-token",
    "x-amzn-oidc-accesstoken",
    "x-amzn-oidc-data",
    "x-api-key",
    "x-api-token",
    "x-auth-key",
    "x-auth-token",
    "x-bf-api-key",
    "x-bf-vk",
    "x-csrf-token",
    "x-csrftoken",
    "x-gitlab-token",
    "x-goog-api-key",
    "x-goog-iap-jwt-assertion",
    "x-id-token",
    "x-litellm-api-key",
    "x-pomerium-jwt-assertion",
    "x-portkey-api-key",
    "x-portkey-virtual-key",
    "x-vault-token",
    "x-vercel-protection-bypass",
    "x-xsrf-token",
];

const NEVER_STARTS: &[&str] = &["proxy-", "sec-websocket-", "x-ms-token-"];

/// Ends of the names by which many services take credentials.
const NEVER_ENDS: &[&str] = &[
    "-access-token",
    "-api-key",
    "-auth-token",
    "-authorization",
    "-client-secret",
    "-security-token",
];

/// Names by which an authenticating proxy asserts identity to the server behind
/// it.
const IDENTITY: &[&str] = &[
    "cf-access-authenticated-user-email",
    "client-cert",
    "client-cert-chain",
    "remote-email",
    "remote-groups",
    "remote-name",
    "remote-user",
    "x-anonymous-consumer",
    "x-arr-clientcert",
    "x-client-cert",
    "x-credential-identifier",
    "x-forwarded-client-cert",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-preferred-username",
    "x-forwarded-user",
    "x-userinfo",
];

const IDENTITY_STARTS: &[&str] = &[
    "impersonate-",
    "ssl-client-",
    "tailscale-user-",
    "x-amzn-oidc-",
    "x-auth-request-",
    "x-authenticated-",
    "x-authentik-",
    "x-consumer-",
    "x-goog-authenticated-user-",
    "x-ms-client-principal",
    "x-pomerium-claim-",
    "x-remote-extra-",
    "x-remote-group",
    "x-remote-user",
    "x-ssl-client-",
    "x-vouch-",
    "x-webauth-",
];

/// Names that are not written: they have a meaning of their own, or steer
/// servers and proxies.
const UNWRITTEN: &[&str] = &[
    "age",
    "allow",
    "alt-svc",
    "anthropic-beta",
    "anthropic-version",
    "base-url",
    "cache-control",
    "cdn-cache-control",
    "cdn-loop",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "cf-ipcountry",
    "cf-ray",
    "cf-visitor",
    "cf-worker",
    "clear-site-data",
    "client-ip",
    "date",
    "depth",
    "destination",
    "early-data",
    "etag",
    "expect",
    "expires",
    "fastly-client-ip",
    "fastly-ff",
    "fly-client-ip",
    "forwarded",
    "from",
    "front-end-https",
    "helicone-openai-api-base",
    "helicone-target-url",
    "idempotency-key",
    "last-event-id",
    "last-modified",
    "link",
    "location",
    "lock-token",
    "max-forwards",
    "mcp-session-id",
    "openai-beta",
    "openai-organization",
    "openai-project",
    "origin",
    "overwrite",
    "pragma",
    "priority",
    "range",
    "referer",
    "refresh",
    "request-uri",
    "retry-after",
    "server",
    "signature",
    "signature-input",
    "soapaction",
    "surrogate-capability",
    "surrogate-control",
    "tracestate",
    "true-client-ip",
    "vary",
    "via",
    "warning",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-forwarder-for",
    "x-host",
    "x-http-method",
    "x-idempotency-key",
    "x-method-override",
    "x-nf-client-connection-ip",
    "x-original-forwarded-for",
    "x-original-host",
    "x-original-method",
    "x-original-remote-addr",
    "x-original-uri",
    "x-original-url",
    "x-portkey-config",
    "x-portkey-custom-host",
    "x-proxyuser-ip",
    "x-real-ip",
    "x-remote-addr",
    "x-remote-host",
    "x-remote-ip",
    "x-requested-with",
    "x-rewrite-url",
    "x-scheme",
    "x-script-name",
    "x-sendfile",
    "x-sendfile-type",
    "x-server-name",
    "x-true-client-ip",
    "x-url-scheme",
];

const UNWRITTEN_STARTS: &[&str] = &[
    "accept",
    "access-control-",
    "content-",
    "cross-origin-",
    "grpc-",
    "if-",
    "sec-",
    "x-accel-",
    "x-amz-",
    "x-appengine-",
    "x-arr-",
    "x-content-",
    "x-envoy-",
    "x-forwarded-",
    "x-goog-",
    "x-http-method-",
    "x-middleware-",
];

/// Reserved header name: what a convention may still do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reserved {
    /// It is neither read nor written.
    Never,
    /// It is read as identity, and written where a rule asserts identity.
    Identity,
    /// It is read and not written.
    Unwritten,
}

impl Reserved {
    /// Returns why a header name is reserved, or `None` if it is not.
    ///
    /// Separators count as hyphens, because servers take `Remote_User` for
    /// `Remote-User`.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name: String = name.bytes().map(normalize).map(char::from).collect();
        let name = name.as_str();
        let is = |names: &[&str], starts: &[&str]| {
            names.binary_search(&name).is_ok() || starts.iter().any(|start| name.starts_with(start))
        };
        if is(NEVER, NEVER_STARTS) || NEVER_ENDS.iter().any(|end| name.ends_with(end)) {
            Some(Self::Never)
        } else if is(IDENTITY, IDENTITY_STARTS) {
            Some(Self::Identity)
        } else if is(UNWRITTEN, UNWRITTEN_STARTS) || name.ends_with("-bin") {
            // gRPC gives the end `-bin` a meaning.
            Some(Self::Unwritten)
        } else {
            None
        }
    }
}

/// Returns true if a header name is reserved.
pub(super) fn is_reserved(name: &str) -> bool {
    Reserved::of(name).is_some()
}

/// Returns true if a prefix covers a name that is reserved.
pub(super) fn has_reserved(prefix: &str) -> bool {
    let names = [NEVER, IDENTITY, UNWRITTEN].into_iter().flatten();
    let starts = [NEVER_STARTS, IDENTITY_STARTS, UNWRITTEN_STARTS];
    let mut all = names.chain(starts.into_iter().flatten());
    is_reserved(prefix) || all.any(|reserved| reserved.starts_with(prefix))
}

/// Returns true if `x-<vendor>-…` belongs to somebody else.
pub(super) fn is_reserved_vendor(vendor: &str) -> bool {
    has_other_owner(vendor) || is_parent(vendor) || has_reserved(&format!("x-{vendor}-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_the_search() {
        for list in [NEVER, IDENTITY, UNWRITTEN] {
            assert!(list.is_sorted());
        }
    }

    #[test]
    fn each_name_is_in_one_list() {
        let lists = [
            (NEVER, Reserved::Never),
            (IDENTITY, Reserved::Identity),
            (UNWRITTEN, Reserved::Unwritten),
        ];
        for (list, reserved) in lists {
            for name in list {
                assert_eq!(Reserved::of(name), Some(reserved), "{name}");
            }
        }
    }

    #[test]
    fn takes_what_http_needs_and_leaves_the_rest() {
        for (name, reserved) in [
            ("helicone-auth", Reserved::Never),
            ("host", Reserved::Never),
            ("content-length", Reserved::Never),
            ("te", Reserved::Never),
            ("proxy-authorization", Reserved::Never),
            ("x-amz-security-token", Reserved::Never),
            ("x-shopify-access-token", Reserved::Never),
            ("content-type", Reserved::Unwritten),
            ("data-bin", Reserved::Unwritten),
            ("x-accel-redirect", Reserved::Unwritten),
            ("x-forwarded-for", Reserved::Unwritten),
            ("x-forwarded-user", Reserved::Identity),
            ("x-ms-client-principal-id", Reserved::Identity),
            ("Remote_User", Reserved::Identity),
            ("content_length", Reserved::Never),
        ] {
            assert_eq!(Reserved::of(name), Some(reserved), "{name}");
        }
        for name in [
            "session-id",
            "x-zoo-task-id",
            "http-referer",
            "thread-id",
            "x-ms-client-request-id",
            "x-amzn-bedrock-request-metadata",
        ] {
            assert_eq!(Reserved::of(name), None, "{name}");
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
            "authenticated",
            "remote",
            "webauth",
            "vault",
        ] {
            assert!(is_reserved_vendor(vendor), "{vendor}");
        }
        for vendor in ["amazing", "amzing", "parental", "zoo", "apis"] {
            assert!(!is_reserved_vendor(vendor), "{vendor}");
        }
    }
}
