/// Names of the well-known fields, each at its index.
///
/// The list is separate from the fields, because the key of every field is checked
/// against it, including the keys of the well-known ones. A constant assertion in
/// `well_known` compares both.
pub(super) const WELL_KNOWN: &[&str] = &[
    "session-id",
    "conversation-id",
    "task-id",
    "parent-session",
    "parent-task-id",
    "turn-id",
    "request-id",
    "trace-id",
    "agent-id",
    "parent-agent-id",
    "project-id",
    "organization-id",
    "user-id",
    "machine-id",
    "client-name",
    "client-version",
    "mode",
    "tags",
];

/// Checks the name of a user-defined field in a constant, so that one that breaks the
/// rules of [`Field::NAME`](super::Field::NAME) does not compile.
pub(super) const fn check_custom_name(name: &str) {
    let bytes = name.as_bytes();
    assert!(
        is_words(bytes),
        "field name: must be words of a-z and 0-9, joined by hyphens"
    );
    assert!(bytes.len() <= 64, "field name: must have at most 64 bytes");
    assert!(
        !ends_with(bytes, b"session-id"),
        "field name: must not end in `session-id`"
    );
    let mut names = WELL_KNOWN;
    while let [known, rest @ ..] = names {
        assert!(
            !equal(bytes, known.as_bytes()),
            "field name: a well-known field has it"
        );
        names = rest;
    }
    assert!(
        !equal(bytes, b"properties") && !equal(bytes, b"vendor-headers"),
        "field name: `Properties` or `VendorHeaders` has it"
    );
}

/// Returns true if the bytes are words of lower-case letters and digits, joined by
/// single hyphens.
pub(crate) const fn is_words(mut bytes: &[u8]) -> bool {
    let mut inside = false;
    while let [byte, rest @ ..] = bytes {
        inside = match byte {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'-' if inside => false,
            _ => return false,
        };
        bytes = rest;
    }
    inside
}

const fn ends_with(mut bytes: &[u8], end: &[u8]) -> bool {
    while bytes.len() > end.len() {
        let [_, rest @ ..] = bytes else { return false };
        bytes = rest;
    }
    equal(bytes, end)
}

pub(super) const fn equal(mut left: &[u8], mut right: &[u8]) -> bool {
    while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
        if *a != *b {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.is_empty() && right.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_valid_only_as_words_joined_by_hyphens() {
        for good in ["a", "a1", "tenant-id", "a-b-c"] {
            assert!(is_words(good.as_bytes()), "{good}");
        }
        for bad in ["", "-", "-a", "a-", "a--b", "A", "a_b", "a b", "é"] {
            assert!(!is_words(bad.as_bytes()), "{bad}");
        }
    }
}
