/// Defines a field of your own: a type that implements [`Field`](crate::Field), with
/// the usual conversions.
///
/// ```
/// use tower_metadata_headers::{Metadata, metadata_field};
///
/// metadata_field! {
///     /// The tenant that pays.
///     pub struct TenantId("tenant-id"): Identity;
/// }
///
/// metadata_field! {
///     /// Step of a plan, as text for people.
///     pub struct Step("step"): Correlation + Volatile as Text;
/// }
///
/// let metadata = Metadata::new()
///     .with(TenantId::try_from("acme")?)
///     .with(Step::try_from("Prüfung")?);
/// assert_eq!(metadata.get::<TenantId>().unwrap().as_str(), "acme");
/// assert_eq!(format!("{metadata:?}"), r#"{"step": "Pr%C3%BCfung", "tenant-id": hidden}"#);
/// # Ok::<(), tower_metadata_headers::InvalidValue>(())
/// ```
///
/// # Syntax
///
/// - The field's name is in parentheses. It follows the rules of
///   [`Field::NAME`](crate::Field::NAME).
/// - The [`Class`](crate::Class), `Correlation` or `Identity`, is after the colon.
/// - `+ Volatile` is added if each turn or request has a new value.
/// - `as Text` is added if the value is a [`Text`](crate::Text) and not an
///   [`Id`](crate::Id).
///
/// # Generated items
///
/// The type has `TryFrom<&str>`, `TryFrom<String>`, `FromStr`, `as_str`, `Eq`, `Ord` and
/// `Hash`, conversions from and to its kind of value, and conversions into `String` and
/// `http::HeaderValue`. An identity field has no
/// `Display`, and its `Debug` hides the value. To create an id from a UUID, use
/// `TenantId::from(Id::from(uuid))`. For a list, implement the trait by hand with
/// [`Tags`](crate::Tags) as its value.
#[macro_export]
macro_rules! metadata_field {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident($field:literal): $class:ident $(+ $stability:ident)? $(as $kind:ident)?;
    ) => {
        $crate::__metadata_field! {
            $(#[$meta])*
            $vis struct $name($field): $class [$($stability)?] [$($kind)?] {}
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __metadata_field {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident($field:literal): $class:ident [$($stability:ident)?] [$($kind:ident)?]
        { $($extra:tt)* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis struct $name($crate::__metadata_field!(@kind $($kind)?));

        impl $crate::Field for $name {
            const NAME: &'static str = $field;
            const CLASS: $crate::Class = $crate::Class::$class;
            const STABILITY: $crate::Stability = $crate::__metadata_field!(@stability $($stability)?);
            type Value = $crate::__metadata_field!(@kind $($kind)?);

            fn into_value(self) -> Self::Value {
                self.0
            }

            fn from_value(value: Self::Value) -> Option<Self> {
                Some(Self(value))
            }

            $($extra)*
        }

        impl $name {
            /// Returns the value's text.
            #[must_use]
            #[allow(dead_code, reason = "a private field may not use every generated method")]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl ::core::convert::TryFrom<&str> for $name {
            type Error = $crate::InvalidValue;

            fn try_from(text: &str) -> ::core::result::Result<Self, Self::Error> {
                match ::core::convert::TryFrom::try_from(text) {
                    Ok(value) => Ok(Self(value)),
                    Err(error) => Err($crate::InvalidValue::named(error, $field)),
                }
            }
        }

        impl ::core::convert::TryFrom<::std::string::String> for $name {
            type Error = $crate::InvalidValue;

            fn try_from(text: ::std::string::String) -> ::core::result::Result<Self, Self::Error> {
                match ::core::convert::TryFrom::try_from(text) {
                    Ok(value) => Ok(Self(value)),
                    Err(error) => Err($crate::InvalidValue::named(error, $field)),
                }
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::InvalidValue;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                ::core::convert::TryFrom::try_from(text)
            }
        }

        impl ::core::convert::From<$crate::__metadata_field!(@kind $($kind)?)> for $name {
            fn from(value: $crate::__metadata_field!(@kind $($kind)?)) -> Self {
                Self(value)
            }
        }

        impl ::core::convert::From<$name> for $crate::__metadata_field!(@kind $($kind)?) {
            fn from(field: $name) -> Self {
                field.0
            }
        }

        impl ::core::convert::From<$name> for ::std::string::String {
            fn from(field: $name) -> Self {
                ::std::borrow::ToOwned::to_owned(field.as_str())
            }
        }

        impl ::core::convert::From<$name> for $crate::__HeaderValue {
            fn from(field: $name) -> Self {
                $crate::__encoded(field)
            }
        }

        impl ::core::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::core::cmp::PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl ::core::cmp::PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        $crate::__metadata_field!(@show $class $name);
    };

    (@kind) => { $crate::Id };
    (@kind Id) => { $crate::Id };
    (@kind Text) => { $crate::Text };

    (@stability) => { $crate::Stability::Stable };
    (@stability Stable) => { $crate::Stability::Stable };
    (@stability Volatile) => { $crate::Stability::Volatile };

    (@show Correlation $name:ident) => {
        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.as_str()).finish()
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
    (@show Identity $name:ident) => {
        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    };
}
