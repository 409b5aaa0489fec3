/// Rank of a header among the headers that carry a field. The header of the lowest rank
/// counts.
pub(super) type Rank = u32;

/// Number of a header's sender. The conventions of one client have the same number.
pub(super) type Sender = u32;

/// Lowest of the ranks with low precedence. These ranks are for headers that other software
/// may have added for its own purpose, and for titles that are shown to people.
///
/// The rank of a header with low precedence is this number plus the header's own rank, so
/// such headers keep their order. Usual and low precedence each have half of the range. No
/// set has two billion headers, so the sum does not overflow, and the halves do not overlap.
pub(super) const LOW_PRECEDENCE: Rank = Rank::MAX / 2;
