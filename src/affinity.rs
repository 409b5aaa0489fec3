//! Feature `hmac`: keys for what sessions of several tenants share.

use std::{error, fmt};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

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
pub struct AffinityKeys(Hmac<Sha256>);

impl AffinityKeys {
    /// The fewest bytes of a secret.
    pub const MIN_SECRET_LEN: usize = 32;

    /// Keys under this secret, which should be random.
    ///
    /// # Errors
    ///
    /// When the secret has fewer than [`MIN_SECRET_LEN`](Self::MIN_SECRET_LEN)
    /// bytes.
    pub fn new(secret: &[u8]) -> Result<Self, ShortSecret> {
        if secret.len() < Self::MIN_SECRET_LEN {
            return Err(ShortSecret(()));
        }
        Hmac::new_from_slice(secret)
            .map(Self)
            .map_err(|_| ShortSecret(()))
    }

    /// The key of this tenant's session.
    #[must_use]
    pub fn key(&self, tenant: &str, session: &SessionId) -> AffinityKey {
        let mut mac = self.0.clone();
        for part in [DOMAIN, tenant, session.as_str()] {
            // With its length before it, no part can pass for another's end.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        AffinityKey(mac.finalize().into_bytes().into())
    }
}

/// Keeps these keys apart from all others that are made with the same secret.
const DOMAIN: &str = "tower-metadata-headers affinity v1";

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
    /// The key's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for AffinityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for AffinityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AffinityKey({self})")
    }
}

/// A secret too short to keep keys apart: the error of [`AffinityKeys::new`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortSecret(());

impl fmt::Display for ShortSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = AffinityKeys::MIN_SECRET_LEN;
        write!(f, "the secret must have at least {least} bytes")
    }
}

impl error::Error for ShortSecret {}
