use http::{Uri, uri::Scheme};

/// Where a URI leads: its host and port, taken apart once.
#[derive(Clone, Copy)]
pub(crate) struct Place<'u> {
    /// As it is written, IPv6 in brackets.
    pub(crate) host: &'u str,
    /// `Err` where what stands for the port is none.
    pub(crate) port: Result<u16, NoPort>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoPort;

impl<'u> Place<'u> {
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

/// The scheme's own port.
pub(crate) fn default_port(uri: &Uri) -> Option<u16> {
    let scheme = uri.scheme()?;
    if *scheme == Scheme::HTTPS {
        Some(443)
    } else if *scheme == Scheme::HTTP {
        Some(80)
    } else {
        None
    }
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
            ("other://a.example/", "a.example", Err(NoPort)),
            ("other://a.example:1/", "a.example", Ok(1)),
            ("a.example:443", "a.example", Ok(443)),
        ] {
            let uri: Uri = uri.parse().unwrap();
            let place = Place::of(&uri).unwrap();
            assert_eq!((place.host, place.port), (host, port), "{uri}");
            assert_eq!(uri.host(), Some(host), "{uri}");
        }
        assert!(Place::of(&Uri::from_static("/only/a/path")).is_none());
    }
}
