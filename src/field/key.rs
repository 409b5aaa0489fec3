use std::{
    any::{TypeId, type_name},
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use http::HeaderValue;

use super::{Class, Field, Stability, VendorHeaders, name::check_custom_name, value::Wire};
use crate::Reason;

/// Key of a field: its type as a value, for tables, faults and logs.
///
/// ```
/// use tower_metadata_headers::{Class, FieldKey, ProjectId, Stability, TaskId};
///
/// let key = FieldKey::of::<ProjectId>();
/// assert_eq!(key.name(), "project-id");
/// assert_eq!(key.class(), Class::Identity);
/// assert_eq!(key.stability(), Stability::Stable);
/// assert_ne!(key, FieldKey::of::<TaskId>());
/// assert!(FieldKey::well_known().any(|known| known == key));
/// ```
#[derive(Clone, Copy)]
pub struct FieldKey(&'static Definition);

struct Definition {
    /// Index among the well-known fields, or [`CUSTOM`].
    index: u8,
    name: &'static str,
    class: Class,
    stability: Stability,
    type_name: fn() -> &'static str,
    type_id: fn() -> TypeId,
    read: fn(&HeaderValue) -> Result<Option<HeaderValue>, Reason>,
    parse: fn(&str) -> Result<HeaderValue, Reason>,
    plain: fn(&HeaderValue) -> Option<String>,
    /// Definition of the field as generated. `None` in that definition itself.
    generated: Option<&'static Self>,
}

const CUSTOM: u8 = u8::MAX;

impl FieldKey {
    /// Returns the key of the field `F`.
    #[must_use]
    pub const fn of<F: Field>() -> Self {
        Self(Defined::<F>::DEFINITION)
    }

    /// Returns the field's name, for example `session-id`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns the field's class: correlation or identity.
    #[must_use]
    pub const fn class(self) -> Class {
        self.0.class
    }

    /// Returns the field's stability: stable or volatile.
    #[must_use]
    pub const fn stability(self) -> Stability {
        self.0.stability
    }

    /// Returns the field's index among the well-known fields, if it is one.
    pub(crate) const fn known(self) -> Option<u8> {
        if self.0.index == CUSTOM {
            None
        } else {
            Some(self.0.index)
        }
    }

    /// Returns true if a value must be hidden from logs and compression tables.
    pub(crate) const fn sensitive(self) -> bool {
        matches!(self.0.class, Class::Identity) || matches!(self.0.stability, Stability::Volatile)
    }

    /// Checks a header's value. Returns its canonical form, or `None` if the value is
    /// canonical already.
    pub(crate) fn read(self, value: &HeaderValue) -> Result<Option<HeaderValue>, Reason> {
        (self.0.read)(value)
    }

    /// Checks a text without header escapes, such as a JSON string, and returns its
    /// header value.
    pub(crate) fn parse(self, text: &str) -> Result<HeaderValue, Reason> {
        (self.0.parse)(text)
    }

    /// Returns the text of a canonical header value, without escapes.
    pub(crate) fn plain(self, value: &HeaderValue) -> String {
        let text = (self.0.plain)(value);
        debug_assert!(text.is_some(), "the value was checked for this field");
        text.unwrap_or_default()
    }

    /// Returns the value, marked as sensitive if the field is.
    pub(crate) fn marked(self, mut value: HeaderValue) -> HeaderValue {
        value.set_sensitive(self.sensitive());
        value
    }

    /// Returns the key of the same field in metadata that the program generated. The keys are
    /// equal.
    pub(crate) const fn as_generated(self) -> Self {
        match self.0.generated {
            Some(generated) => Self(generated),
            None => self,
        }
    }

    pub(crate) const fn is_generated(self) -> bool {
        self.0.generated.is_none()
    }

    /// Returns true if the field is for its vendor alone: not for logs, attributes or other
    /// conventions.
    pub(crate) fn is_of_vendor(self) -> bool {
        self == Self::of::<VendorHeaders>()
    }

    fn custom_type(self) -> Option<TypeId> {
        (self.0.index == CUSTOM).then(|| (self.0.type_id)())
    }
}

/// Returns the field's value as it is in a header. `metadata_field!` uses it.
#[doc(hidden)]
pub fn encoded<F: Field>(field: F) -> HeaderValue {
    FieldKey::of::<F>().marked(field.into_value().into_wire())
}

struct Defined<F>(PhantomData<F>);

impl<F: Field> Defined<F> {
    const DEFINITION: &'static Definition = &Definition {
        generated: Some(&Self::NEW),
        ..Self::NEW
    };

    const NEW: Definition = Definition {
        index: match F::KNOWN {
            Some(known) => known.index(),
            None => {
                check_custom_name(F::NAME);
                CUSTOM
            }
        },
        name: F::NAME,
        class: F::CLASS,
        stability: F::STABILITY,
        type_name: type_name::<F>,
        type_id: TypeId::of::<F>,
        read: match F::KNOWN {
            // A well-known field accepts every value of its kind.
            Some(_) => |value| F::Value::check_wire(value),
            None => |value| checked::<F>(F::Value::from_wire(value)?).map(Some),
        },
        parse: match F::KNOWN {
            Some(_) => |text| Ok(F::Value::from_text(text)?.into_wire()),
            None => |text| checked::<F>(F::Value::from_text(text)?),
        },
        plain: |value| Some(F::Value::from_wire(value).ok()?.to_text()),
        generated: None,
    };
}

fn checked<F: Field>(value: F::Value) -> Result<HeaderValue, Reason> {
    match F::from_value(value.clone()) {
        Some(_) => Ok(value.into_wire()),
        None => Err(Reason::InvalidField),
    }
}

impl PartialEq for FieldKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.index == other.0.index && self.custom_type() == other.custom_type()
    }
}

impl Eq for FieldKey {}

impl Hash for FieldKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.index.hash(state);
        self.custom_type().hash(state);
    }
}

impl PartialOrd for FieldKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Well-known fields come first, in the order of their table. The others follow by
/// name, and then by the path of their type.
///
/// If several fields have the same name, the first is written to the header of that
/// name. With the same compiler, the order is the same in every build, as that of
/// [`type_name`](std::any::type_name) is. The exception is two types with the same path,
/// as in two versions of a crate.
impl Ord for FieldKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .index
            .cmp(&other.0.index)
            .then_with(|| self.0.name.cmp(other.0.name))
            .then_with(|| match (self.custom_type(), other.custom_type()) {
                (Some(one), Some(two)) if one != two => {
                    let by_path = (self.0.type_name)().cmp((other.0.type_name)());
                    // A `TypeId` may differ between builds, so it is the last resort.
                    by_path.then_with(|| one.cmp(&two))
                }
                _ => Ordering::Equal,
            })
    }
}

impl fmt::Debug for FieldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FieldKey").field(&self.0.name).finish()
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.name)
    }
}
