use std::{iter, ptr};

use http::{HeaderName, HeaderValue, header::USER_AGENT};

use super::table::{Rank, WEAK};
use crate::{
    FieldKey, Metadata,
    field::KNOWN,
    metadata::{Entry, bit},
};

/// What counts for each field so far, among a request's headers.
pub(super) struct Candidates<'h> {
    /// A bit for each well-known field that has one.
    taken: u32,
    known: [Option<Candidate<'h>>; KNOWN.len()],
    /// Those of fields that are not well-known.
    others: Vec<(FieldKey, Option<Candidate<'h>>)>,
    /// The values that stand in no header as they are.
    made: Vec<HeaderValue>,
}

#[derive(Clone, Copy)]
struct Candidate<'h> {
    rank: Rank,
    header: &'h HeaderName,
    value: Value<'h>,
}

/// A field's value, which its kind has checked.
#[derive(Clone, Copy)]
pub(super) enum Value<'h> {
    /// It stands somewhere as it is to be kept.
    Sent(&'h HeaderValue),
    /// It is among those that were made, here.
    Made(usize),
    /// The header can't count, and nothing of less weight either.
    Void,
}

/// The header of what no header of ours says.
static NO_OTHER: HeaderName = USER_AGENT;

/// Two headers that carry a field and disagree; the first of them counts more.
pub(super) struct Conflict<'h> {
    pub(super) first: &'h HeaderName,
    pub(super) second: &'h HeaderName,
}

impl<'h> Candidates<'h> {
    pub(super) const fn new() -> Self {
        Self {
            taken: 0,
            known: [None; KNOWN.len()],
            others: Vec::new(),
            made: Vec::new(),
        }
    }

    /// Keeps a value that stands in no header.
    pub(super) fn keep(&mut self, value: HeaderValue) -> Value<'h> {
        self.made.push(value);
        Value::Made(self.made.len() - 1)
    }

    /// A header that carries a field. Of two of one rank that disagree neither
    /// counts, unless the first is to.
    #[inline]
    pub(super) fn offer(
        &mut self,
        field: FieldKey,
        rank: Rank,
        header: &'h HeaderName,
        value: Value<'h>,
        first_of_equals: bool,
    ) -> Option<Conflict<'h>> {
        let new = Candidate {
            rank,
            header,
            value,
        };
        let slot = self.slot(field)?;
        match *slot {
            None => {
                *slot = Some(new);
                None
            }
            Some(old) => self.contend(field, old, new, first_of_equals),
        }
    }

    /// Another header carries the field too.
    #[cold]
    fn contend(
        &mut self,
        field: FieldKey,
        old: Candidate<'h>,
        new: Candidate<'h>,
        first_of_equals: bool,
    ) -> Option<Conflict<'h>> {
        let is_better = new.rank < old.rank;
        // Where the better one is void, or they agree, there is nothing to say.
        let told = self.header_value(old);
        let disagree = told.is_some() && told != self.header_value(new);
        // What others use for their own ends may well differ.
        let tells = disagree && old.rank.max(new.rank) < WEAK;
        let slot = self.slot(field)?;
        if is_better {
            *slot = Some(new);
        } else if disagree && new.rank == old.rank && !first_of_equals {
            let value = Value::Void;
            *slot = Some(Candidate { value, ..old });
        }
        let (first, second) = if is_better {
            (new.header, old.header)
        } else {
            (old.header, new.header)
        };
        tells.then_some(Conflict { first, second })
    }

    /// A header that should have counted for the field and can't: nothing of
    /// less weight takes its place.
    pub(super) fn void(&mut self, field: FieldKey, rank: Rank, header: &'h HeaderName) {
        if let Some(slot) = self.slot(field)
            && slot.is_none_or(|old| old.rank >= rank)
        {
            *slot = Some(Candidate {
                rank,
                header,
                value: Value::Void,
            });
        }
    }

    /// Whether this header is the one that counts for a field.
    pub(super) fn is_from(&mut self, field: FieldKey, header: &HeaderName) -> bool {
        let candidate = self.slot(field).and_then(|slot| *slot);
        candidate.is_some_and(|candidate| {
            !matches!(candidate.value, Value::Void) && ptr::eq(candidate.header, header)
        })
    }

    /// The value that counts for a field.
    pub(super) fn value(&mut self, field: FieldKey) -> Option<&HeaderValue> {
        let candidate = (*self.slot(field)?)?;
        self.header_value(candidate)
    }

    /// Takes out what others said of a field for their own ends.
    pub(super) fn take_weak(&mut self, field: FieldKey) -> Option<Value<'h>> {
        let slot = self.slot(field)?;
        let weak = slot.take_if(|candidate| candidate.rank >= WEAK)?;
        (!matches!(weak.value, Value::Void)).then_some(weak.value)
    }

    /// Says what counts for a field, where no header does.
    pub(super) fn set(&mut self, field: FieldKey, value: Value<'h>) {
        if let Some(slot) = self.slot(field) {
            *slot = Some(Candidate {
                rank: 0,
                header: &NO_OTHER,
                value,
            });
        }
    }

    /// What counts for each field.
    pub(super) fn metadata(&mut self) -> Metadata {
        self.others.sort_unstable_by_key(|&(field, _)| field);
        let known = ones(self.taken).filter_map(|at| Some((*KNOWN.get(at)?, *self.known.get(at)?)));
        let all = known.chain(self.others.iter().copied());
        let counted = all.filter_map(|(field, slot)| Some((field, self.header_value(slot?)?)));
        Metadata::sorted(counted.clone().count(), counted.map(entry))
    }

    /// Where a field's candidate stands.
    #[inline]
    fn slot(&mut self, field: FieldKey) -> Option<&mut Option<Candidate<'h>>> {
        match field.known() {
            Some(index) => {
                self.taken |= bit(field);
                self.known.get_mut(usize::from(index))
            }
            None => self.own_slot(field),
        }
    }

    /// The same, of a field that is not well-known.
    #[inline(never)]
    fn own_slot(&mut self, field: FieldKey) -> Option<&mut Option<Candidate<'h>>> {
        let mut others = self.others.iter();
        let at = match others.position(|(other, _)| *other == field) {
            Some(at) => at,
            None => {
                self.others.push((field, None));
                self.others.len() - 1
            }
        };
        self.others.get_mut(at).map(|(_, slot)| slot)
    }

    fn header_value(&self, candidate: Candidate<'h>) -> Option<&HeaderValue> {
        match candidate.value {
            Value::Sent(value) => Some(value),
            Value::Made(at) => self.made.get(at),
            Value::Void => None,
        }
    }
}

fn entry((key, value): (FieldKey, &HeaderValue)) -> Entry {
    Entry {
        key,
        value: key.marked(value.clone()),
    }
}

/// The places of the bits that are set.
fn ones(bits: u32) -> impl Iterator<Item = usize> + Clone {
    let without_last = |bits: &u32| Some(bits & (bits - 1)).filter(|&rest| rest != 0);
    let first = Some(bits).filter(|&bits| bits != 0);
    iter::successors(first, without_last).map(|bits| bits.trailing_zeros() as usize)
}
