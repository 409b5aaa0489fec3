use super::Metadata;

impl Metadata {
    /// Returns a hash of the [session](Self::session), to keep a conversation on one backend.
    ///
    /// The hash is the same in every process, on every platform and in every version of this
    /// crate: FNV-1a of 64 bits, finished by the mixer of `MurmurHash3`. All of its bits may be
    /// used, for example `hash % backends`.
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, SessionId};
    ///
    /// let backends = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
    /// let metadata = Metadata::new().with(SessionId::try_from("ses_01J5Z8")?);
    /// let hash = metadata.affinity_hash().unwrap();
    /// let backend = backends[(hash % 3) as usize];
    /// # assert_eq!(backend, "10.0.0.2");
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    ///
    /// # Security
    ///
    /// Use it only inside one trust domain. It needs no secret, so a sender can choose
    /// sessions that all have one backend, or the session of another tenant. If tenants share
    /// a cache or a limit, use `AffinityKeys` (feature `hmac`), which cannot be guessed and
    /// differ by tenant.
    #[must_use]
    pub fn affinity_hash(&self) -> Option<u64> {
        Some(hash(self.session()?.as_str().as_bytes()))
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let fnv = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    // Without it, the low bits of similar ids differ too little.
    let mixed = (fnv ^ (fnv >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_of_known_texts_never_changes() {
        for (text, expected) in [
            ("", 0xefd0_1f60_ba99_2926),
            ("a", 0x82a2_a958_a9be_ce5b),
            ("ses_01J5Z8", 0x9ace_0713_d627_4312),
        ] {
            assert_eq!(hash(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn low_and_high_bits_spread_similar_ids_evenly() {
        let (mut low, mut high) = ([0; 8], [0; 8]);
        for at in 0..10_000 {
            let hash = hash(format!("s-{at}").as_bytes());
            low[usize::try_from(hash % 8).unwrap()] += 1;
            high[usize::try_from(hash >> 61).unwrap()] += 1;
        }
        for count in low.into_iter().chain(high) {
            assert!((1_100..1_400).contains(&count), "{count} of 10,000");
        }
    }
}
