use std::{error, fmt};

use super::all;

/// No convention has this name: the error of
/// [`Convention::by_name`](crate::Convention::by_name).
#[derive(Clone, PartialEq, Eq)]
pub struct UnknownConvention {
    name: String,
    nearest: Option<String>,
}

impl UnknownConvention {
    pub(super) fn new(name: &str) -> Self {
        let known = all().map(|convention| convention.name().to_owned());
        let nearest = known
            .map(|known| (distance(name, &known), known))
            .min_by_key(|(distance, _)| *distance)
            // A name that has less than half in common is no help.
            .filter(|(distance, known)| *distance * 2 <= known.len());
        Self {
            name: name.to_owned(),
            nearest: nearest.map(|(_, known)| known),
        }
    }

    /// The known name that is nearest, if one is near.
    #[must_use]
    pub fn nearest(&self) -> Option<&str> {
        self.nearest.as_deref()
    }
}

impl fmt::Display for UnknownConvention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no convention is named `{}`", self.name.escape_debug())?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

crate::error::debug_as_display!(UnknownConvention);

impl error::Error for UnknownConvention {}

/// How many letters to add, drop or change to make one name of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, from) in from.chars().take(MAX_LEN).enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        let mut next = vec![left];
        for (to, &above) in to.iter().zip(row.iter().skip(1)) {
            let changed = diagonal + usize::from(from != *to);
            left = changed.min(left + 1).min(above + 1);
            diagonal = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// A longer name is no known one with a slip of the pen.
const MAX_LEN: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_letters_that_differ() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("opncode", "opencode"), 1);
    }

    #[test]
    fn suggests_only_what_is_near() {
        assert_eq!(
            UnknownConvention::new("openruter").nearest(),
            Some("openrouter")
        );
        assert_eq!(UnknownConvention::new("zzzzzzzzzz").nearest(), None);
        assert_eq!(UnknownConvention::new(&"a".repeat(100_000)).nearest(), None);
    }
}
