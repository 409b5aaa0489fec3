//! Keys of clients, from the operator's file.

use std::{collections::HashMap, fmt};

use headers::{
    Authorization, HeaderMapExt,
    authorization::{Basic, Bearer},
};
use http::HeaderMap;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tower_metadata_headers::{Metadata, OrganizationId, ProjectId, UserId};

/// Keys of clients, each with its owner. Only the keys' SHA-256 is kept.
#[derive(Clone)]
pub struct Keys(HashMap<[u8; 32], Owner>);

/// Owner of a key.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// The organization, project and user.
    pub(crate) identity: Metadata,
    /// True if the owner may see the sessions and the metrics of everyone.
    pub(crate) is_operator: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    keys: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    /// In hexadecimal digits.
    sha256: String,
    organization: Option<String>,
    project: Option<String>,
    user: Option<String>,
    #[serde(default)]
    operator: bool,
}

impl Keys {
    /// Reads keys from the text of a TOML file.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is invalid. The error contains no key and no id.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| problem(text, &error))?;
        let mut keys = HashMap::new();
        for (index, key) in file.keys.into_iter().enumerate() {
            let invalid = |error: &dyn fmt::Display| format!("keys[{index}].{error}");
            let digest = digest(&key.sha256).map_err(|error| invalid(&error))?;
            let owner = key.owner().map_err(|error| invalid(&error))?;
            if keys.insert(digest, owner).is_some() {
                return Err(invalid(&"sha256: is repeated"));
            }
        }
        Ok(Self(keys))
    }

    /// Returns the owner of the key in a request's headers, if the key is known:
    /// `Authorization` with a bearer token, or Anthropic's `x-api-key`.
    pub(crate) fn owner(&self, headers: &HeaderMap) -> Option<&Owner> {
        if let Some(bearer) = headers.typed_get::<Authorization<Bearer>>() {
            return self.owner_of(bearer.token().as_bytes());
        }
        self.owner_of(headers.get("x-api-key")?.as_bytes())
    }

    /// Returns the owner as [`owner`](Self::owner) does, or that of a password.
    ///
    /// A browser sends a password with the requests of foreign web pages too, so it counts only
    /// where such a page can't read the response.
    pub(crate) fn owner_in_browser(&self, headers: &HeaderMap) -> Option<&Owner> {
        match headers.typed_get::<Authorization<Basic>>() {
            Some(basic) => self.owner_of(basic.password().as_bytes()),
            None => self.owner(headers),
        }
    }

    fn owner_of(&self, key: &[u8]) -> Option<&Owner> {
        // A digest is compared, so the time tells nothing about a key.
        let digest: [u8; 32] = Sha256::digest(key).into();
        self.0.get(&digest)
    }

    /// Returns the number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Key {
    fn owner(&self) -> Result<Owner, String> {
        let mut identity = Metadata::new();
        let invalid = |name, error: &dyn fmt::Display| format!("{name}: {error}");
        if let Some(id) = &self.organization {
            let id = OrganizationId::try_from(id.as_str());
            identity.insert(id.map_err(|error| invalid("organization", &error))?);
        }
        if let Some(id) = &self.project {
            let id = ProjectId::try_from(id.as_str());
            identity.insert(id.map_err(|error| invalid("project", &error))?);
        }
        if let Some(id) = &self.user {
            let id = UserId::try_from(id.as_str());
            identity.insert(id.map_err(|error| invalid("user", &error))?);
        }
        Ok(Owner {
            identity,
            is_operator: self.operator,
        })
    }
}

/// Returns the line and the message of an error, without the line's text.
fn problem(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    match before {
        Some(before) => {
            let line = before.matches('\n').count() + 1;
            format!("line {line}: {}", error.message())
        }
        None => error.message().to_owned(),
    }
}

fn digest(hex: &str) -> Result<[u8; 32], &'static str> {
    const PROBLEM: &str = "sha256: must be 64 hexadecimal digits";
    let mut digest = [0; 32];
    let is_hex = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex.len() != 64 || !is_hex {
        return Err(PROBLEM);
    }
    for (byte, at) in digest.iter_mut().zip((0..64).step_by(2)) {
        let pair = hex.get(at..at + 2).ok_or(PROBLEM)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| PROBLEM)?;
    }
    Ok(digest)
}

/// Shows only the number of keys.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keys").field(&self.0.len()).finish()
    }
}
