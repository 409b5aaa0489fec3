/// Rank of a header among those that carry a field. The lowest counts.
pub(super) type Rank = u32;

/// Number of a header's sender. The conventions of one client have the same.
pub(super) type Sender = u32;

/// Ranks from here on are behind those of all that is said for this crate's purposes: what
/// others may have added for theirs, and titles for people.
///
/// A header of low precedence has this added to its own rank. Half of the range is left
/// for either kind, and no set has two thousand million headers, so the sum neither
/// overflows nor meets another rank.
pub(super) const LOW_PRECEDENCE: Rank = Rank::MAX / 2;
