use std::{error, fmt, net::Ipv6Addr, str::FromStr};

use super::authority::{NoPort, ipv6};
use crate::error::truncated;

/// Host pattern: one host, or every host below a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// Name or IPv4 address, in lower case.
    Exact(String),
    /// Suffix of every matching name: a dot and a name, in lower case.
    Below(String),
    Ipv6(Ipv6Addr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    /// Default port of the URI's scheme.
    Default,
    Number(u16),
    Any,
}

impl Port {
    /// Returns true if a URI has this port. `default` is its scheme's default port.
    pub(super) fn matches(self, port: Result<u16, NoPort>, default: Option<u16>) -> bool {
        match self {
            Self::Any => port.is_ok(),
            Self::Number(number) => port == Ok(number),
            Self::Default => default.is_some() && port.ok() == default,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => f.write_str(name),
            Self::Below(end) => write!(f, "*{end}"),
            Self::Ipv6(address) => write!(f, "[{address}]"),
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => Ok(()),
            Self::Number(number) => write!(f, ":{number}"),
            Self::Any => f.write_str(":*"),
        }
    }
}

/// Parses a host pattern with an optional port.
pub(super) fn parse(text: &str) -> Result<(Host, Port), InvalidHost> {
    let invalid = |kind| InvalidHost {
        host: truncated(text),
        kind,
    };
    if text.contains(['/', '@', '?', '#']) {
        return Err(invalid(InvalidHostKind::NotOnlyHost));
    }
    let (host, port) = split_port(text);
    let port = match port {
        None => Port::Default,
        Some("*") => Port::Any,
        Some(digits) => match digits.parse() {
            Ok(number) if number > 0 && !digits.starts_with('+') => Port::Number(number),
            _ => return Err(invalid(InvalidHostKind::Port)),
        },
    };
    let host = host.parse().map_err(invalid)?;
    Ok((host, port))
}

/// Splits off the port, after the last colon that is outside brackets.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

impl FromStr for Host {
    type Err = InvalidHostKind;

    fn from_str(text: &str) -> Result<Self, InvalidHostKind> {
        if text.starts_with('[') {
            return ipv6(text).map(Self::Ipv6).ok_or(InvalidHostKind::Address);
        }
        let lower = text.to_ascii_lowercase();
        let name = lower.strip_suffix('.').unwrap_or(&lower);
        match name.strip_prefix('*') {
            None => check_name(name).map(|name| Self::Exact(name.to_owned())),
            Some(end) => match end.strip_prefix('.') {
                // A name that ends in a number is an IPv4 address (URL Standard), and no
                // host is below an address.
                Some(name) if !ends_in_number(name) => {
                    check_name(name).map(|_| Self::Below(end.to_owned()))
                }
                _ => Err(InvalidHostKind::Wildcard),
            },
        }
    }
}

/// Checks a name's labels and lengths (RFC 1035, section 2.3.4). Underscores are
/// allowed (RFC 2181, section 11).
pub(super) fn check_name(name: &str) -> Result<&str, InvalidHostKind> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.is_empty() {
        Err(InvalidHostKind::Empty)
    } else if name.contains('*') {
        Err(InvalidHostKind::Wildcard)
    } else if name.len() > 253 || !name.split('.').all(is_label) {
        Err(InvalidHostKind::Name)
    } else {
        Ok(name)
    }
}

fn ends_in_number(name: &str) -> bool {
    // Never the default: `rsplit` yields at least one item.
    let last = name.rsplit('.').next().unwrap_or_default();
    last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Error returned by [`Destinations::host`](crate::Destinations::host) for an invalid
/// host.
///
/// ```
/// use tower_metadata_headers::{Destinations, conventions};
///
/// let error = Destinations::new()
///     .host("https://opencode.ai", conventions::opencode())
///     .unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "host `https://opencode.ai`: must have no scheme, userinfo or path",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidHost {
    /// The host, truncated if it is too long to show.
    host: String,
    kind: InvalidHostKind,
}

/// Kind of an [`InvalidHost`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidHostKind {
    /// The host is empty.
    Empty,
    /// The text has a scheme, userinfo or a path.
    NotOnlyHost,
    /// The name has an invalid label, or is longer than 253 bytes.
    Name,
    /// The brackets do not contain an IPv6 address.
    Address,
    /// A `*` is not the whole first label.
    Wildcard,
    /// The port is neither a number from 1 to 65535 nor `*`.
    Port,
}

impl InvalidHost {
    /// Returns the kind of the error.
    ///
    /// ```
    /// use tower_metadata_headers::{Destinations, InvalidHostKind, conventions};
    ///
    /// let error = Destinations::new().host("localhost:0", conventions::litellm()).unwrap_err();
    /// assert_eq!(error.kind(), InvalidHostKind::Port);
    /// ```
    #[must_use]
    pub const fn kind(&self) -> InvalidHostKind {
        self.kind
    }
}

