use std::fmt;

use super::{Hex, Keyed, MIN_SECRET_LEN, SecretTooShort};
use crate::SessionId;

/// Generator of keys for a tenant's session, for backends, caches and limits that
/// several tenants share.
///
/// ```
/// use tower_metadata_headers::{AffinityKeys, SessionId};
///
/// // Every machine of the fleet has the same secret.
/// let keys = AffinityKeys::new(&[7; 32])?;
/// let session = SessionId::try_from("ses_01J5Z8")?;
///
/// let acme = keys.key("acme", &session);
/// assert_eq!(acme, keys.key("acme", &session));
/// assert_ne!(acme, keys.key("umbrella", &session));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
///
/// A client chooses its session id, so two tenants may send the same one. If a shared
/// resource is keyed by the bare id, one tenant can read, fill or exhaust the data of
/// another. A key from `AffinityKeys` belongs to one tenant's session only, and does not
/// reveal the tenant or the session.
///
/// Take the tenant from your authentication, and never from a header.
///
/// # Format
///
/// The key is the HMAC-SHA-256 of a fixed text, the tenant and the session, each with
/// its length before it. It will not change, so a fleet can be updated machine by
/// machine.
#[derive(Clone)]
pub struct AffinityKeys(Keyed);

impl AffinityKeys {
    /// Minimum length of a secret in bytes.
    pub const MIN_SECRET_LEN: usize = MIN_SECRET_LEN;

    /// Creates a generator with this secret, which should be random.
    ///
    /// # Errors
    ///
    /// Returns an error if the secret is shorter than
    /// [`MIN_SECRET_LEN`](Self::MIN_SECRET_LEN) bytes.
    pub fn new(secret: &[u8]) -> Result<Self, SecretTooShort> {
        Keyed::new(secret).map(Self)
    }

    /// Returns the key of a tenant's session.
    #[must_use]
    pub fn key(&self, tenant: &str, session: &SessionId) -> AffinityKey {
        AffinityKey(self.0.mac(PURPOSE, [tenant, session.as_str()]))
    }
}

const PURPOSE: &str = "tower-metadata-headers affinity v1";

impl fmt::Debug for AffinityKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AffinityKeys(hidden)")
    }
}

/// Key of one tenant's session, from [`AffinityKeys::key`].
///
/// `Display` is 64 hexadecimal digits.
///
/// ```
/// use tower_metadata_headers::{AffinityKey, AffinityKeys, SessionId};
///
/// fn backend(key: &AffinityKey, backends: usize) -> usize {
///     usize::from(key.as_bytes()[0]) % backends
/// }
///
/// let session = SessionId::try_from("ses_01J5Z8")?;
/// let key = AffinityKeys::new(&[7; 32])?.key("acme", &session);
/// assert_eq!(backend(&key, 4), backend(&key, 4));
/// assert_eq!(key.to_string().len(), 64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
