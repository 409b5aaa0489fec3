/// Rank of a header among the headers that carry a field. The lowest rank counts.
pub(super) type Rank = u32;

/// Number of a header's sender. The conventions of one client have the same number.
pub(super) type Sender = u32;

/// First of the ranks with low precedence. They are for headers that other software may
/// have added for its own purpose, and for titles that are shown to people.
///
/// A header of low precedence has this added to its own rank, so that such headers keep
/// their order. Each kind has half of the range. No set has two billion headers, so the sum
/// does not overflow, and the two kinds do not overlap.
pub(super) const LOW_PRECEDENCE: Rank = Rank::MAX / 2;
