//! Suggestions for misspelt names.

/// Maximum length of a name that is compared or shown, in bytes. A longer name is not a
/// misspelling of a known name. An error must not repeat a text of unlimited length.
pub(super) const MAX_LEN: usize = 32;

/// Maximum edit distance of a misspelling. A name at a greater distance is another word.
const MAX_DISTANCE: usize = 3;

/// Returns the known name with the smallest edit distance, if it is similar.
pub(crate) fn similar<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if name.len() > MAX_LEN {
        return None;
    }
    let mut similar = None;
    let mut max = MAX_DISTANCE;
    for known in known {
        // In a short name, three edits could replace every letter.
        let bound = max.min(known.len() / 3);
        if let Some(distance) = distance(name.as_bytes(), known.as_bytes(), bound)
            && (similar.is_none() || distance < max)
        {
            similar = Some(known);
            max = distance;
        }
    }
    similar
}

/// Returns the edit distance (Levenshtein) of two names, if it is at most `max`.
fn distance(from: &[u8], to: &[u8], max: usize) -> Option<usize> {
    if to.len() > MAX_LEN || from.len().abs_diff(to.len()) > max {
        return None;
    }
    // Each cell is the distance to a prefix of `to`. The empty prefix has no cell.
    let mut row = [0; MAX_LEN];
    for (at, cell) in row.iter_mut().enumerate() {
        *cell = at + 1;
    }
    let mut last = to.len();
    for (at, from) in from.iter().enumerate() {
        let (mut diagonal, mut left) = (at, at + 1);
        let mut least = left;
        for (cell, to) in row.iter_mut().zip(to) {
            let above = *cell;
            let changed = diagonal + usize::from(from != to);
            left = changed.min(left + 1).min(above + 1);
            diagonal = above;
            *cell = left;
            least = least.min(left);
        }
        if least > max {
            return None;
        }
        last = left;
    }
    (last <= max).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_above_the_maximum_is_none() {
        let distance =
            |from: &str, to: &str, max| super::distance(from.as_bytes(), to.as_bytes(), max);
        assert_eq!(distance("", "abc", 3), Some(3));
        assert_eq!(distance("abc", "", 3), Some(3));
        assert_eq!(distance("abc", "abc", 0), Some(0));
        assert_eq!(distance("kitten", "sitting", 3), Some(3));
        assert_eq!(distance("kitten", "sitting", 2), None);
        assert_eq!(distance("opncode", "opencode", 1), Some(1));
    }

    #[test]
    fn name_that_is_too_long_to_compare_has_no_distance() {
        let long = "a".repeat(33);
        assert_eq!(distance(long.as_bytes(), long.as_bytes(), 3), None);
    }
}
