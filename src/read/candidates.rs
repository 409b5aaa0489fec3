use std::iter;

use http::{HeaderName, HeaderValue, header::USER_AGENT};

use super::{
    decoded::{Decoded, Value},
    rank::{LOW_PRECEDENCE, Rank, Sender},
    readers::Reader,
};
use crate::{
    Fault, Faults, FieldKey, Metadata, Reason, Text,
    field::KNOWN,
    metadata::{Entry, bit},
};

/// Headers of a request that carry each field.
///
/// All headers are collected before [`settle`](Self::settle) decides which one counts. So
/// the decision does not depend on the order of the headers, which `HeaderMap` does not
/// keep if a header is removed.
pub(super) struct Candidates<'h> {
    /// A bit for each well-known field that may have a candidate.
    taken: u32,
    /// The candidate of each well-known field.
    known: [Option<Candidate<'h>>; KNOWN.len()],
    /// The candidates of the user's own fields.
    own: Vec<(FieldKey, Option<Candidate<'h>>)>,
    /// The second and later candidates of a field, which are rare.
    rivals: Vec<(FieldKey, Candidate<'h>)>,
    /// The values that differ from the header's value.
    decoded: Decoded,
}

/// Header that carries a field, with the value that was read from it.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'h> {
    pub(super) rank: Rank,
    pub(super) sender: Sender,
    pub(super) header: &'h HeaderName,
    value: Value<'h>,
}

/// Properties and vendor headers, in the order in which they were found.
#[derive(Default)]
pub(super) struct Extras<'h> {
    /// Properties from headers and members of their own.
    pub(super) properties: Vec<Property<'h>>,
    /// Vendor headers: their names and values.
    pub(super) vendor_headers: Vec<(&'h HeaderName, &'h str)>,
}

/// Property that a header carries.
pub(super) struct Property<'h> {
    pub(super) rank: Rank,
    pub(super) header: &'h HeaderName,
    pub(super) key: String,
    /// `None` if the value is invalid. Then no property with an equal key and a higher rank
    /// counts.
    pub(super) value: Option<Text>,
}

/// Header of a value that was not read from a metadata header.
static NO_HEADER: HeaderName = USER_AGENT;

impl<'h> Candidates<'h> {
    pub(super) const fn new() -> Self {
        Self {
            taken: 0,
            known: [None; KNOWN.len()],
            own: Vec::new(),
            rivals: Vec::new(),
            decoded: Decoded::new(),
        }
    }

