//! Feature `hmac`: ids under a secret, for what tenants share and for what
//! third parties see.

mod affinity;
mod pseudonym;

use std::{error, fmt};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use self::{
    affinity::{AffinityKey, AffinityKeys},
    pseudonym::Pseudonyms,
};

/// HMAC-SHA-256 under one secret.
#[derive(Clone)]
struct Keyed(Hmac<Sha256>);

/// The fewest bytes of a secret.
const MIN_SECRET_LEN: usize = 32;

impl Keyed {
    fn new(secret: &[u8]) -> Result<Self, SecretTooShort> {
        if secret.len() < MIN_SECRET_LEN {
            return Err(SecretTooShort(()));
        }
        Hmac::new_from_slice(secret)
            .map(Self)
            .map_err(|_| SecretTooShort(()))
    }

    /// Of a purpose, which keeps it apart from all others of the same secret,
    /// and of what it is for.
    fn of<const N: usize>(&self, purpose: &str, parts: [&str; N]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in [purpose].into_iter().chain(parts) {
            // With its length before it, no part can pass for another's end.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

/// Shows bytes as hexadecimal digits in lower case.
struct Hex<'a>(&'a [u8; 32]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Error returned by [`AffinityKeys::new`] and [`Pseudonyms::new`] for a secret that
/// is too short.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretTooShort(());

impl fmt::Display for SecretTooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "secret: must have at least {MIN_SECRET_LEN} bytes")
    }
}

crate::error::debug_as_display!(SecretTooShort);

impl error::Error for SecretTooShort {}
