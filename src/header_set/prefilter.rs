use http::HeaderName;

/// Filter of names by their first, third and fourth letter. It may return true for a name
/// outside the set, and never returns false for a name of the set or a look-alike.
///
/// Most headers of a request end here, without a look-up. The second letter does not count,
/// because it is mostly the hyphen of `x-` or another separator in its place.
///
/// It has 4,096 entries of one byte, so that the hash is one multiplication and one shift.
/// The names and prefixes of all clients fill 31 of them, so few other names pass.
#[derive(Clone, Debug)]
pub(crate) struct Prefilter {
    there: [bool; SIZE],
    /// True if a name has fewer than four letters, so that every name passes.
    any_short: bool,
}

impl Prefilter {
    /// Adds a name in lower case, with all of its look-alikes.
    pub(crate) fn add(&mut self, name: &[u8]) {
        let Some(&[first, _, third, fourth]) = name.first_chunk() else {
            self.any_short = true;
            self.there = [true; SIZE];
            return;
        };
        for first in twins(first) {
            for third in twins(third) {
                for fourth in twins(fourth) {
                    let place = place([first, 0, third, fourth]);
                    if let Some(there) = self.there.get_mut(place) {
                        *there = true;
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
            return self.any_short;
        };
        self.there.get(place(*first)) == Some(&true)
    }
}

impl Default for Prefilter {
    fn default() -> Self {
        Self {
            there: [false; SIZE],
            any_short: false,
        }
    }
}

const SIZE: usize = 1 << 12;

#[inline]
const fn place(letters: [u8; 4]) -> usize {
    let all_but_second = u32::from_le_bytes([0xff, 0, 0xff, 0xff]);
    let letters = u32::from_le_bytes(letters) & all_but_second;
    (letters.wrapping_mul(0x9E37_79B1) >> 20) as usize
}

/// Returns the characters that a look-alike may have in place of this one: every
/// separator for a separator. Over HTTP/2, `http` accepts more of them in a name than
/// RFC 9110 does.
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
    fn has_each_name_and_each_of_its_look_alikes() {
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
    fn one_too_short_lets_all_pass() {
        let mut prefilter = Prefilter::default();
        assert!(!prefilter.might_contain_text(b"pi/0.1"));
        prefilter.add(b"pi/");
        assert!(prefilter.might_contain_text(b"pi/0.1"));
        assert!(prefilter.might_contain_text(b"te"));
    }
}
