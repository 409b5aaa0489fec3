use std::fmt;

use http::HeaderValue;

use super::{
    Class, Field, Stability,
    index::Known,
    key::encoded,
    text,
    value::{self, Value, Wire},
};
use crate::{InvalidValue, Reason, encoding::percent};

/// Ordered list of 1 to 32 labels, each a [`Text`](crate::Text) without a comma and
/// without white space around it.
///
/// `Tags` is a field, and the kind of value for other lists. In a header the labels are
/// separated by commas, and characters that are not ASCII are percent-encoded.
///
/// ```
/// use tower_metadata_headers::Tags;
///
/// let tags = Tags::new(["ci", "nightly build"])?;
/// assert_eq!(tags.as_str(), "ci,nightly build");
/// assert_eq!(tags, "ci, nightly build".parse()?);
/// assert_eq!(tags.iter().count(), 2);
/// # Ok::<(), tower_metadata_headers::InvalidValue>(())
/// ```
///
/// # Security
///
/// Tags are [identity](Class::Identity). A gateway such as LiteLLM selects a model, a
/// budget or a paid tier by tags, so a caller who can set them can choose who is billed.
/// They are read only from trusted requests, and `Debug` hides them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tags {
    /// Tags joined by commas, which no tag contains.
    joined: String,
}

impl Tags {
    /// Maximum number of tags.
    pub const MAX_TAGS: usize = 32;

    /// Maximum length of a list in a header, with commas and escapes, in bytes.
    pub const MAX_LEN: usize = 2048;

    /// Creates a list of tags. White space around each tag is removed.
    ///
    /// # Errors
    ///
    /// Returns an error if there are no tags or more than [`MAX_TAGS`](Self::MAX_TAGS), if
    /// a tag is empty, has a comma or is not a valid [`Text`](crate::Text), or if the list
    /// is longer than [`MAX_LEN`](Self::MAX_LEN) bytes.
    pub fn new<I>(tags: I) -> Result<Self, InvalidValue>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut list = List::default();
        tags.into_iter()
            .try_for_each(|tag| {
                let start = list.joined.len() + usize::from(list.count > 0);
                list.push(tag.as_ref())
                    .map_err(|reason| reason.map_offset(|at| start + at))
            })
            .and_then(|()| list.finish())
            .map_err(|reason| InvalidValue::new(Self::NAME, reason))
    }

    /// Returns the tags joined by commas.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.joined
    }

    /// Returns an iterator over the tags.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.joined.split(',')
    }
}

/// Builder of a list of tags.
#[derive(Default)]
struct List {
    joined: String,
    count: usize,
}

impl List {
    /// Adds a tag. The offset in an error counts from the start of `item`.
    fn push(&mut self, item: &str) -> Result<(), Reason> {
        let tag = item.trim_start();
        let start = item.len() - tag.len();
        let tag = tag.trim_end();
        if self.count == Tags::MAX_TAGS {
            return Err(Reason::TooMany {
                limit: Tags::MAX_TAGS,
            });
        }
        if tag.is_empty() {
            return Err(Reason::EmptyItem);
        }
        text::check(tag).map_err(|reason| reason.map_offset(|at| start + at))?;
        if let Some(at) = tag.find(',') {
            return Err(Reason::InvalidCharacter { at: start + at });
        }
        if self.count > 0 {
            self.joined.push(',');
        }
        self.joined.push_str(tag);
        self.count += 1;
        Ok(())
    }

    fn finish(self) -> Result<Tags, Reason> {
        if self.count == 0 {
            return Err(Reason::Empty);
        }
        let tags = Tags {
            joined: self.joined,
        };
        if tags.encoded().len() > Tags::MAX_LEN {
            return Err(Reason::TooLong {
                limit: Tags::MAX_LEN,
            });
        }
        Ok(tags)
    }
}

impl Tags {
    fn encoded(&self) -> String {
        let mut wire = String::with_capacity(self.joined.len());
        percent::encode(&self.joined, b"", &mut wire);
        wire
    }
}

impl Field for Tags {
    const NAME: &'static str = "tags";
    const CLASS: Class = Class::Identity;
    const STABILITY: Stability = Stability::Stable;
    const KNOWN: Option<Known<Self>> = Some(Known::at(17));
    type Value = Self;

    fn into_value(self) -> Self {
        self
    }

    fn from_value(value: Self) -> Option<Self> {
        Some(value)
    }
}

impl Value for Tags {}

impl Wire for Tags {
    fn from_wire(value: &HeaderValue) -> Result<Self, Reason> {
        let bytes = value::trim_ows(value);
        if bytes.len() > Self::MAX_LEN {
            return Err(Reason::TooLong {
                limit: Self::MAX_LEN,
            });
        }
        if bytes.is_empty() {
            return Err(Reason::Empty);
        }
        let mut list = List::default();
        let mut start = 0;
        for tag in bytes.split(|&byte| byte == b',') {
            let text = percent::decode(tag).map_err(|reason| reason.map_offset(|at| start + at))?;
            let in_list = |at| start + percent::encoded_offset(tag, at);
            list.push(&text)
                .map_err(|reason| reason.map_offset(in_list))?;
            start += tag.len() + 1;
        }
        list.finish()
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        if text.trim().is_empty() {
            return Err(Reason::Empty);
        }
        let mut list = List::default();
        let mut start = 0;
        for tag in text.split(',') {
            list.push(tag)
                .map_err(|reason| reason.map_offset(|at| start + at))?;
            start += tag.len() + 1;
        }
        list.finish()
    }

    fn into_wire(self) -> HeaderValue {
        value::header_value(self.encoded())
    }

    fn to_text(&self) -> String {
        self.joined.clone()
    }
}

/// Converts into the value as it is in a header, which is marked as sensitive.
impl From<Tags> for HeaderValue {
    fn from(value: Tags) -> Self {
        encoded(value)
    }
}

value::parsed_from_text!(Tags, Tags::NAME);

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tags(hidden)")
    }
}
