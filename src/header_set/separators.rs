//! Comparison of header names that ignores separators, as some servers compare them. Every
//! byte of a name that is not a letter or digit is a separator.

/// Returns true if two names in lower case are equal or differ in separators only.
pub(crate) fn eq_ignoring_separators(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .all(|(&left, &right)| left == right || normalize(left) == normalize(right))
}

/// Returns a byte of a name in lower case, or `-` if it is a separator.
#[inline]
pub(crate) fn normalize(byte: u8) -> u8 {
    // The table has all 256 bytes, so the fallback is never used.
    NORMALIZED.get(usize::from(byte)).copied().unwrap_or(b'-')
}

const NORMALIZED: [u8; 256] = normalized();

const fn normalized() -> [u8; 256] {
    let mut normalized = [b'-'; 256];
    let mut rest: &mut [u8] = &mut normalized;
    let mut byte = 0_u8;
    while let [first, others @ ..] = rest {
        if byte.is_ascii_alphanumeric() {
            *first = byte.to_ascii_lowercase();
        }
        byte = byte.wrapping_add(1);
        rest = others;
    }
    normalized
}
