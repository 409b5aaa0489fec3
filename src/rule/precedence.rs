/// Precedence of a convention among the conventions of clients, the highest first.
///
/// [`ConventionSet::insert`](crate::ConventionSet::insert) places a convention by it.
/// Conventions of equal precedence keep the order in which they were added.
///
/// ```
/// use tower_metadata_headers::{conventions, convention::Precedence};
///
/// assert_eq!(conventions::claude_code().precedence(), Some(Precedence::OwnNames));
/// assert_eq!(conventions::w3c().precedence(), Some(Precedence::Standard));
/// assert!(Precedence::OwnNames < Precedence::Standard);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Precedence {
    /// Names that contain the client's name.
    OwnNames,
    /// Names without a vendor that are read only for the client's own `User-Agent`.
    OwnUserAgent,
    /// Names without a vendor that few clients send.
    FewClients,
    /// `x-<vendor>-session-id` of known vendors.
    KnownVendors,
    /// Names that many clients send.
    ManyClients,
    /// `x-<vendor>-session-id` of any vendor.
    AnyVendor,
    /// Names that a proxy defines. People often set these headers by hand, once for all
    /// conversations.
    Proxy,
    /// Names that a standard defines.
    Standard,
}
