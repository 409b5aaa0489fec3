/// Names of the well-known fields, each at its index.
///
/// They are listed apart from the fields: the key of every field is checked by
/// them, and the well-known fields have keys too. The compiler compares the two.
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

/// Stops the compiler where a field of the user's own has a name that breaks
/// the rules of [`Field::NAME`](super::Field::NAME).
pub(super) const fn check_custom_name(name: &str) {
    let bytes = name.as_bytes();
    assert!(
        is_words(bytes),
        "a field's name is lower-case letters and digits in words joined by single hyphens"
    );
    assert!(
        bytes.len() <= 64,
        "a field's name has no more than 64 bytes"
    );
    assert!(
        !ends_with(bytes, b"session-id"),
        "a field's name must not end in session-id: a server could take it for the session's"
    );
    let mut names = WELL_KNOWN;
    while let [known, rest @ ..] = names {
        assert!(
            !equal(bytes, known.as_bytes()),
            "a well-known field has this name"
        );
        names = rest;
    }
}

/// Returns true if these are lower-case letters and digits in words that single
/// hyphens join.
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
    fn names_are_words_joined_by_hyphens() {
        for good in ["a", "a1", "tenant-id", "a-b-c"] {
            assert!(is_words(good.as_bytes()), "{good}");
        }
        for bad in ["", "-", "-a", "a-", "a--b", "A", "a_b", "a b", "é"] {
            assert!(!is_words(bad.as_bytes()), "{bad}");
        }
    }
}