    /// Stores a value that differs from the header's value.
    pub(super) fn intern(&mut self, value: HeaderValue) -> Value<'h> {
        Value::Decoded(self.decoded.push(value))
    }

    /// Adds a header that carries a field.
    #[inline]
    pub(super) fn add(&mut self, reader: &Reader, header: &'h HeaderName, value: Value<'h>) {
        let new = Candidate {
            rank: reader.rank,
            sender: reader.sender,
            header,
            value,
        };
        match self.slot(reader.field) {
            Some(slot @ None) => *slot = Some(new),
            Some(Some(_)) => self.rivals.push((reader.field, new)),
            // Every field has a slot: see `slot`.
            None => {}
        }
    }

    /// Decides which candidate counts for each field, and reports candidates that disagree
    /// with it.
    pub(super) fn settle(&mut self, faults: &mut Faults) {
        if !self.rivals.is_empty() {
            self.settle_rivals(faults);
        }
        if (self.taken & CONVERSATION).count_ones() > 1 {
            self.settle_conversation(faults);
        }
    }

    #[cold]
    fn settle_rivals(&mut self, faults: &mut Faults) {
        let mut rivals = std::mem::take(&mut self.rivals);
        rivals.sort_by_key(|&(field, _)| field);
        for of_field in rivals.chunk_by(|(one, _), (other, _)| one == other) {
            self.settle_field(of_field, faults);
        }
    }

    /// Decides between several candidates of one field.
    fn settle_field(&mut self, rivals: &[(FieldKey, Candidate<'h>)], faults: &mut Faults) {
        // A chunk has at least one rival.
        let Some(&(field, _)) = rivals.first() else {
            return;
        };
        // `add` fills the slot before it adds a rival, so no candidate is missing.
        let first = self.candidate(field);
        let mut all: Vec<Candidate<'h>> = first
            .into_iter()
            .chain(rivals.iter().map(|&(_, rival)| rival))
            .collect();
        // Candidates of equal rank are sorted by name, so that the faults do not depend on
        // the order of the headers.
        all.sort_by_key(|candidate| (candidate.rank, candidate.header.as_str()));
        // `all` has at least the rival.
        let Some((&best, others)) = all.split_first() else {
            return;
        };
        let is_equal = |other: &Candidate<'h>| other.rank == best.rank;
        let is_invalid = |other: &Candidate<'h>| matches!(other.value, Value::Invalid);
        let disagrees = |other: &Candidate<'h>| {
            let value = self.header_value(*other);
            value.is_some() && value != self.header_value(best)
        };
        let equals = || all.iter().filter(|other| is_equal(other));
        let is_tie = equals().any(disagrees);
        let counts = if equals().any(is_invalid) {
            // The fault of the invalid header already explains why the field is empty.
            false
        } else {
            // A header of low precedence has another purpose, so a different value in it is
            // no conflict.
            let is_conflict =
                |other: &&Candidate<'h>| other.rank < LOW_PRECEDENCE && disagrees(other);
            // If candidates of equal rank disagree, one fault explains why the field is empty.
            let max_faults = if is_tie { 1 } else { others.len() };
            for other in others.iter().filter(is_conflict).take(max_faults) {
                faults.push(conflict(field, best, *other));
            }
            !is_tie
        };
        if let Some(slot) = self.slot(field) {
            let value = if counts { best.value } else { Value::Invalid };
            *slot = Some(Candidate { value, ..best });
        }
    }

    /// Decides between the session, the conversation and the task, which are three names
    /// of one id. If one sender has set several of them, all count. If two senders
    /// disagree, the sender of the header with the highest precedence counts.
    #[cold]
    fn settle_conversation(&mut self, faults: &mut Faults) {
        let fields = Metadata::SESSION_KEYS;
        let candidates = fields.map(|field| self.candidate(field));
        let Some(&best) = candidates
            .iter()
            .flatten()
            .min_by_key(|candidate| candidate.rank)
        else {
            return;
        };
        for (field, candidate) in fields.into_iter().zip(candidates) {
            let Some(other) = candidate.filter(|other| other.sender != best.sender) else {
                continue;
            };
            let (counts, value) = (self.header_value(best), self.header_value(other));
            if value.is_none() || value == counts {
                continue;
            }
            if counts.is_some() && other.rank < LOW_PRECEDENCE {
                faults.push(conflict(field, best, other));
            }
            if let Some(Some(other)) = self.slot(field) {
                other.value = Value::Invalid;
            }
        }
    }

    /// Returns the value that counts for a field.
    pub(super) fn value(&self, field: FieldKey) -> Option<&HeaderValue> {
        self.header_value(self.candidate(field)?)
    }

    /// Returns true if no header carries the field, not even an invalid one.
    pub(super) fn is_vacant(&self, field: FieldKey) -> bool {
        self.candidate(field).is_none()
    }

    /// Returns the candidate that counts for a field, if it has a value.
    pub(super) fn counted(&self, field: FieldKey) -> Option<Candidate<'h>> {
        let candidate = self.candidate(field)?;
        self.header_value(candidate)?;
        Some(candidate)
    }

    /// Removes a field's candidate if it has low precedence, and returns its value.
    pub(super) fn take_low_precedence(&mut self, field: FieldKey) -> Option<Value<'h>> {
        self.candidate(field)
            .filter(|candidate| candidate.rank >= LOW_PRECEDENCE)?;
        self.slot(field)?.take().map(|candidate| candidate.value)
    }

    /// Sets the value of a field that was not read from a metadata header.
    pub(super) fn set(&mut self, field: FieldKey, value: Value<'h>) {
        if let Some(slot) = self.slot(field) {
            *slot = Some(Candidate {
                rank: 0,
                sender: 0,
                header: &NO_HEADER,
                value,
            });
        }
    }

    /// Returns the metadata: the value that counts for each field.
    pub(super) fn metadata(&mut self) -> Metadata {
        // A field without a candidate, or with an invalid candidate, is absent.
        let counts = |slot: &Option<Candidate<'_>>| {
            slot.is_some_and(|candidate| !matches!(candidate.value, Value::Invalid))
        };
        // Bits are set for well-known fields only, so `KNOWN` and `known` have their indices.
        let known = ones(self.taken).fold(0, |known, at| {
            known | u32::from(self.known.get(at).is_some_and(counts)) << at
        });
        let decoded = &mut self.decoded;
        let mut entry = |key: FieldKey, slot: Option<Candidate<'_>>| {
            let value = slot.map_or(Value::Invalid, |candidate| candidate.value);
            Entry {
                key,
                value: key.marked(decoded.owned(value)),
            }
        };
        let fields = ones(known).filter_map(|at| Some((*KNOWN.get(at)?, *self.known.get(at)?)));
        let count = known.count_ones() as usize;
        if self.own.is_empty() {
            return Metadata::sorted(count, fields.map(|(key, slot)| entry(key, slot)));
        }
        self.own.retain(|(_, slot)| counts(slot));
        self.own.sort_unstable_by_key(|&(field, _)| field);
        let count = count + self.own.len();
        let fields = fields.chain(self.own.iter().copied());
        Metadata::sorted(count, fields.map(|(key, slot)| entry(key, slot)))
    }

    /// Returns the candidate of a field.
    #[inline]
    fn candidate(&self, field: FieldKey) -> Option<Candidate<'h>> {
        match field.known() {
            Some(index) => *self.known.get(usize::from(index))?,
            None => self.own.iter().find(|(own, _)| *own == field)?.1,
        }
    }

    /// Returns the slot of a field's candidate. Every field has a slot: `known` has all
    /// well-known fields, and `own_slot` adds any other field.
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

    /// Returns the slot of one of the user's own fields.
    #[inline(never)]
    fn own_slot(&mut self, field: FieldKey) -> Option<&mut Option<Candidate<'h>>> {
        let at = match self.own.iter().position(|(own, _)| *own == field) {
            Some(at) => at,
            None => {
                self.own.push((field, None));
                self.own.len() - 1
            }
        };
        self.own.get_mut(at).map(|(_, slot)| slot)
    }

    fn header_value(&self, candidate: Candidate<'h>) -> Option<&HeaderValue> {
        match candidate.value {
            Value::Borrowed(value) => Some(value),
            // `intern` returned the index, and no value is removed.
            Value::Decoded(at) => self.decoded.get(at),
            Value::Invalid => None,
        }
    }
}

/// Bits of the three fields that are names of one id: session, conversation and task.
const CONVERSATION: u32 = {
    let [session, conversation, task] = Metadata::SESSION_KEYS;
    bit(session) | bit(conversation) | bit(task)
};

fn conflict(field: FieldKey, counts: Candidate<'_>, other: Candidate<'_>) -> Fault {
    let fault = Fault::new(Reason::Conflict).of(field);
    fault.header(counts.header).other(other.header)
}

/// Returns an iterator over the indices of the bits that are set, the lowest first.
fn ones(bits: u32) -> impl Iterator<Item = usize> + Clone {
    let without_last = |bits: &u32| Some(bits & (bits - 1)).filter(|&remaining| remaining != 0);
    let first = Some(bits).filter(|&bits| bits != 0);
    iter::successors(first, without_last).map(|bits| bits.trailing_zeros() as usize)
}
