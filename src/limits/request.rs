use http::{HeaderName, HeaderValue};

use crate::Reason;

/// Limits on the metadata of one request: the number of headers and bytes.
///
/// The default is 32 headers of 8,192 bytes in all, and 4,096 bytes in one value. That is
/// far more than known clients send, and half of what common servers accept for all
/// headers of a request.
///
/// If a value is too long, its field has a [fault](crate::Fault). If a request has too many
/// headers or bytes, nothing is read, and one fault names the limit. When writing, a header
/// that would exceed a limit is omitted and reported. No value is ever truncated.
///
/// The headers that carry fields are counted, with their names. Headers that other software
/// uses too have limits of their own: W3C baggage has 64 members and 8,192 bytes.
///
/// ```
/// use tower_metadata_headers::{MetadataHeadersLayer, RequestLimits, conventions};
///
/// let limits = RequestLimits::new().max_headers(12).max_bytes(2048).max_value_bytes(512);
/// let layer = MetadataHeadersLayer::extract(conventions::clients().request_limits(limits));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestLimits {
    headers: usize,
    bytes: usize,
    value_bytes: usize,
}

impl RequestLimits {
    /// Creates the default limits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            headers: 32,
            bytes: 8192,
            value_bytes: 4096,
        }
    }

    /// Sets the maximum number of headers that carry fields. With 0, none is read
    /// or written.
    #[must_use]
    pub const fn max_headers(self, headers: usize) -> Self {
        Self { headers, ..self }
    }

    /// Sets the maximum number of bytes of these headers in all, with their names.
    #[must_use]
    pub const fn max_bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// Sets the maximum number of bytes of one header's value. A field's own kind
    /// may allow fewer: an id has 256 at most.
    #[must_use]
    pub const fn max_value_bytes(self, value_bytes: usize) -> Self {
        Self {
            value_bytes,
            ..self
        }
    }

    /// Returns the maximum number of bytes of one header's value.
    pub(crate) const fn most_in_value(&self) -> usize {
        self.value_bytes
    }

    /// Returns the maximum number of bytes of the values of some headers, by the number of
    /// the headers and the bytes of their names.
    pub(crate) fn most_in_values(&self, headers: usize, names: usize) -> Option<usize> {
        (headers <= self.headers).then(|| self.bytes.checked_sub(names))?
    }

    pub(crate) fn check_value(&self, value: &HeaderValue) -> Result<(), Reason> {
        if value.len() > self.value_bytes {
            let limit = self.value_bytes;
            return Err(Reason::TooLong { limit });
        }
        Ok(())
    }
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// Remainder of the limits on a request.
#[derive(Debug)]
pub(crate) struct RemainingLimits {
    pub(crate) limits: RequestLimits,
    headers: usize,
    bytes: usize,
}

impl RemainingLimits {
    pub(crate) const fn new(limits: RequestLimits) -> Self {
        Self {
            limits,
            headers: limits.headers,
            bytes: limits.bytes,
        }
    }

    /// Subtracts a header from the limits. A value that is too long by itself is not read,
    /// so it is not subtracted.
    #[inline]
    pub(crate) fn take(&mut self, name: &HeaderName, value: &[u8]) -> Result<(), Reason> {
        let is_looked_at = value.len() <= self.limits.value_bytes;
        let value = if is_looked_at { value.len() } else { 0 };
        let len = name.as_str().len() + value;
        match (self.headers.checked_sub(1), self.bytes.checked_sub(len)) {
            (Some(headers), Some(bytes)) => {
                self.headers = headers;
                self.bytes = bytes;
                Ok(())
            }
            (None, _) => Err(Reason::TooManyHeaders {
                limit: self.limits.headers,
            }),
            (_, None) => Err(Reason::TooManyBytes {
                limit: self.limits.bytes,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: HeaderName = HeaderName::from_static("x-a");
    const VALUE: &[u8] = b"12345";

    #[test]
    fn what_fits_to_the_last_byte_is_taken() {
        let limits = RequestLimits::new().max_headers(2).max_bytes(17);
        let mut left = RemainingLimits::new(limits);
        assert_eq!(left.take(&NAME, VALUE), Ok(()));
        assert_eq!(left.take(&NAME, VALUE), Ok(()));
        let over = Reason::TooManyHeaders { limit: 2 };
        assert_eq!(left.take(&NAME, VALUE), Err(over));

        let mut left = RemainingLimits::new(limits.max_headers(3));
        assert_eq!(left.take(&NAME, VALUE), Ok(()));
        assert_eq!(left.take(&NAME, VALUE), Ok(()));
        let over = Reason::TooManyBytes { limit: 17 };
        assert_eq!(left.take(&NAME, VALUE), Err(over));
    }

    #[test]
    fn limits_of_zero_let_nothing_pass() {
        for limits in [
            RequestLimits::new().max_headers(0),
            RequestLimits::new().max_bytes(0),
        ] {
            assert!(RemainingLimits::new(limits).take(&NAME, VALUE).is_err());
        }
    }
}
