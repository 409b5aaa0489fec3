//! Model of the rules of reading and writing: a naive implementation over lines
//! of bytes, short enough to be checked by reading.
//!
//! `config`, `names`, `values`, `read` and `write` are the model. They use the
//! standard library and the list of `fields`, and share no code with the crate.
//! `agree` compares the crate with them, for the property tests and the fuzz
//! targets. `real` builds the same conventions with the crate.

#![allow(
    dead_code,
    reason = "each test and each fuzz target uses only some items"
)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails a test"
)]

pub(crate) mod agree;
pub(crate) mod config;
pub(crate) mod fields;
pub(crate) mod names;
pub(crate) mod read;
pub(crate) mod real;
pub(crate) mod values;
pub(crate) mod write;

/// Header line: name and value.
pub(crate) type Line = (Vec<u8>, Vec<u8>);

/// Reason why a header or a field is ignored, as in `Reason::code`.
pub(crate) type Code = &'static str;

/// Metadata of a request that is counted so far, in either direction.
#[derive(Debug, Default)]
pub(crate) struct RequestLimits {
    headers: usize,
    bytes: usize,
}

impl RequestLimits {
    /// Counts a header if there is room for it. Of a header that is on several
    /// lines or too long, only the name is counted, because its value is not
    /// read.
    pub(crate) fn take(&mut self, name: &str, values: &[Vec<u8>]) -> Result<(), Code> {
        let value = match values {
            [value] if value.len() <= 4096 => value.len(),
            _ => 0,
        };
        let (headers, bytes) = (self.headers + 1, self.bytes + name.len() + value);
        if headers > 32 {
            return Err("too_many_headers");
        }
        if bytes > 8192 {
            return Err("too_many_bytes");
        }
        *self = Self { headers, bytes };
        Ok(())
    }
}

/// Returns the lines by name, in lower case and in the order of the names'
/// first lines.
pub(crate) fn by_name(lines: &[Line]) -> Vec<(String, Vec<Vec<u8>>)> {
    let mut groups: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
    for (name, value) in lines {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value.clone()),
            None => groups.push((name, vec![value.clone()])),
        }
    }
    groups
}

/// Returns all items of the comma-separated lists in the lines with this name.
pub(crate) fn items(lines: &[Line], name: &str) -> Vec<Vec<u8>> {
    let is_it = |line: &&Line| line.0.eq_ignore_ascii_case(name.as_bytes());
    let lines = lines.iter().filter(is_it);
    let items = lines.flat_map(|(_, value)| value.split(|&byte| byte == b','));
    let items = items.map(|item| item.trim_ascii().to_vec());
    items.filter(|item| !item.is_empty()).collect()
}
