use std::{error, fmt};

use http::{HeaderName, HeaderValue};

use crate::Reason;

/// How much metadata one request may have: how many headers, and how many
/// bytes.
///
/// Without being told, that is 32 headers of 8,192 bytes in all, and 4,096 in
/// one value: far more than clients are known to send, and half of what common
/// servers take for all of a request's headers.
///
/// A value that is too long is its field's [fault](crate::Fault). A request that
/// comes with too many headers or bytes is read as if it had none, and one fault
/// names the limit. What would go beyond a limit on the way out is left out and
/// reported, and nothing is ever cut short. Counted are the
/// headers that carry fields, with their names. What others use too keeps to
/// limits of its own: W3C baggage to 64 members and 8,192 bytes.
///
/// ```
/// use tower_metadata_headers::{Budget, MetadataHeadersLayer, conventions};
///
/// let budget = Budget::new().headers(12)?.bytes(2048)?.value_bytes(512)?;
/// let layer = MetadataHeadersLayer::extract(conventions::clients().budget(budget));
/// assert_eq!(Budget::new().headers(0).unwrap_err().to_string(), "a budget of no headers has room for nothing: give at least 1");
/// # Ok::<(), tower_metadata_headers::InvalidBudget>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budget {
    headers: usize,
    bytes: usize,
    value_bytes: usize,
}

impl Budget {
    /// The usual budget.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            headers: 32,
            bytes: 8192,
            value_bytes: 4096,
        }
    }

    /// The most headers that carry fields.
    ///
    /// # Errors
    ///
    /// When it is 0.
    pub const fn headers(self, most: usize) -> Result<Self, InvalidBudget> {
        if most == 0 {
            return Err(InvalidBudget("headers"));
        }
        Ok(Self {
            headers: most,
            ..self
        })
    }

    /// The most bytes that they have in all, their names included.
    ///
    /// # Errors
    ///
    /// When it is 0.
    pub const fn bytes(self, most: usize) -> Result<Self, InvalidBudget> {
        if most == 0 {
            return Err(InvalidBudget("bytes"));
        }
        Ok(Self {
            bytes: most,
            ..self
        })
    }

    /// The most bytes of one header's value. A field's own kind may allow
    /// fewer: an id has 256 at most.
    ///
    /// # Errors
    ///
    /// When it is 0.
    pub const fn value_bytes(self, most: usize) -> Result<Self, InvalidBudget> {
        if most == 0 {
            return Err(InvalidBudget("bytes in a value"));
        }
        Ok(Self {
            value_bytes: most,
            ..self
        })
    }

    /// The most bytes of one header's value.
    pub(super) const fn most_in_value(&self) -> usize {
        self.value_bytes
    }

    /// The most bytes of the values of so many headers, whose names have so
    /// many bytes.
    pub(super) fn most_in_values(&self, headers: usize, names: usize) -> Option<usize> {
        (headers <= self.headers).then(|| self.bytes.checked_sub(names))?
    }

    pub(super) fn check_value(&self, value: &HeaderValue) -> Result<(), Reason> {
        if value.len() > self.value_bytes {
            let limit = self.value_bytes;
            return Err(Reason::TooLong { limit });
        }
        Ok(())
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

/// What is left of a budget.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) budget: Budget,
    headers: usize,
    bytes: usize,
}

impl Left {
    pub(super) const fn of(budget: Budget) -> Self {
        Self {
            budget,
            headers: budget.headers,
            bytes: budget.bytes,
        }
    }

    /// Takes a header off, if there is room for it. A value that is too long by
    /// itself is not looked at, and takes none.
    #[inline]
    pub(super) fn take(&mut self, name: &HeaderName, value: &[u8]) -> Result<(), Reason> {
        let is_looked_at = value.len() <= self.budget.value_bytes;
        let value = if is_looked_at { value.len() } else { 0 };
        let len = name.as_str().len() + value;
        match (self.headers.checked_sub(1), self.bytes.checked_sub(len)) {
            (Some(headers), Some(bytes)) => {
                self.headers = headers;
                self.bytes = bytes;
                Ok(())
            }
            (None, _) => Err(Reason::TooManyHeaders {
                limit: self.budget.headers,
            }),
            (_, None) => Err(Reason::TooManyBytes {
                limit: self.budget.bytes,
            }),
        }
    }
}

/// A budget that has room for nothing: the error of [`Budget`]'s setters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InvalidBudget(&'static str);

impl fmt::Display for InvalidBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a budget of no {} has room for nothing: give at least 1",
            self.0
        )
    }
}

crate::error::debug_as_display!(InvalidBudget);

impl error::Error for InvalidBudget {}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: HeaderName = HeaderName::from_static("x-a");
    const VALUE: &[u8] = b"12345";

    #[test]
    fn what_fits_to_the_last_byte_is_taken() {
        let budget = Budget::new().headers(2).unwrap().bytes(17).unwrap();
        let mut left = Left::of(budget);
        assert_eq!(left.take(&NAME, VALUE), Ok(()));
        assert_eq!(left.take(&NAME, VALUE), Ok(()));
        let over = Reason::TooManyHeaders { limit: 2 };
        assert_eq!(left.take(&NAME, VALUE), Err(over));

        let mut left = Left::of(budget.headers(3).unwrap());
        assert_eq!(left.take(&NAME, VALUE), Ok(()));
        assert_eq!(left.take(&NAME, VALUE), Ok(()));
        let over = Reason::TooManyBytes { limit: 17 };
        assert_eq!(left.take(&NAME, VALUE), Err(over));
    }

    #[test]
    fn no_limit_is_zero() {
        let budget = Budget::new();
        assert_eq!(budget.headers(0), Err(InvalidBudget("headers")));
        assert_eq!(budget.bytes(0), Err(InvalidBudget("bytes")));
        assert_eq!(
            budget.value_bytes(0),
            Err(InvalidBudget("bytes in a value"))
        );
    }
}
