//! Destinations, compared with the reading of the same text by `url`.

#![allow(dead_code, reason = "the fuzz target and the tests use a part of it")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a failure here fails a test"
)]

use std::{net::Ipv6Addr, sync::LazyLock};

use http::Uri;
use tower_metadata_headers::{Convention, Destinations, HostPolicy};
use url::{ParseError, Url};

/// Allowed host, as its pattern and as `url` has to read it.
pub(crate) struct Allowed {
    pub(crate) pattern: &'static str,
    host: Host,
    port: Port,
    /// True if plain http is allowed on every host of the pattern.
    http: bool,
}

enum Host {
    Exactly(&'static str),
    /// A name with this suffix.
    Below(&'static str),
    Ipv6(&'static str),
}

#[derive(Clone, Copy)]
enum Port {
    /// The default port of `http` or `https`.
    Default,
    Number(u16),
    Any,
}

/// Patterns of each kind.
pub(crate) const ALLOWED: [Allowed; 12] = [
    allowed("opencode.ai", Host::Exactly("opencode.ai"), Port::Default).over_http(),
    allowed(
        "*.openrouter.ai",
        Host::Below(".openrouter.ai"),
        Port::Default,
    )
    .over_http(),
    allowed("litellm:4000", Host::Exactly("litellm"), Port::Number(4000)),
    allowed("a", Host::Exactly("a"), Port::Default).over_http(),
    allowed("localhost:*", Host::Exactly("localhost"), Port::Any),
    allowed("*.localhost", Host::Below(".localhost"), Port::Default),
    allowed("gw.example:*", Host::Exactly("gw.example"), Port::Any),
    allowed(
        "*.gw.example:443",
        Host::Below(".gw.example"),
        Port::Number(443),
    ),
    allowed(
        "xn--bcher-kva.example",
        Host::Exactly("xn--bcher-kva.example"),
        Port::Default,
    ),
    allowed(
        "127.0.0.1:8080",
        Host::Exactly("127.0.0.1"),
        Port::Number(8080),
    ),
    allowed("[::1]:8080", Host::Ipv6("::1"), Port::Number(8080)),
    allowed("[2001:db8::a]", Host::Ipv6("2001:db8::a"), Port::Default),
];

const fn allowed(pattern: &'static str, host: Host, port: Port) -> Allowed {
    Allowed {
        pattern,
        host,
        port,
        http: false,
    }
}

/// Returns destinations with a separate convention for each pattern, named
/// after its index.
pub(crate) fn destinations() -> &'static Destinations {
    static ALL: LazyLock<Destinations> = LazyLock::new(|| {
        let all = ALLOWED.iter().enumerate();
        all.fold(Destinations::new(), |all, (at, allowed)| {
            let convention = Convention::vendor(&format!("v{at}")).expect("a vendor");
            let destination = HostPolicy::new(convention);
            let destination = if allowed.http {
                destination.allow_http()
            } else {
                destination
            };
            all.host(allowed.pattern, destination).expect("a host")
        })
    });
    &ALL
}

/// Returns the host that a request to this URI may carry metadata to.
pub(crate) fn found(uri: &Uri) -> Option<&'static Allowed> {
    let destination = destinations().policy_for(uri)?;
    let at: usize = destination.name().strip_prefix('v')?.parse().ok()?;
    ALLOWED.get(at)
}

/// Returns true if a text is a URI of an allowed host. Panics if `url` reads
/// another host or port.
///
/// Nothing is checked if the URI is not allowed. `url` accepts more forms of a
/// host than `http` (`127.1`, `0x7f.1`, `%61`, `bücher.example`, back slashes
/// for slashes), and a request to one of them gets no metadata.
pub(crate) fn is_allowed(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    let Some(allowed) = found(&uri) else {
        return false;
    };
    match parsed(&uri, text) {
        Ok(url) => assert!(allowed.is(&url), "{text}: {url} is not {}", allowed.pattern),
        Err(error) => panic!("{text}: no URL, and {} is found: {error}", allowed.pattern),
    }
    true
}

fn parsed(uri: &Uri, text: &str) -> Result<Url, ParseError> {
    // The target of `CONNECT` is a host and a port, which is not a URL. `http`
    // accepts schemes that begin with a digit, which `url` does not.
    let text = match uri.scheme_str() {
        None => format!("http://{text}"),
        Some("http" | "https" | "ws" | "wss" | "WSS") => text.to_owned(),
        Some(scheme) => format!("x{}", text.split_at(scheme.len()).1),
    };
    match Url::parse(&text) {
        // A wildcard matches any label, also `xn--` without Punycode. DNS looks
        // up such a label unchanged, and `url` rejects it.
        Err(ParseError::IdnaError) => {
            Url::parse(&text.to_ascii_lowercase().replace("xn--", "xn-."))
        }
        url => url,
    }
}

impl Allowed {
    const fn over_http(mut self) -> Self {
        self.http = true;
        self
    }

    fn is(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let name = host.strip_suffix('.').unwrap_or(&host);
        let is_host = match self.host {
            Host::Exactly(exact) => name == exact,
            Host::Below(end) => name.len() > end.len() && name.ends_with(end),
            Host::Ipv6(address) => {
                let inner = name
                    .strip_prefix('[')
                    .and_then(|name| name.strip_suffix(']'));
                let inner = inner.and_then(|inner| inner.parse::<Ipv6Addr>().ok());
                inner.is_some() && inner == address.parse().ok()
            }
        };
        let is_port = match self.port {
            Port::Any => true,
            Port::Number(number) => url.port_or_known_default() == Some(number),
            Port::Default => {
                url.port().is_none() && matches!(url.scheme(), "http" | "https" | "ws" | "wss")
            }
        };
        let is_secure = matches!(url.scheme(), "https" | "wss");
        is_host && is_port && (is_secure || self.http || is_this_machine(url, name))
    }
}

fn is_this_machine(url: &Url, name: &str) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        // If `url` does not know the scheme, it does not parse the host.
        Some(url::Host::Domain(_)) => {
            name == "localhost" || name.ends_with(".localhost") || name.starts_with("127.")
        }
        None => false,
    }
}
