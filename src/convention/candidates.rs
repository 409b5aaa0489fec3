use std::ptr;

use http::{HeaderName, HeaderValue, header::USER_AGENT};

use super::table::{Rank, WEAK};
use crate::{FieldKey, Metadata, field::KNOWN, metadata::Entry};

/// What counts for each field so far, among a request's headers.
pub(super) struct Candidates<'h> {
    known: [Option<Candidate<'h>>; KNOWN.len()],
    /// Those of fields that are not well-known.
    others: Vec<(FieldKey, Option<Candidate<'h>>)>,
}

struct Candidate<'h> {
    rank: Rank,
    header: &'h HeaderName,
    /// `None` where the header can't count, and nothing of less weight either.
    value: Option<Value<'h>>,
}

/// The header of what no header of ours says.
static NO_OTHER: HeaderName = USER_AGENT;

/// A field's value, which its kind has checked.
pub(super) enum Value<'h> {
    /// It stands in the header as it is to be kept.
    Sent(&'h HeaderValue),
    Made(HeaderValue),
}

/// Two headers that carry a field and disagree; the first of them counts more.
pub(super) struct Conflict<'h> {
    pub(super) first: &'h HeaderName,
    pub(super) second: &'h HeaderName,
}

impl<'h> Candidates<'h> {
    pub(super) const fn new() -> Self {
        Self {
            known: [const { None }; KNOWN.len()],
            others: Vec::new(),
        }
    }

    /// A header that carries a field. Of two of one rank that disagree neither
    /// counts, unless the first is to.
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
            value: Some(value),
        };
        let slot = self.slot(field)?;
        match slot {
            None => {
                *slot = Some(new);
                None
            }
            Some(old) => old.contend(new, first_of_equals),
        }
    }

    /// A header that should have counted for the field and can't: nothing of
    /// less weight takes its place.
    pub(super) fn void(&mut self, field: FieldKey, rank: Rank, header: &'h HeaderName) {
        if let Some(slot) = self.slot(field)
            && slot.as_ref().is_none_or(|old| old.rank >= rank)
        {
            *slot = Some(Candidate {
                rank,
                header,
                value: None,
            });
        }
    }

    /// Whether this header is the one that counts for a field.
    pub(super) fn is_from(&mut self, field: FieldKey, header: &HeaderName) -> bool {
        let candidate = self.slot(field).and_then(|slot| slot.as_ref());
        candidate
            .is_some_and(|candidate| candidate.value.is_some() && ptr::eq(candidate.header, header))
    }

    /// The value that counts for a field.
    pub(super) fn value(&mut self, field: FieldKey) -> Option<&HeaderValue> {
        self.slot(field)?.as_ref()?.header_value()
    }

    /// Takes out what others said of a field for their own ends.
    pub(super) fn take_weak(&mut self, field: FieldKey) -> Option<HeaderValue> {
        let slot = self.slot(field)?;
        let weak = slot.take_if(|candidate| candidate.rank >= WEAK)?;
        weak.value.map(Value::owned)
    }

    /// Says what counts for a field, where no header does.
    pub(super) fn set(&mut self, field: FieldKey, value: HeaderValue) {
        if let Some(slot) = self.slot(field) {
            *slot = Some(Candidate {
                rank: 0,
                header: &NO_OTHER,
                value: Some(Value::Made(value)),
            });
        }
    }

    /// What counts for each field.
    pub(super) fn metadata(&mut self) -> Metadata {
        self.others.sort_unstable_by_key(|&(field, _)| field);
        let known = KNOWN.iter().copied().zip(&self.known);
        let others = self.others.iter().map(|(field, slot)| (*field, slot));
        let values = known.chain(others).filter_map(|(key, slot)| {
            let value = slot.as_ref()?.header_value()?;
            Some((key, value))
        });
        Metadata::sorted(
            values.clone().count(),
            values.map(|(key, value)| Entry {
                key,
                value: key.marked(value.clone()),
            }),
        )
    }

    /// Where a field's candidate stands.
    fn slot(&mut self, field: FieldKey) -> Option<&mut Option<Candidate<'h>>> {
        if let Some(index) = field.known() {
            return self.known.get_mut(usize::from(index));
        }
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
}

impl<'h> Candidate<'h> {
    /// Another header carries the field too.
    #[cold]
    fn contend(&mut self, new: Self, first_of_equals: bool) -> Option<Conflict<'h>> {
        let is_better = new.rank < self.rank;
        // Where the better one is void, or they agree, there is nothing to say.
        let disagree = self.value.is_some() && self.header_value() != new.header_value();
        // What others use for their own ends may well differ.
        let tells = disagree && self.rank.max(new.rank) < WEAK;
        let (first, second) = if is_better {
            (new.header, self.header)
        } else {
            (self.header, new.header)
        };
        if is_better {
            *self = new;
        } else if disagree && new.rank == self.rank && !first_of_equals {
            self.value = None;
        }
        tells.then_some(Conflict { first, second })
    }

    fn header_value(&self) -> Option<&HeaderValue> {
        self.value.as_ref().map(|value| match value {
            Value::Sent(value) => *value,
            Value::Made(value) => value,
        })
    }
}

impl Value<'_> {
    fn owned(self) -> HeaderValue {
        match self {
            Self::Sent(value) => value.clone(),
            Self::Made(value) => value,
        }
    }
}
