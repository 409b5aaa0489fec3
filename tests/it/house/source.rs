//! Sources: what a file defines and names, outside of comments and tests.

use std::{collections::BTreeSet, slice::Iter};

pub(super) struct Source {
    pub(super) file: String,
    pub(super) lines: usize,
    /// Names that the file defines, outside of braces.
    pub(super) items: BTreeSet<String>,
    pub(super) own_macros: BTreeSet<String>,
    pub(super) uses: Vec<Use>,
    /// Macros that the file calls.
    pub(super) macros: BTreeSet<String>,
    /// Paths outside of `use`.
    paths: BTreeSet<String>,
    /// Words outside of `use`, but those that it defines.
    words: BTreeSet<String>,
}

/// One name that a `use` brings in.
pub(super) struct Use {
    pub(super) path: String,
    pub(super) name: String,
    public: bool,
}

impl Source {
    pub(super) fn parse(file: &str, text: &str) -> Self {
        let mut source = Self {
            file: file.to_owned(),
            lines: text.lines().count(),
            items: BTreeSet::new(),
            own_macros: BTreeSet::new(),
            uses: Vec::new(),
            macros: BTreeSet::new(),
            paths: BTreeSet::new(),
            words: BTreeSet::new(),
        };
        let tokens = without_tests(&tokens(text));
        let mut depth = 0;
        let mut before = "";
        let mut rest = tokens.iter();
        while let Some(&token) = rest.next() {
            let next = rest.as_slice();
            match (before, token, next) {
                (_, "{", _) => depth += 1,
                (_, "}", _) => depth -= 1,
                // Not the `use<…>` of a type.
                (_, "use", [first, ..]) if *first != "<" => {
                    let public = ["pub", ")"].contains(&before);
                    use_tree(&mut rest, "", &mut |path, name| {
                        source.uses.push(Use { path, name, public });
                    });
                }
                (_, "macro_rules", [_, name, ..]) => {
                    source.own_macros.insert((*name).to_owned());
                }
                ("const" | "enum" | "fn" | "static" | "struct" | "trait" | "type", name, _)
                    if name != "fn" =>
                {
                    source.items.extend((depth == 0).then(|| name.to_owned()));
                }
                (_, word, _) if is_word(word) => {
                    source.words.insert(word.to_owned());
                    if let ["!", ..] = next {
                        source.macros.insert(word.to_owned());
                    }
                    if before != "::" {
                        source.paths.extend(path(word, next));
                    }
                }
                _ => {}
            }
            before = token;
        }
        let paths = source.paths.iter().map(|path| source.expand(path));
        source.paths = paths.collect();
        source
    }

    /// Returns the paths that the file takes from others.
    pub(super) fn imported_paths(&self) -> impl Iterator<Item = &String> {
        // A `mod.rs` does not import a name that it only passes on.
        let passes_on = self.file == "lib.rs" || self.file.ends_with("/mod.rs");
        let uses = self.uses.iter().filter(move |import| {
            !(passes_on && import.public) || self.words.contains(&import.name)
        });
        uses.map(|import| &import.path).chain(&self.paths)
    }

    /// Returns a path whose first name, if a `use` brings it in, is that path.
    fn expand(&self, path: &str) -> String {
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        match self.uses.iter().find(|import| import.name == first) {
            Some(import) => format!("{}::{rest}", import.path),
            None => path.to_owned(),
        }
    }
}

impl Use {
    pub(super) fn is_public_glob(&self) -> bool {
        self.public && self.name == "*"
    }
}

/// Returns the path that begins with a word, if it is more than that.
fn path(word: &str, mut next: &[&str]) -> Option<String> {
    let mut path = word.to_owned();
    while let ["::", name, after @ ..] = next
        && is_word(name)
    {
        path = format!("{path}::{name}");
        next = after;
    }
    (path != word).then_some(path)
}

/// Takes what follows a `use` or an opening brace in it, up to its end.
fn use_tree(tokens: &mut Iter<'_, &str>, prefix: &str, add: &mut impl FnMut(String, String)) {
    let mut path = prefix.to_owned();
    let mut alias = None;
    while let Some(&token) = tokens.next() {
        match token {
            "{" => {
                use_tree(tokens, &path, add);
                prefix.clone_into(&mut path);
            }
            "," | "}" | ";" => {
                if path != prefix {
                    let path = path.trim_end_matches("::self");
                    let last = path.rsplit("::").next().unwrap_or(path);
                    add(path.to_owned(), alias.take().unwrap_or(last).to_owned());
                }
                if token != "," {
                    return;
                }
                prefix.clone_into(&mut path);
            }
            "as" => alias = tokens.next().copied(),
            part => path.push_str(part),
        }
    }
}

/// Leaves out the items under `#[cfg(test)]`.
fn without_tests<'a>(mut rest: &[&'a str]) -> Vec<&'a str> {
    let mut kept = Vec::new();
    while let [token, after @ ..] = rest {
        if let ["#", "[", "cfg", "(", "test", ")", "]", item @ ..] = rest {
            rest = after_item(item);
        } else {
            kept.push(*token);
            rest = after;
        }
    }
    kept
}

fn after_item<'a, 't>(mut rest: &'t [&'a str]) -> &'t [&'a str] {
    let mut depth = 0;
    while let [token, after @ ..] = rest {
        rest = after;
        match *token {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(*token, "}" | ";") {
            break;
        }
    }
    rest
}

/// Splits a source into words, `::` and single signs, without comments and literals.
fn tokens(mut text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    while let Some(first) = text.chars().next() {
        let len = if text.starts_with("//") {
            text.find('\n').unwrap_or(text.len())
        } else if let Some(len) = literal(text) {
            len
        } else {
            let len = match first {
                _ if is_word(text) => text.find(|char| !is_of_word(char)).unwrap_or(text.len()),
                ':' if text.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            tokens.extend(Some(&text[..len]).filter(|_| !first.is_whitespace()));
            len
        };
        text = &text[len..];
    }
    tokens
}

/// Returns the length of a string, a character or a lifetime at the text's start.
fn literal(text: &str) -> Option<usize> {
    let body = text.strip_prefix('b').unwrap_or(text);
    let prefix = text.len() - body.len();
    if let Some(raw) = body.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let inner = raw[hashes..].strip_prefix('"')?;
        let end = inner.find(&format!("\"{}", "#".repeat(hashes)))?;
        return Some(prefix + 1 + hashes + 1 + end + 1 + hashes);
    }
    let quote = body.chars().next().filter(|first| "\"'".contains(*first))?;
    let inner = &body[1..];
    let is_lifetime = quote == '\'' && is_word(inner) && inner.chars().nth(1) != Some('\'');
    if is_lifetime {
        return Some(prefix + 1 + inner.find(|char| !is_of_word(char))?);
    }
    let mut escaped = false;
    let end = inner.find(|char| {
        let ends = char == quote && !escaped;
        escaped = char == '\\' && !escaped;
        ends
    });
    Some(prefix + 1 + end? + 1)
}

fn is_word(text: &str) -> bool {
    text.starts_with(is_of_word)
}

fn is_of_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}
