use http::{HeaderName, HeaderValue};

use crate::Reason;

/// Limits on the metadata of one request: the number of headers and bytes.
///
/// The default is 32 headers, 8,192 bytes in total and 4,096 bytes in one value. This is
/// far more than clients are known to send, and half of the bytes that common servers
/// accept for all headers of a request.
///
/// If a value is too long, its field has a [fault](crate::Fault). If a request has too
/// many headers or bytes, nothing is read, and one fault names the limit. If a header to
/// write would exceed a limit, it is not written, and is reported. A value is never
/// truncated.
///
/// Every header that carries a field counts, with its name and value. Headers that other
/// software uses too do not count. W3C baggage has its own limits: 64 members and 8,192
/// bytes.
///
/// ```
/// use tower_metadata_headers::{MetadataHeadersLayer, RequestLimits, conventions};
///
/// let limits = RequestLimits::new().max_headers(12).max_bytes(2048).max_value_bytes(512);
/// let layer = MetadataHeadersLayer::extract(conventions::clients().request_limits(limits));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestLimits {
    pub(crate) headers: usize,
    pub(crate) bytes: usize,
    pub(crate) value_bytes: usize,
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

    /// Sets the maximum number of headers that carry fields. If it is 0, no header is
    /// read or written.
    #[must_use]
    pub const fn max_headers(self, headers: usize) -> Self {
        Self { headers, ..self }
    }

    /// Sets the maximum number of bytes in the names and values of these headers
    /// together.
    #[must_use]
    pub const fn max_bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// Sets the maximum number of bytes in one header's value. The kind of a field's
    /// value may allow fewer: an id has at most 256.
    #[must_use]
    pub const fn max_value_bytes(self, value_bytes: usize) -> Self {
        Self {
            value_bytes,
            ..self
        }
    }

    /// Returns the maximum number of bytes in one header's value.
    pub(crate) const fn value_limit(&self) -> usize {
        self.value_bytes
    }

    /// Returns the bytes that remain for values after `headers` names of `names` bytes in
    /// total, or `None` if the names alone exceed the limits.
    pub(crate) fn bytes_after_names(&self, headers: usize, names: usize) -> Option<usize> {
        (headers <= self.headers).then(|| self.bytes.checked_sub(names))?
    }

    /// Checks that a header's value is not too long.
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

/// Limits that remain for a request.
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

    /// Subtracts a header, if it is within the limits. A value that is too long is not
    /// read, so its bytes do not count.
    #[inline]
    pub(crate) fn take(&mut self, name: &HeaderName, value: &[u8]) -> Result<(), Reason> {
        let is_read = value.len() <= self.limits.value_bytes;
        let value = if is_read { value.len() } else { 0 };
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
    fn header_that_fits_exactly_is_taken() {
        let limits = RequestLimits::new().max_headers(2).max_bytes(17);
        let mut remaining = RemainingLimits::new(limits);
        assert_eq!(remaining.take(&NAME, VALUE), Ok(()));
        assert_eq!(remaining.take(&NAME, VALUE), Ok(()));
        let over = Reason::TooManyHeaders { limit: 2 };
        assert_eq!(remaining.take(&NAME, VALUE), Err(over));

        let mut remaining = RemainingLimits::new(limits.max_headers(3));
        assert_eq!(remaining.take(&NAME, VALUE), Ok(()));
        assert_eq!(remaining.take(&NAME, VALUE), Ok(()));
        let over = Reason::TooManyBytes { limit: 17 };
        assert_eq!(remaining.take(&NAME, VALUE), Err(over));
    }

    #[test]
    fn header_within_limits_of_zero_is_an_error() {
        for limits in [
            RequestLimits::new().max_headers(0),
            RequestLimits::new().max_bytes(0),
        ] {
            assert!(RemainingLimits::new(limits).take(&NAME, VALUE).is_err());
        }
    }
}
