//! URL of the upstream.

use std::{fmt, str::FromStr};

use http::{
    Uri,
    uri::{Authority, PathAndQuery, Scheme},
};

/// URL of the upstream, whose path is put before each request's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
    /// Empty, or a path that does not end in a slash.
    path: String,
}

impl BaseUrl {
    /// Returns the `http` URL of an authority, with an empty path.
    ///
    /// # Errors
    ///
    /// Returns an error if the authority is invalid.
    pub fn http(authority: impl fmt::Display) -> Result<Self, InvalidBaseUrl> {
        format!("http://{authority}").parse()
    }

    pub(crate) const fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(crate) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// Returns the upstream's URI for a request to this URI of the relay.
    pub(crate) fn join(&self, uri: &Uri) -> Result<Uri, http::Error> {
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(format!("{}{path}", self.path))
            .build()
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let uri: Uri = text
            .parse()
            .map_err(|_| InvalidBaseUrl("upstream URL: invalid"))?;
        if uri.query().is_some() {
            return Err(InvalidBaseUrl("upstream URL: must not have a query"));
        }
        let parts = uri.into_parts();
        let scheme = parts
            .scheme
            .filter(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme))
            .ok_or(InvalidBaseUrl(
                "upstream URL: must begin with http:// or https://",
            ))?;
        let authority = parts
            .authority
            .filter(|authority| !authority.as_str().contains('@'))
            .ok_or(InvalidBaseUrl(
                "upstream URL: must have a host and no userinfo",
            ))?;
        let path = parts.path_and_query;
        let path = path.as_ref().map_or("", PathAndQuery::path);
        Ok(Self {
            scheme,
            authority,
            path: path.trim_end_matches('/').to_owned(),
        })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

/// Error returned if the relay can't send requests to a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidBaseUrl(&'static str);

impl fmt::Display for InvalidBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidBaseUrl {}
