use http::HeaderName;

/// Filter of names by their first, third and fourth letter. It may return true for a name
/// outside the set, and never returns false for a name of the set or a look-alike.
///
/// It excludes most headers of a request without a look-up. The second letter is ignored,
/// because in most names it is the hyphen of `x-`, or another separator instead.
///
/// # Size
///
/// The table has 4,096 entries of one byte. With all built-in conventions, that is the
/// smallest power of two at which only names with the letters of a known name pass. Of 204
/// common names that are in no set, these pass:
///
/// | entries | all clients | all conventions |
/// |---|---|---|
/// | 256 | 41 | 83 |
/// | 1,024 | 28 | 49 |
/// | 2,048 | 27 | 45 |
/// | 4,096 | 27 | 43 |
/// | 65,536 | 27 | 43 |
///
/// A smaller table lets more names through to a look-up. With 256 entries, reading the 16
/// headers of an SDK takes 1,489 instructions instead of 1,212. A larger table excludes no
/// more names, and occupies more of the L1 cache, which the request's handler needs too.
///
/// One bit for each entry would save 3,584 bytes in each set, and would cost a gateway's
/// request of 16 headers 150 instructions more.
#[derive(Clone, Debug)]
pub(crate) struct Prefilter {
    entries: [bool; SIZE],
    /// True if an added name has fewer than four letters. Every name passes then.
    passes_short: bool,
}

impl Prefilter {
    /// Adds a name in lower case, with all of its look-alikes.
    pub(crate) fn add(&mut self, name: &[u8]) {
        let Some(&[first, _, third, fourth]) = name.first_chunk() else {
            self.passes_short = true;
            self.entries = [true; SIZE];
            return;
        };
        for first in twins(first) {
            for third in twins(third) {
                for fourth in twins(fourth) {
                    // The index has 12 bits, so `get_mut` always finds the entry.
                    let index = index([first, 0, third, fourth]);
                    if let Some(entry) = self.entries.get_mut(index) {
                        *entry = true;
                    }
                }
            }
        }
    }

    /// Returns true if a header's name may be in the set.
    #[inline]
    pub(crate) fn might_contain(&self, name: &HeaderName) -> bool {
        self.might_contain_text(name.as_str().as_bytes())
    }

    /// Returns true if a text in lower case may be in the set.
    #[inline]
    pub(crate) fn might_contain_text(&self, text: &[u8]) -> bool {
        let Some(first) = text.first_chunk() else {
            // So short a text is at most a look-alike of an equally short name.
            return self.passes_short;
        };
        self.entries.get(index(*first)) == Some(&true)
    }
}

impl Default for Prefilter {
    fn default() -> Self {
        Self {
            entries: [false; SIZE],
            passes_short: false,
        }
    }
}

const SIZE: usize = 1 << INDEX_BITS;
const INDEX_BITS: u32 = 12;

/// Returns the index of the entry for a name's first four letters.
///
/// The hash is one multiplication and one shift. The factor is the prime next to 2^32 divided
/// by the golden ratio, so the product's upper bits depend on all three letters.
#[inline]
const fn index(letters: [u8; 4]) -> usize {
    let all_but_second = u32::from_le_bytes([0xff, 0, 0xff, 0xff]);
    let letters = u32::from_le_bytes(letters) & all_but_second;
    (letters.wrapping_mul(0x9E37_79B1) >> (u32::BITS - INDEX_BITS)) as usize
}

/// Returns the characters that a look-alike may have instead of this one, itself included.
/// For a separator, these are all separators: over HTTP/2, `http` accepts more characters in
/// a name than RFC 9110, section 5.6.2, allows.
fn twins(byte: u8) -> Vec<u8> {
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
    fn prefilter_look_alike_of_added_name_passes() {
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
    fn prefilter_with_name_below_four_letters_passes_all() {
        let mut prefilter = Prefilter::default();
        assert!(!prefilter.might_contain_text(b"pi/0.1"));
        prefilter.add(b"pi/");
        assert!(prefilter.might_contain_text(b"pi/0.1"));
        assert!(prefilter.might_contain_text(b"te"));
    }
}
