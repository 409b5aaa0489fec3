//! Feature `hmac`: ids derived with a secret key.
//!
//! - `affinity`: keys for resources that tenants share;
//! - `pseudonym`: identity values for third parties.

mod affinity;
mod pseudonym;

use std::{error, fmt};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use self::{
    affinity::{AffinityKey, AffinityKeys},
    pseudonym::Pseudonyms,
};

/// HMAC-SHA-256 with one secret.
#[derive(Clone)]
struct Keyed(Hmac<Sha256>);

/// Minimum length of a secret in bytes: the output length of SHA-256 (RFC 2104, section
/// 3).
const MIN_SECRET_LEN: usize = 32;

impl Keyed {
    fn new(secret: &[u8]) -> Result<Self, SecretTooShort> {
        if secret.len() < MIN_SECRET_LEN {
            return Err(SecretTooShort(()));
        }
        // HMAC accepts a key of any length, so this error never occurs.
        Hmac::new_from_slice(secret)
            .map(Self)
            .map_err(|_| SecretTooShort(()))
    }

    /// Returns the message authentication code of the parts. The purpose separates it from
    /// any other use of the same secret.
    fn mac<const N: usize>(&self, purpose: &str, parts: [&str; N]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in [purpose].into_iter().chain(parts) {
            // Each part has its length before it. Otherwise `ab` and `c` would have the
            // code of `a` and `bc`.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

/// Displays bytes as lower-case hexadecimal digits.
struct Hex<'a>(&'a [u8; 32]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Error returned by [`AffinityKeys::new`] and [`Pseudonyms::new`] if the secret is too
/// short.
///
/// ```
/// use tower_metadata_headers::AffinityKeys;
///
/// let error = AffinityKeys::new(b"too short").unwrap_err();
/// assert_eq!(error.to_string(), "secret: must have at least 32 bytes");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretTooShort(());

impl fmt::Display for SecretTooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "secret: must have at least {MIN_SECRET_LEN} bytes")
    }
}

crate::error::debug_as_display!(SecretTooShort);

impl error::Error for SecretTooShort {}