impl fmt::Display for InvalidHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host `{}`: ", self.host.escape_debug())?;
        f.write_str(match self.kind {
            InvalidHostKind::Empty => "must not be empty",
            InvalidHostKind::NotOnlyHost => "must have no scheme, userinfo or path",
            InvalidHostKind::Name => "must be ASCII labels of at most 63 bytes, or `xn--…`",
            InvalidHostKind::Address => "must have a valid IPv6 address in its brackets",
            InvalidHostKind::Wildcard => "must have `*` only as its first label",
            InvalidHostKind::Port => "must have a port from 1 to 65535, or `*`",
        })
    }
}

crate::error::debug_as_display!(InvalidHost);

impl error::Error for InvalidHost {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::destination::index::Index;

    #[track_caller]
    fn matches(pattern: &str, uri: &str) -> bool {
        let (host, port) = parse(pattern).unwrap();
        let mut index = Index::default();
        index.add(host, port, 0);
        index.find(&uri.parse().unwrap()).is_some()
    }

    #[test]
    fn exact_host_matches_in_any_case_and_with_its_default_port() {
        for uri in [
            "https://opencode.ai/zen",
            "https://OPENCODE.AI/",
            "https://opencode.ai./",
            "https://opencode.ai:443/",
            "http://opencode.ai:80/",
            "https://user:pw@opencode.ai/",
            "https://opencode.ai:/",
            "wss://opencode.ai/",
            "ws://opencode.ai/",
            "wss://opencode.ai:443/",
        ] {
            assert!(matches("OpenCode.ai.", uri), "{uri}");
        }
        for uri in [
            "https://evilopencode.ai/",
            "https://opencode.ai.evil.example/",
            "https://opencode.ai@evil.example/",
            "https://zen.opencode.ai/",
            "https://opencode.ai:8443/",
            "https://opencode.ai:80/",
            "wss://opencode.ai:80/",
            "ws://opencode.ai:443/",
            "http://opencode.ai:443/",
            "https://opencode.ai:99999/",
            "https://opencode.ai../",
            "/zen/v1",
        ] {
            assert!(!matches("opencode.ai", uri), "{uri}");
        }
    }

    #[test]
    fn a_wildcard_is_every_name_below() {
        for uri in ["https://eu.openrouter.ai/", "https://a.b.OpenRouter.ai./"] {
            assert!(matches("*.openrouter.ai", uri), "{uri}");
        }
        for uri in [
            "https://openrouter.ai/",
            "https://.openrouter.ai/",
            "https://a..openrouter.ai/",
            "https://evilopenrouter.ai/",
            "https://eu.openrouter.ai:8443/",
        ] {
            assert!(!matches("*.openrouter.ai", uri), "{uri}");
        }
    }

    #[test]
    fn a_port_is_that_port() {
        assert!(matches("litellm:4000", "http://litellm:4000/"));
        assert!(!matches("litellm:4000", "http://litellm/"));
        assert!(matches("litellm:443", "https://litellm/"));
        assert!(matches("litellm:*", "https://litellm/"));
        assert!(matches("litellm:*", "http://litellm:1/"));
    }

    #[test]
    fn address_in_another_notation_matches_by_value() {
        assert!(matches("[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080/"));
        assert!(!matches("[::1]:8080", "http://[::2]:8080/"));
        assert!(matches("127.0.0.1:8080", "http://127.0.0.1:8080/"));
        assert!(!matches("127.0.0.1", "http://127.0.0.1:8080/"));
    }

    #[test]
    fn invalid_host_is_an_error_with_its_kind() {
        for (text, kind) in [
            ("", InvalidHostKind::Empty),
            (":80", InvalidHostKind::Empty),
            ("https://a.example", InvalidHostKind::NotOnlyHost),
            ("a.example/path", InvalidHostKind::NotOnlyHost),
            ("user@a.example", InvalidHostKind::NotOnlyHost),
            ("a..example", InvalidHostKind::Name),
            ("a b", InvalidHostKind::Name),
            ("bücher.example", InvalidHostKind::Name),
            ("[::1", InvalidHostKind::Address),
            ("[nonsense]", InvalidHostKind::Address),
            ("*", InvalidHostKind::Wildcard),
            ("*.", InvalidHostKind::Wildcard),
            ("a.*.example", InvalidHostKind::Wildcard),
            ("*a.example", InvalidHostKind::Wildcard),
            ("*.0.0.1", InvalidHostKind::Wildcard),
            ("a.example:", InvalidHostKind::Port),
            ("a.example:0", InvalidHostKind::Port),
            ("a.example:65536", InvalidHostKind::Port),
            ("a.example:+1", InvalidHostKind::Port),
            ("a.example:http", InvalidHostKind::Port),
        ] {
            let found = parse(text).map_err(|error| error.kind);
            assert_eq!(found, Err(kind), "{text}");
        }
    }

    #[test]
    fn name_over_the_limits_of_dns_is_an_error() {
        let name = |last| format!("{0}.{0}.{0}.{1}", "a".repeat(63), "a".repeat(last));
        assert!(parse(&name(61)).is_ok());
        let kind = |text: &str| parse(text).map_err(|error| error.kind);
        assert_eq!(
            kind(&name(62)),
            Err(InvalidHostKind::Name),
            "254 bytes in all"
        );
        let label = format!("{}.example", "a".repeat(64));
        assert_eq!(kind(&label), Err(InvalidHostKind::Name));
    }
}
