//! Which convention a request's destination is to be written to in.

mod host;
mod index;
mod one;
mod place;

use std::sync::Arc;

use http::{Request, Uri};

#[cfg(feature = "tower-http")]
pub(crate) use self::place::{Place, default_port};
pub use self::{host::InvalidHost, one::Destination};
use self::{
    host::{Host, Port},
    index::Index,
};
use crate::{
    Convention, Metadata,
    convention::{Existing, Owned},
};

/// Conventions by destination: which hosts are written to in which spelling.
///
/// The destination is that of each request's URI, so a redirect, a retry or a
/// failover to another host takes nothing along that is not meant for it. A
/// host that matches nothing gets nothing, as does a request whose URI has no
/// host. The headers that belong to any of the conventions are removed first,
/// wherever the request goes.
///
/// ```
/// use tower_metadata_headers::{Destinations, conventions};
///
/// let destinations = Destinations::new()
///     .host("opencode.ai", conventions::opencode())?
///     .host("*.openrouter.ai", conventions::openrouter())?
///     .host("litellm.internal:4000", conventions::litellm())?;
///
/// let name = |uri: &'static str| {
///     let found = destinations.find(&http::Uri::from_static(uri));
///     found.map(|convention| convention.name().to_owned())
/// };
/// assert_eq!(name("https://OpenCode.AI:443/zen/v1").as_deref(), Some("opencode"));
/// assert_eq!(name("https://eu.openrouter.ai/api").as_deref(), Some("openrouter"));
/// assert_eq!(name("https://evilopencode.ai/"), None);
/// assert_eq!(name("https://opencode.ai@evil.example/"), None);
/// # Ok::<(), tower_metadata_headers::InvalidHost>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Destinations {
    hosts: Vec<Destination>,
    /// Where in them a host's stands.
    index: Index,
    everywhere: Option<Destination>,
}

impl Destinations {
    /// No destination: nothing is written anywhere.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            hosts: Vec::new(),
            index: Index::new(),
            everywhere: None,
        }
    }

    /// The public hosts of the providers that this crate knows, each in its own
    /// spelling, and over `https` alone.
    ///
    /// With them all of their headers are removed from every request first:
    /// also an app's own `x-session-id`, wherever it goes.
    ///
    /// ```
    /// use tower_metadata_headers::{Destinations, conventions};
    ///
    /// // A gateway's own hosts come first, and count first.
    /// let destinations = Destinations::new()
    ///     .host("litellm.internal:4000", conventions::litellm())?
    ///     .known();
    /// let found = destinations.find(&http::Uri::from_static("https://openrouter.ai/api/v1"));
    /// assert_eq!(found.unwrap().name(), "openrouter");
    /// # Ok::<(), tower_metadata_headers::InvalidHost>(())
    /// ```
    #[must_use]
    pub fn known(mut self) -> Self {
        for convention in crate::conventions::all() {
            for host in convention.hosts() {
                // A test holds the table's hosts sound.
                if let Ok((host, port)) = host::parse(host) {
                    let destination = Destination::new(convention.clone());
                    self.add(host, port, destination.https_only());
                }
            }
        }
        self
    }

    /// Writes to this host in this convention, or on the terms of this
    /// [`Destination`]. Of several hosts that match, the first counts.
    ///
    /// - `opencode.ai` is that host alone, `*.openrouter.ai` every host below
    ///   that name and not the name itself.
    /// - Without a port it is the scheme's own: 80 or 443. `host:8080` is that
    ///   port alone, `host:*` any.
    /// - Names are compared without case and without a trailing dot, IPv6
    ///   addresses in brackets (`[::1]:8080`) by their value. International
    ///   names are written as a URI has them: `xn--…`.
    ///
    /// # Errors
    ///
    /// When the text is no host: when it is empty, has a scheme, a path or
    /// userinfo, a `*` that is not its first label, or a port that is no
    /// number from 1 to 65535 or `*`.
    pub fn host(
        mut self,
        host: &str,
        destination: impl Into<Destination>,
    ) -> Result<Self, InvalidHost> {
        let (host, port) = host::parse(host)?;
        self.add(host, port, destination.into());
        Ok(self)
    }

    fn add(&mut self, host: Host, port: Port, destination: Destination) {
        self.index.add(host, port, self.hosts.len());
        self.hosts.push(destination);
    }

    /// Writes in this convention wherever else a request goes.
    ///
    /// That is also wherever a redirect leads. Use it where every destination
    /// is the operator's own.
    #[must_use]
    pub fn everywhere(mut self, destination: impl Into<Destination>) -> Self {
        self.everywhere = Some(destination.into());
        self
    }

    /// The convention for a request to this URI.
    #[must_use]
    pub fn find(&self, uri: &Uri) -> Option<&Convention> {
        self.destination(uri).map(Destination::convention)
    }

    #[inline]
    fn destination(&self, uri: &Uri) -> Option<&Destination> {
        let host = if self.hosts.is_empty() {
            None
        } else {
            self.index.find(uri).and_then(|at| self.hosts.get(at))
        };
        let destination = host.or(self.everywhere.as_ref());
        destination.filter(|destination| destination.accepts(uri))
    }

    fn conventions(&self) -> impl Iterator<Item = &Convention> {
        let hosts = self.hosts.iter();
        hosts.chain(&self.everywhere).map(Destination::convention)
    }
}

/// One convention, everywhere.
impl From<Convention> for Destinations {
    fn from(convention: Convention) -> Self {
        Self::new().everywhere(convention)
    }
}

/// On one destination's terms, everywhere.
impl From<Destination> for Destinations {
    fn from(destination: Destination) -> Self {
        Self::new().everywhere(destination)
    }
}

/// Destinations with what writing to them needs, worked out once.
#[derive(Clone, Debug)]
pub(crate) struct Writer(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    destinations: Destinations,
    owned: Owned,
}

impl Writer {
    pub(crate) fn new(destinations: Destinations) -> Self {
        let mut distinct: Vec<&Convention> = Vec::new();
        for convention in destinations.conventions() {
            if !distinct.iter().any(|known| known.is(convention)) {
                distinct.push(convention);
            }
        }
        let owned = Owned::by(distinct);
        Self(Arc::new(Compiled {
            destinations,
            owned,
        }))
    }

    /// Writes what this destination is to get.
    #[inline]
    pub(crate) fn write<B>(
        &self,
        metadata: Option<&Metadata>,
        request: &mut Request<B>,
        existing: Existing,
    ) {
        match existing {
            Existing::Removed => self.0.owned.remove_from(request.headers_mut()),
            Existing::Kept => self.0.owned.protect(request.headers_mut()),
        }
        if let Some(metadata) = metadata
            && !metadata.is_empty()
            && let Some(destination) = self.0.destinations.destination(request.uri())
        {
            let metadata = destination.disclosed(metadata);
            let headers = request.headers_mut();
            destination.convention().fill(&metadata, headers, existing);
        }
    }
}
