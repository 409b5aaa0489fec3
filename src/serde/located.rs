use std::fmt;

use serde::de;

use crate::error::truncated;

/// Problem in a document, with the path of the item that has it.
#[derive(Debug)]
pub(super) struct Located {
    /// Empty for the document itself.
    path: String,
    problem: String,
}

impl Located {
    pub(super) fn new(problem: impl fmt::Display) -> Self {
        Self {
            path: String::new(),
            problem: problem.to_string(),
        }
    }

    /// Adds the name of the member that contains the item.
    pub(super) fn within(self, member: &str) -> Self {
        let separator = match self.path.as_bytes() {
            [] | [b'[', ..] => "",
            _ => ".",
        };
        let path = format!("{member}{separator}{}", self.path);
        Self { path, ..self }
    }

    /// Adds the index of the list's item that contains the item.
    pub(super) fn at(self, index: usize) -> Self {
        self.within(&format!("[{index}]"))
    }

    pub(super) fn into_error<E: de::Error>(self) -> E {
        E::custom(self)
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.problem)
    }
}

/// Returns a name for a problem, in quotation marks.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", truncated(name).escape_debug())
}

/// Builds every item of a list.
pub(super) fn build_all<T, B, C>(
    items: impl IntoIterator<Item = T>,
    mut build: impl FnMut(T) -> Result<B, Located>,
) -> Result<C, Located>
where
    C: FromIterator<B>,
{
    let items = items.into_iter().enumerate();
    items
        .map(|(index, item)| build(item).map_err(|error| error.at(index)))
        .collect()
}
