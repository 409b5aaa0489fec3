/// Rank of a header among those that carry a field. The lowest counts.
pub(super) type Rank = u32;

/// Number of a header's sender. The conventions of one client have the same.
pub(super) type Sender = u32;

/// Number that is added to the rank of a header of low precedence: one that other software
/// sets for other purposes, or a title for people.
///
/// It is half of the range, so that headers of both kinds have as many ranks. No set has
/// two thousand million headers, so the sum does not overflow, and no other rank reaches it.
pub(super) const LOW_PRECEDENCE: Rank = Rank::MAX / 2;
