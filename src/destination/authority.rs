use std::net::{Ipv4Addr, Ipv6Addr};

use http::{Uri, uri::Scheme};

/// Host and port of a URI.
#[derive(Clone, Copy)]
pub(crate) struct Authority<'u> {
    /// As it is written, IPv6 in brackets.
    pub(crate) host: &'u str,
    /// `Err` where what stands for the port is none.
    pub(crate) port: Result<u16, NoPort>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoPort;

impl<'u> Authority<'u> {
    pub(crate) fn of(uri: &'u Uri) -> Option<Self> {
        let authority = uri.authority()?.as_str();
        let begin = authority.bytes().rposition(|byte| byte == b'@');
        let rest = authority.get(begin.map_or(0, |at| at + 1)..)?;
        let end = if rest.starts_with('[') {
            rest.bytes().position(|byte| byte == b']')? + 1
        } else {
            let colon = rest.bytes().position(|byte| byte == b':');
            colon.unwrap_or(rest.len())
        };
        let (host, port) = rest.split_at_checked(end)?;
        // `host:` with nothing behind it is the same as without. Whatever else
        // stands there `http` takes too, `host:99999` and `[::1]other`, and
        // then says that there is no port.
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

/// The scheme's own port. A WebSocket has that of its handshake.
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

/// Returns true if a request to the URI is encrypted all the way to its host. A
/// URI without a scheme tells nothing of it.
pub(super) fn is_secure(uri: &Uri) -> bool {
    uri.scheme().is_some_and(is_tls)
}

fn is_tls(scheme: &Scheme) -> bool {
    *scheme == Scheme::HTTPS || scheme == "wss"
}

/// Returns true if the host is this machine, by RFC 6761 and RFC 6890.
pub(super) fn is_loopback(uri: &Uri) -> bool {
    // What `http` takes for a host is none where something else than a port
    // follows it, as in `[::1].example`.
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
    let last = name.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

/// The address in a host with brackets.
pub(super) fn ipv6(host: &str) -> Option<Ipv6Addr> {
    let inside = host.strip_prefix('[')?.strip_suffix(']')?;
    inside.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_taken_apart_as_http_does_it() {
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
            let place = Authority::of(&uri).unwrap();
            assert_eq!((place.host, place.port), (host, port), "{uri}");
            assert_eq!(uri.host(), Some(host), "{uri}");
        }
        assert!(Authority::of(&Uri::from_static("/only/a/path")).is_none());
    }

    #[test]
    fn https_and_wss_are_secure_and_nothing_else_is() {
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
    fn loopback_is_this_machine_by_name_or_address_and_nothing_else_is() {
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
