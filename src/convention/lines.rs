use std::ptr;

use http::{HeaderMap, HeaderName, HeaderValue};

/// A header of a request, with the value on its first line.
#[derive(Clone, Copy)]
pub(super) struct Line<'h> {
    pub(super) name: &'h HeaderName,
    pub(super) value: &'h HeaderValue,
    /// Whether more lines have the name.
    pub(super) is_repeated: bool,
}

/// Each name once, without looking any of them up.
pub(super) fn lines(headers: &HeaderMap) -> impl Iterator<Item = Line<'_>> {
    let mut lines = headers.iter();
    let mut next = lines.next();
    std::iter::from_fn(move || {
        let (name, value) = next?;
        next = lines.next();
        let mut is_repeated = false;
        // Lines of one name follow each other, and share it.
        while next.is_some_and(|(other, _)| ptr::eq(other, name)) {
            is_repeated = true;
            next = lines.next();
        }
        Some(Line {
            name,
            value,
            is_repeated,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_comes_once_with_its_first_line() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("a", "5")] {
            let value = HeaderValue::from_static(value);
            headers
                .try_append(HeaderName::from_static(name), value)
                .unwrap();
        }
        let lines = lines(&headers).map(|line| (line.name.as_str(), line.value, line.is_repeated));
        let lines: Vec<_> = lines.collect();
        let value = |value| headers.get(value).unwrap();
        assert_eq!(
            lines,
            [
                ("a", value("a"), true),
                ("b", value("b"), false),
                ("c", value("c"), false)
            ],
        );
    }
}
