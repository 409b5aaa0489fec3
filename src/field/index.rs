use std::marker::PhantomData;

/// Index of the field `F` among the well-known ones.
///
/// No other crate can name or make one. It carries its field's type, so that
/// it is no other field's.
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
