use std::{any::type_name, fmt, marker::PhantomData, sync::Arc};

use http::{Request, request::Parts};

use super::parts::with_parts;
use crate::Metadata;

/// Source of a request's metadata for the injecting layer.
///
/// The trait is sealed: [`FromExtension`], [`FromParts`] and, with the feature `tokio`,
/// `FromCurrent` implement it, and no other type can.
pub trait MetadataSource: Sealed {}

/// Seals [`MetadataSource`].
#[expect(
    unnameable_types,
    reason = "no other crate can name it, which seals `MetadataSource`"
)]
pub trait Sealed {
    fn metadata<B>(&self, request: &mut Request<B>) -> Option<Metadata>;
}

/// Source that converts the extension of type `T`; see
/// [`from_extension`](super::MetadataHeadersLayer::from_extension).
pub struct FromExtension<T>(PhantomData<fn() -> T>);

impl<T> FromExtension<T> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> MetadataSource for FromExtension<T> where T: Into<Metadata> + Clone + Send + Sync + 'static {}

impl<T> Sealed for FromExtension<T>
where
    T: Into<Metadata> + Clone + Send + Sync + 'static,
{
    #[inline]
    fn metadata<B>(&self, request: &mut Request<B>) -> Option<Metadata> {
        request.extensions().get::<T>().cloned().map(T::into)
    }
}

impl<T> Clone for FromExtension<T> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for FromExtension<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FromExtension<{}>", type_name::<T>())
    }
}

/// Source that calls a closure with the request's parts; see
/// [`from_parts`](super::MetadataHeadersLayer::from_parts).
pub struct FromParts<F>(Arc<F>);

impl<F> FromParts<F> {
    pub(super) fn new(make: F) -> Self {
        Self(Arc::new(make))
    }
}

impl<F> MetadataSource for FromParts<F> where F: Fn(&Parts) -> Metadata {}

impl<F> Sealed for FromParts<F>
where
    F: Fn(&Parts) -> Metadata,
{
    fn metadata<B>(&self, request: &mut Request<B>) -> Option<Metadata> {
        Some(with_parts(request, |parts| (self.0)(parts)))
    }
}

impl<F> Clone for FromParts<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F> fmt::Debug for FromParts<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FromParts<{}>", type_name::<F>())
    }
}

/// Source that reads the extension [`Metadata`], falling back to [`Metadata::current`];
/// see [`from_current`](super::MetadataHeadersLayer::from_current).
#[cfg(feature = "tokio")]
#[derive(Clone, Copy, Debug)]
pub struct FromCurrent(());

#[cfg(feature = "tokio")]
impl FromCurrent {
    pub(super) const fn new() -> Self {
        Self(())
    }
}

#[cfg(feature = "tokio")]
impl MetadataSource for FromCurrent {}

#[cfg(feature = "tokio")]
impl Sealed for FromCurrent {
    fn metadata<B>(&self, request: &mut Request<B>) -> Option<Metadata> {
        let metadata = request.extensions().get::<Metadata>().cloned();
        metadata.or_else(Metadata::current)
    }
}
