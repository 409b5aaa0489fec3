use std::fmt;

use super::{Hex, Keyed, MIN_SECRET_LEN, SecretTooShort};
use crate::SessionId;

/// Makes the keys by which requests of one tenant's session are kept together:
/// on one backend, in one cache, under one limit.
///
/// A session's id is what its sender says it is, so two tenants may send the
/// same one. Whatever they share must not be keyed by the bare id: the one could
/// read, fill or use up what is the other's. A key from here is of one tenant's
/// session and no other's, and tells nobody who holds it what either is.
///
/// The tenant comes from your authentication, never from a header.
///
/// ```
/// use tower_metadata_headers::{AffinityKeys, SessionId};
///
/// // The same on every machine that is to agree, and nowhere else.
/// let keys = AffinityKeys::new(&[7; 32])?;
/// let session = SessionId::try_from("ses_01J5Z8")?;
///
/// let acme = keys.key("acme", &session);
/// assert_eq!(acme, keys.key("acme", &session));
/// assert_ne!(acme, keys.key("umbrella", &session));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It is HMAC-SHA-256 over a fixed text, the tenant and the session, each with
/// its length before it. That will not change: a fleet can be updated machine
/// by machine.
#[derive(Clone)]
pub struct AffinityKeys(Keyed);

impl AffinityKeys {
    /// The fewest bytes of a secret.
    pub const MIN_SECRET_LEN: usize = MIN_SECRET_LEN;

    /// Creates keys under this secret, which should be random.
    ///
    /// # Errors
    ///
    /// Returns an error if the secret has fewer than [`MIN_SECRET_LEN`](Self::MIN_SECRET_LEN)
    /// bytes.
    pub fn new(secret: &[u8]) -> Result<Self, SecretTooShort> {
        Keyed::new(secret).map(Self)
    }

    /// Returns the key of this tenant's session.
    #[must_use]
    pub fn key(&self, tenant: &str, session: &SessionId) -> AffinityKey {
        AffinityKey(self.0.of(PURPOSE, [tenant, session.as_str()]))
    }
}

const PURPOSE: &str = "tower-metadata-headers affinity v1";

impl fmt::Debug for AffinityKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AffinityKeys(hidden)")
    }
}

/// The key of one tenant's session, from [`AffinityKeys::key`].
///
/// `Display` shows it as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AffinityKey([u8; 32]);

impl AffinityKey {
    /// Returns the key's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for AffinityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Hex(&self.0), f)
    }
}

impl fmt::Debug for AffinityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AffinityKey({self})")
    }
}
