//! Limits of values and of requests.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::located::Located;
use crate::{Charset, RequestLimits, ValueLimits};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueLimitsDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_len: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_len: Option<usize>,
    #[serde(default, skip_serializing_if = "CharsetDocument::is_any")]
    charset: CharsetDocument,
}

#[derive(Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CharsetDocument {
    #[default]
    Any,
    Word,
    Aws,
    #[serde(rename = "uuid_1_to_5")]
    Uuid1To5,
}

impl CharsetDocument {
    fn is_any(&self) -> bool {
        *self == Self::Any
    }
}

impl From<CharsetDocument> for Charset {
    fn from(charset: CharsetDocument) -> Self {
        match charset {
            CharsetDocument::Any => Self::Any,
            CharsetDocument::Word => Self::Word,
            CharsetDocument::Aws => Self::Aws,
            CharsetDocument::Uuid1To5 => Self::Uuid1To5,
        }
    }
}

impl From<Charset> for CharsetDocument {
    fn from(charset: Charset) -> Self {
        match charset {
            Charset::Any => Self::Any,
            Charset::Word => Self::Word,
            Charset::Aws => Self::Aws,
            Charset::Uuid1To5 => Self::Uuid1To5,
        }
    }
}

/// Serializes the limits as `min_len`, `max_len` and `charset`. Limits that accept every
/// value are left out.
impl Serialize for ValueLimits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document = ValueLimitsDocument {
            min_len: Some(self.min).filter(|min| *min > 0),
            max_len: Some(self.max).filter(|max| *max < usize::MAX),
            charset: self.charset.into(),
        };
        document.serialize(serializer)
    }
}

/// # Errors
///
/// Returns an error if the limits accept no value.
impl<'de> Deserialize<'de> for ValueLimits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = ValueLimitsDocument::deserialize(deserializer)?;
        let limits = Self {
            min: document.min_len.unwrap_or(0),
            max: document.max_len.unwrap_or(usize::MAX),
            charset: document.charset.into(),
        };
        if !limits.accept_some_length() {
            let problem = "`max_len` must be at least 1, and not less than `min_len`";
            return Err(Located::new(problem).into_error());
        }
        Ok(limits)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RequestLimitsDocument {
    max_headers: usize,
    max_bytes: usize,
    max_value_bytes: usize,
}

impl Default for RequestLimitsDocument {
    fn default() -> Self {
        RequestLimits::new().into()
    }
}

impl From<RequestLimits> for RequestLimitsDocument {
    fn from(limits: RequestLimits) -> Self {
        Self {
            max_headers: limits.headers,
            max_bytes: limits.bytes,
            max_value_bytes: limits.value_bytes,
        }
    }
}

/// Serializes the limits as `max_headers`, `max_bytes` and `max_value_bytes`.
impl Serialize for RequestLimits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RequestLimitsDocument::from(*self).serialize(serializer)
    }
}

/// A missing limit has its default.
///
/// # Errors
///
/// Returns an error if a limit is 0, with which nothing would be read or written.
impl<'de> Deserialize<'de> for RequestLimits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = RequestLimitsDocument::deserialize(deserializer)?;
        for (name, limit) in [
            ("max_headers", document.max_headers),
            ("max_bytes", document.max_bytes),
            ("max_value_bytes", document.max_value_bytes),
        ] {
            if limit == 0 {
                let error = Located::new("must be at least 1");
                return Err(error.within(name).into_error());
            }
        }
        let limits = Self::new()
            .max_headers(document.max_headers)
            .max_bytes(document.max_bytes)
            .max_value_bytes(document.max_value_bytes);
        Ok(limits)
    }
}
