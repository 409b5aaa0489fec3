use std::net::{Ipv4Addr, Ipv6Addr};

use http::{Uri, uri::Scheme};

/// Host and port of a URI.
#[derive(Clone, Copy)]
pub(crate) struct Authority<'u> {
    /// Host as written in the URI. An IPv6 address is in brackets.
    pub(crate) host: &'u str,
    /// Explicit port, or else the scheme's default. `Err` if the port is invalid, or if
    /// there is none and the scheme has no default.
    pub(crate) port: Result<u16, NoPort>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoPort;

impl<'u> Authority<'u> {
    /// Returns the host and port of a URI. Userinfo is skipped up to its last `@`, so
    /// the host of `a.example@b.example` is `b.example`.
    pub(crate) fn of(uri: &'u Uri) -> Option<Self> {
        let authority = uri.authority()?.as_str();
        // Most authorities are a host alone. A fold without branches is vectorized.
        let is_delimiter = |byte| matches!(byte, b'@' | b':' | b'[');
        if !authority
            .bytes()
            .fold(false, |any, byte| any | is_delimiter(byte))
        {
            return (!authority.is_empty()).then_some(Self {
                host: authority,
                port: default_port(uri).ok_or(NoPort),
            });
        }
        // One loop, backwards, finds the last `@` and the first `:` after it.
        let (mut start, mut end) = (0, authority.len());
        for (at, byte) in authority.bytes().enumerate().rev() {
            match byte {
                b'@' => {
                    start = at + 1;
                    break;
                }
                b':' => end = at,
                _ => {}
            }
        }
        if authority.as_bytes().get(start) == Some(&b'[') {
            // The address has colons of its own.
            end = start + authority.get(start..)?.find(']')? + 1;
        }
        let (host, port) = authority.get(start..)?.split_at_checked(end - start)?;
        // An empty port (`host:`) is the scheme's default (RFC 3986, section 3.2.3).
        // `http` also parses `host:99999` and `[::1]other`, and reports no port for
        // them. They must not match a host with a default port.
        let port = match port.strip_prefix(':') {
            Some("") => default_port(uri).ok_or(NoPort),
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| NoPort)
            }
            None if port.is_empty() => default_port(uri).ok_or(NoPort),
            _ => Err(NoPort),
        };
        (!host.is_empty()).then_some(Self { host, port })
    }
}

/// Returns the default port of the URI's scheme. `ws` and `wss` have the ports of their
/// handshakes, which are HTTP requests.
pub(crate) fn default_port(uri: &Uri) -> Option<u16> {
    let scheme = uri.scheme()?;
    if is_tls(scheme) {
        Some(443)
    } else if *scheme == Scheme::HTTP || scheme == "ws" {
        Some(80)
    } else {
        None
    }
}

/// Returns true if the URI's scheme requires TLS. A URI without a scheme is not secure.
pub(super) fn is_secure(uri: &Uri) -> bool {
    uri.scheme().is_some_and(is_tls)
}

fn is_tls(scheme: &Scheme) -> bool {
    *scheme == Scheme::HTTPS || scheme == "wss"
}

/// Returns true if the host is a loopback name (RFC 6761) or address (RFC 6890).
pub(super) fn is_loopback(uri: &Uri) -> bool {
    // `http` reports the host `[::1]` for `[::1].example`, which another client may
    // resolve as a name. Its port is invalid, so it is not a loopback address here.
    let Some(Authority { host, port: Ok(_) }) = Authority::of(uri) else {
        return false;
    };
    if let Some(address) = ipv6(host) {
        return address.is_loopback();
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return address.is_loopback();
    }
    // Never the default: `rsplit` yields at least one item.
    let last = name.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

/// Returns the IPv6 address of a host in brackets.
pub(super) fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authority_of_a_uri_is_that_of_the_http_crate() {
        for (uri, host, port) in [
            ("https://a.example/x:1@y", "a.example", Ok(443)),
            ("http://a.example", "a.example", Ok(80)),
            ("http://a.example:8080/", "a.example", Ok(8080)),
            ("http://a.example:/", "a.example", Ok(80)),
            ("http://a.example:99999/", "a.example", Err(NoPort)),
            ("http://u:p@a.example:1/", "a.example", Ok(1)),
            ("https://a.example@b.example/", "b.example", Ok(443)),
            ("http://[::1]/", "[::1]", Ok(80)),
            ("http://u@[::1]:8080/", "[::1]", Ok(8080)),
            ("http://a.example:+80/", "a.example", Err(NoPort)),
            ("http://a.example:a.example/", "a.example", Err(NoPort)),
            ("http://[::1]b.example:80/", "[::1]", Err(NoPort)),
            ("wss://a.example/", "a.example", Ok(443)),
            ("WS://a.example/", "a.example", Ok(80)),
            ("other://a.example/", "a.example", Err(NoPort)),
            ("other://a.example:1/", "a.example", Ok(1)),
            ("a.example:443", "a.example", Ok(443)),
        ] {
            let uri: Uri = uri.parse().unwrap();
            let authority = Authority::of(&uri).unwrap();
            assert_eq!((authority.host, authority.port), (host, port), "{uri}");
            assert_eq!(uri.host(), Some(host), "{uri}");
        }
        assert!(Authority::of(&Uri::from_static("/only/a/path")).is_none());
    }

    #[test]
    fn only_https_and_wss_are_secure() {
        for (uri, expected) in [
            ("https://a.example/", true),
            ("HTTPS://a.example/", true),
            ("wss://a.example/", true),
            ("WSS://a.example/", true),
            ("http://a.example/", false),
            ("ws://a.example/", false),
            ("http://a.example:443/", false),
            ("other://a.example/", false),
            ("httpss://a.example/", false),
            ("a.example:443", false),
            ("/only/a/path", false),
        ] {
            assert_eq!(is_secure(&Uri::from_static(uri)), expected, "{uri}");
        }
    }

    #[test]
    fn only_localhost_names_and_loopback_addresses_are_loopback() {
        for (uri, expected) in [
            ("http://localhost/", true),
            ("http://LOCALHOST:8080/", true),
            ("http://localhost./", true),
            ("http://a.b.localhost/", true),
            ("http://127.0.0.1:8080/", true),
            ("http://127.255.0.1/", true),
            ("http://user@[::1]:8080/", true),
            ("http://[0:0:0:0:0:0:0:1]/", true),
            ("localhost:8080", true),
            ("http://localhost.example/", false),
            ("http://mylocalhost/", false),
            ("http://localhost@evil.example/", false),
            ("http://127.0.0.1.evil.example/", false),
            ("http://127.1/", false),
            ("http://128.0.0.1/", false),
            ("http://[::2]/", false),
            ("http://[::1].evil.example/", false),
            ("http://0.0.0.0/", false),
            ("/localhost", false),
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(is_loopback(&uri), expected, "{uri}");
        }
    }
}
