//! Header names that a convention may not write, or may neither write nor read.

mod names;

use self::names::{
    IDENTITY, IDENTITY_STARTS, NEVER, NEVER_ENDS, NEVER_STARTS, UNWRITTEN, UNWRITTEN_STARTS,
};
use crate::header_set::{
    separators::normalize,
    vendors::{has_other_owner, is_parent},
};

/// Kind of reserved header name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reserved {
    /// Neither read nor written.
    Never,
    /// Read as identity, and written only if a rule asserts identity.
    Identity,
    /// Read, and never written.
    Unwritten,
}

impl Reserved {
    /// Returns the kind of a reserved header name, or `None` if it is not reserved.
    ///
    /// Every separator counts as a hyphen, because some servers treat `Remote_User` and
    /// `Remote-User` as one header.
    pub(crate) fn of(name: &str) -> Option<Self> {
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
            // In gRPC, a name that ends in `-bin` has a value in Base64.
            Some(Self::Unwritten)
        } else {
            None
        }
    }
}

/// Returns true if a header name is reserved.
pub(crate) fn is_reserved(name: &str) -> bool {
    Reserved::of(name).is_some()
}

/// Returns true if a prefix is reserved, or is the prefix of a reserved name.
pub(crate) fn has_reserved(prefix: &str) -> bool {
    let names = [NEVER, IDENTITY, UNWRITTEN];
    let starts = [NEVER_STARTS, IDENTITY_STARTS, UNWRITTEN_STARTS];
    is_reserved(prefix)
        || names
            .into_iter()
            .chain(starts)
            .flatten()
            .any(|reserved| reserved.starts_with(prefix))
}

/// Returns true if headers that begin with `x-<vendor>-` have another owner.
pub(crate) fn is_reserved_vendor(vendor: &str) -> bool {
    has_other_owner(vendor) || is_parent(vendor) || has_reserved(&format!("x-{vendor}-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_binary_search() {
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
    fn name_with_another_owner_is_reserved_and_others_are_not() {
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
