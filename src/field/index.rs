use std::marker::PhantomData;

/// Index of the field `F` among the well-known fields.
///
/// No other crate can name or construct it. The type parameter prevents a field from
/// using the index of another field.
#[derive(Clone, Copy, Debug)]
#[expect(
    unnameable_types,
    reason = "a field of another crate is never well-known"
)]
pub struct Known<F> {
    index: u8,
    field: PhantomData<fn() -> F>,
}

impl<F> Known<F> {
    /// Index of a field of this crate that is not among the well-known fields.
    pub(super) const NONE: Self = Self::at(u8::MAX);

    pub(super) const fn at(index: u8) -> Self {
        Self {
            index,
            field: PhantomData,
        }
    }

    pub(super) const fn index(&self) -> u8 {
        self.index
    }
}
