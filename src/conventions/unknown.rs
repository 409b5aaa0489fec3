use std::{error, fmt};

use super::{
    BUILT_IN,
    similar::{MAX_LEN, similar},
};

/// Error returned by [`Convention::by_name`](crate::Convention::by_name) if no
/// convention has the name.
#[derive(Clone, PartialEq, Eq)]
pub struct UnknownConvention {
    /// The name, truncated if it is too long to show.
    name: String,
    nearest: Option<&'static str>,
}

impl UnknownConvention {
    pub(super) fn new(name: &str) -> Self {
        let end = (0..=name.len().min(MAX_LEN))
            .rev()
            .find(|&end| name.is_char_boundary(end));
        Self {
            // The offset 0 is always a boundary, and `end` is a boundary within the name. So
            // neither fallback is used.
            name: name.get(..end.unwrap_or(0)).unwrap_or_default().to_owned(),
            nearest: nearest(name),
        }
    }

    /// Returns the most similar name of a convention, if one is similar.
    ///
    /// Returns `None` for the name of a vendor that has no convention, even if another name
    /// is similar: `groq` is not `grok`.
    ///
    /// ```
    /// use tower_metadata_headers::Convention;
    ///
    /// let suggestion = |name| {
    ///     let error = Convention::by_name(name).unwrap_err();
    ///     error.suggestion().map(str::to_owned)
    /// };
    /// assert_eq!(suggestion("copilto").as_deref(), Some("copilot"));
    /// assert_eq!(suggestion("groq"), None);
    /// ```
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.nearest
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

/// Returns the name of a built-in convention that is similar.
fn nearest(name: &str) -> Option<&'static str> {
    if OTHER_VENDORS.binary_search(&name).is_ok() {
        return None;
    }
    similar(name, BUILT_IN.iter().map(|built_in| built_in().name()))
}

/// Names of vendors without a built-in convention. None of them is a misspelling of another
/// vendor's name: `groq` is not `grok`. Sorted for binary search.
const OTHER_VENDORS: &[&str] = &[
    "ai21",
    "aider",
    "aleph-alpha",
    "anthropic",
    "anyscale",
    "augment",
    "braintrust",
    "cerebras",
    "codeium",
    "codestral",
    "cohere",
    "deepinfra",
    "deepseek",
    "devin",
    "featherless",
    "friendli",
    "gemini",
    "groq",
    "huggingface",
    "hyperbolic",
    "jina",
    "kong",
    "lambda",
    "langsmith",
    "llama",
    "llama-cpp",
    "llamacpp",
    "lm-studio",
    "lmstudio",
    "localai",
    "lovable",
    "minimax",
    "moonshot",
    "nebius",
    "nim",
    "novita",
    "nvidia",
    "ollama",
    "perplexity",
    "replicate",
    "replit",
    "sambanova",
    "tabnine",
    "tgi",
    "together",
    "together-ai",
    "vercel",
    "vllm",
    "voyage",
    "watsonx",
    "windsurf",
    "zai",
    "zhipu",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_aliases_are_unique() {
        assert!(OTHER_VENDORS.is_sorted_by(|one, other| one < other));
        let mut names: Vec<&str> = BUILT_IN
            .iter()
            .map(|built_in| built_in())
            .flat_map(|built_in| built_in.aliases().iter().copied().chain([built_in.name()]))
            .chain(OTHER_VENDORS.iter().copied())
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn convention_is_found_by_each_alias() {
        for built_in in BUILT_IN.iter().map(|built_in| built_in()) {
            for alias in built_in.aliases() {
                let found = crate::Convention::by_name(alias).unwrap();
                assert_eq!(found.name(), built_in.name(), "{alias}");
            }
        }
    }

    #[test]
    fn known_names_are_short_enough_to_compare() {
        for built_in in BUILT_IN.iter().map(|built_in| built_in()) {
            assert!(built_in.name().len() <= MAX_LEN, "{}", built_in.name());
        }
    }

    #[test]
    fn suggestion_is_a_similar_name_only() {
        for (name, suggested) in [
            ("openruter", Some("openrouter")),
            ("copilto", Some("copilot")),
            ("claude_code", Some("claude-code")),
            ("grog", Some("grok")),
            ("groq", None),
            ("gemini", None),
            ("cohere", None),
            ("ollama", None),
            ("xx", None),
            ("zzzzzzzzzz", None),
            ("", None),
        ] {
            assert_eq!(
                UnknownConvention::new(name).suggestion(),
                suggested,
                "{name}"
            );
        }
    }

    #[test]
    fn long_name_is_truncated_without_a_suggestion() {
        let error = UnknownConvention::new(&"\u{e9}".repeat(100_000));
        assert_eq!(error.suggestion(), None);
        assert!(error.to_string().len() < 100, "{error}");
    }
}
