use http::HeaderValue;

/// Value of a field, which the field's type has checked.
#[derive(Clone, Copy)]
pub(super) enum Value<'h> {
    /// The header's value, unchanged.
    Borrowed(&'h HeaderValue),
    /// The value at this index of [`Decoded`].
    Decoded(usize),
    /// No value: the header is invalid, and no header of lower precedence counts.
    Invalid,
}

/// Values that differ from the header's value.
pub(super) struct Decoded {
    /// The first is inline, because most requests have none but their client's version.
    first: HeaderValue,
    others: Vec<HeaderValue>,
    len: usize,
}

impl Decoded {
    const NONE: HeaderValue = HeaderValue::from_static("");

    pub(super) const fn new() -> Self {
        Self {
            first: Self::NONE,
            others: Vec::new(),
            len: 0,
        }
    }

    /// Adds a value, and returns its index.
    pub(super) fn push(&mut self, value: HeaderValue) -> usize {
        if self.len == 0 {
            self.first = value;
        } else {
            self.others.push(value);
        }
        self.len += 1;
        self.len - 1
    }

    pub(super) fn get(&self, at: usize) -> Option<&HeaderValue> {
        match at.checked_sub(1) {
            None => Some(&self.first),
            Some(at) => self.others.get(at),
        }
    }

    /// Returns a value for an entry. A decoded value belongs to one field, so it is moved.
    pub(super) fn owned(&mut self, value: Value<'_>) -> HeaderValue {
        let decoded = match value {
            Value::Borrowed(value) => return value.clone(),
            Value::Decoded(at) => match at.checked_sub(1) {
                None => Some(&mut self.first),
                Some(at) => self.others.get_mut(at),
            },
            Value::Invalid => None,
        };
        // `push` returned the index, and an invalid value is no entry, so there is a value.
        debug_assert!(decoded.is_some(), "the value was decoded");
        decoded.map_or(Self::NONE, |value| std::mem::replace(value, Self::NONE))
    }
}
