use std::ptr;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Header of a request, with the value on its first field line.
#[derive(Clone, Copy)]
pub(super) struct Line<'h> {
    pub(super) name: &'h HeaderName,
    pub(super) value: &'h HeaderValue,
    /// The index of its first field line.
    at: usize,
    /// The number of field lines with the name.
    count: usize,
}

impl<'h> Line<'h> {
    /// Returns the bytes that count towards the limits. A repeated header is not read, so its
    /// values do not count.
    pub(super) fn counted_bytes(&self) -> &'h [u8] {
        if self.is_repeated() {
            return &[];
        }
        self.value.as_bytes()
    }

    /// Returns true if the header has more than one field line.
    pub(super) const fn is_repeated(&self) -> bool {
        self.count > 1
    }
}

/// Returns an iterator over the headers whose names pass the filter, each name once.
#[inline]
pub(super) fn lines<'h>(
    headers: &'h HeaderMap,
    passes: impl Fn(&HeaderName) -> bool,
) -> impl Iterator<Item = Line<'h>> {
    let repeats = headers.len() > headers.keys_len();
    let mut last = None;
    headers
        .iter()
        .enumerate()
        .filter(move |(_, (name, _))| passes(name))
        .filter_map(move |(at, (name, value))| {
            // The field lines of a header are adjacent, and have the same `HeaderName`. All
            // but the first are dropped here, and `count` includes them.
            if last.replace(name).is_some_and(|last| ptr::eq(last, name)) {
                return None;
            }
            let count = if repeats {
                headers.get_all(name).iter().count()
            } else {
                1
            };
            Some(Line {
                name,
                value,
                at,
                count,
            })
        })
}

/// Field lines whose values must be hidden from `Debug`.
///
/// A bit for each line avoids a second look-up of every name when the values are marked.
/// 64 bits fit in a register, and nearly every request has fewer lines. If a later line
/// must be hidden, the names are looked up again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// A bit for each of the first 64 lines.
    first: u64,
    /// True if a later line may have to be hidden.
    more: bool,
}

impl Hidden {
    /// Field lines of headers that were not all matched. Any line may have to be hidden.
    pub(super) const ANY: Self = Self {
        first: u64::MAX,
        more: true,
    };

    /// Adds all field lines of a header.
    pub(super) fn add(&mut self, line: Line<'_>) {
        for at in line.at..line.at.saturating_add(line.count) {
            if at >= 64 {
                self.more = true;
                return;
            }
            self.first |= 1 << at;
        }
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.first == 0 && !self.more
    }

    /// Returns true if every line that must be hidden has a bit.
    pub(super) const fn is_certain(self) -> bool {
        !self.more
    }

    /// Marks the values of these lines as sensitive.
    pub(super) fn mark(self, headers: &mut HeaderMap) {
        let mut remaining = self.first;
        for value in headers.values_mut() {
            if remaining & 1 == 1 {
                value.set_sensitive(true);
            }
            remaining >>= 1;
            if remaining == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers() -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("a", "5")] {
            let (name, value) = (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
            headers.try_append(name, value).unwrap();
        }
        headers
    }

    #[test]
    fn repeated_name_is_returned_once_with_its_first_line() {
        let headers = headers();
        let summary = |line: Line<'_>| {
            let value = line.value.to_str().unwrap().to_owned();
            (line.name.as_str().to_owned(), value, line.is_repeated())
        };
        let all: Vec<_> = lines(&headers, |_| true).map(summary).collect();
        let line = |name: &str, value: &str, is_repeated| (name.into(), value.into(), is_repeated);
        let expected = [
            line("a", "1", true),
            line("b", "2", false),
            line("c", "4", false),
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn repeated_name_is_hidden_on_each_line_and_no_other() {
        for (name, expected) in [
            ("a", ["1", "3", "5"].as_slice()),
            ("b", &["2"]),
            ("c", &["4"]),
        ] {
            let mut headers = headers();
            let mut hidden = Hidden::default();
            assert!(hidden.is_empty());
            for line in lines(&headers, |other| other == name) {
                hidden.add(line);
            }
            assert!(hidden.is_certain() && !hidden.is_empty());
            hidden.mark(&mut headers);
            let values: Vec<_> = headers
                .values()
                .filter(|value| value.is_sensitive())
                .map(|value| value.to_str().unwrap())
                .collect();
            assert_eq!(values, expected);
        }
    }

    #[test]
    fn hidden_line_after_the_first_64_is_not_certain() {
        let mut headers = HeaderMap::new();
        for number in 0..65 {
            let name = HeaderName::try_from(format!("x-{number}")).unwrap();
            headers
                .try_append(name, HeaderValue::from_static("1"))
                .unwrap();
        }
        let mut hidden = Hidden::default();
        let mut lines = lines(&headers, |_| true).skip(63);
        hidden.add(lines.next().unwrap());
        assert!(hidden.is_certain());
        hidden.add(lines.next().unwrap());
        assert!(!hidden.is_certain());
    }
}
