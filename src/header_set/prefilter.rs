use http::HeaderName;

/// Filter by the first letters of a set of names. It may return true for a name outside
/// the set, but never false for a name of the set. So most headers of a request need no
/// look-up.
///
/// The second letter is ignored: in most names it is the hyphen of `x-`, and in their
/// look-alikes any separator.
#[derive(Clone, Debug)]
pub(crate) struct Prefilter {
    is_present: [bool; SIZE],
    /// True if a name has less than four letters, so that every name passes.
    has_short: bool,
}

impl Prefilter {
    /// Adds a name in lower case, and all of its look-alikes.
    pub(crate) fn add(&mut self, name: &[u8]) {
        let Some(&[first, _, third, fourth]) = name.first_chunk() else {
            self.has_short = true;
            self.is_present = [true; SIZE];
            return;
        };
        for first in look_alikes(first) {
            for third in look_alikes(third) {
                for fourth in look_alikes(fourth) {
                    // `index` returns 12 bits, so the element exists.
                    if let Some(is_present) =
                        self.is_present.get_mut(index([first, 0, third, fourth]))
                    {
                        *is_present = true;
                    }
                }
            }
        }
    }

    /// Returns true if a header's name may begin like a name of the set.
    #[inline]
    pub(crate) fn might_contain(&self, name: &HeaderName) -> bool {
        self.might_contain_text(name.as_str().as_bytes())
    }

    /// Returns true if a text in lower case may begin like a name of the set.
    #[inline]
    pub(crate) fn might_contain_text(&self, text: &[u8]) -> bool {
        let Some(first) = text.first_chunk() else {
            return self.has_short;
        };
        self.is_present.get(index(*first)) == Some(&true)
    }
}

impl Default for Prefilter {
    fn default() -> Self {
        Self {
            is_present: [false; SIZE],
            has_short: false,
        }
    }
}

/// The number of elements. 4 KiB stay in the L1 cache, and a `bool` for each is read
/// without a shift and a mask.
///
/// The names of `clients()` fill 32 elements, and of `all()` 77 (2026-11). With 256
/// elements, `accept`, `host` and `cache-control` collide with names of `all()`. With
/// 1,024 or more, none of 49 common headers does. 4,096 leave room for conventions of the
/// user's own: a name with a separator as its third or fourth letter fills 32 elements.
const SIZE: usize = 1 << 12;

/// Returns the index of the element for four letters, by a multiplicative hash: the
/// constant is 2³² divided by the golden ratio, and the upper 12 bits are the index.
#[inline]
const fn index(letters: [u8; 4]) -> usize {
    let all_but_second = u32::from_le_bytes([0xff, 0, 0xff, 0xff]);
    let letters = u32::from_le_bytes(letters) & all_but_second;
    (letters.wrapping_mul(0x9E37_79B1) >> 20) as usize
}

/// Returns the bytes that a look-alike may have instead of a byte of a name. A letter or
/// digit stays, and a separator may be any separator. `http` accepts more separators in a
/// name from HTTP/2 than RFC 9110 does.
fn look_alikes(byte: u8) -> Vec<u8> {
    if byte.is_ascii_alphanumeric() {
        return vec![byte];
    }
    (0x21..0x7f)
        .filter(|byte: &u8| !byte.is_ascii_alphanumeric())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_its_look_alikes_pass() {
        let mut prefilter = Prefilter::default();
        for name in ["x-a-b", "session-id", "ab-cd", "abc-d", "_session"] {
            prefilter.add(name.as_bytes());
        }
        for name in [
            "x-a-b",
            "x_a_b",
            "x.a~b",
            "session_id",
            "ab~cd",
            "abc|d",
            "ab\"cd",
            ".session",
            "~session",
            "sassion",
        ] {
            assert!(prefilter.might_contain_text(name.as_bytes()), "{name}");
        }
        for name in ["x-b-b", "accept", "abcd", "ab", ""] {
            assert!(!prefilter.might_contain_text(name.as_bytes()), "{name}");
        }
        assert!(!Prefilter::default().might_contain_text(b"x-a-b"));
    }

    #[test]
    fn every_text_passes_after_a_short_name() {
        let mut prefilter = Prefilter::default();
        assert!(!prefilter.might_contain_text(b"pi/0.1"));
        prefilter.add(b"pi/");
        assert!(prefilter.might_contain_text(b"pi/0.1"));
        assert!(prefilter.might_contain_text(b"te"));
    }
}
