//! Responses of the relay itself, for requests that get no response of an upstream.

use http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE};

use super::{error_body, forward::RelayResponse, metrics::Metrics};

/// Reason for which the relay itself answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    kind: &'static str,
    pub(crate) code: &'static str,
    message: &'static str,
    /// Schemes of authentication.
    schemes: &'static [&'static str],
}

impl Refusal {
    pub(crate) const TARGET: Self = Self::of_request(
        StatusCode::BAD_REQUEST,
        "invalid_target",
        "request target: can't be relayed",
    );
    pub(crate) const BODY: Self = Self::of_request(
        StatusCode::BAD_REQUEST,
        "invalid_body",
        "request body: can't be read",
    );
    pub(crate) const BODY_TIMEOUT: Self = Self::of_request(
        StatusCode::REQUEST_TIMEOUT,
        "body_timeout",
        "request body: no data in time",
    );
    pub(crate) const TOO_LARGE: Self = Self::of_request(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "request body: too large",
    );
    pub(crate) const NO_UPSTREAM: Self = Self::of_request(
        StatusCode::NOT_FOUND,
        "no_upstream",
        "request: no upstream takes this path and model",
    );
    pub(crate) const UNKNOWN_HOST: Self = Self::of_request(
        StatusCode::MISDIRECTED_REQUEST,
        "unknown_host",
        "host: not a local name, and not in `trust.hosts`",
    );
    pub(crate) const CROSS_ORIGIN: Self = Self::of_request(
        StatusCode::FORBIDDEN,
        "cross_origin",
        "request: from a web page of another origin",
    );
    pub(crate) const UNKNOWN_KEY: Self = Self::of_request(
        StatusCode::UNAUTHORIZED,
        "invalid_api_key",
        "API key: unknown or missing",
    )
    .with_schemes(&["Bearer"]);
    /// A browser asks for a password only if `Basic` is offered.
    pub(crate) const UNKNOWN_OPERATOR: Self =
        Self::UNKNOWN_KEY.with_schemes(&["Bearer", "Basic realm=\"relay\""]);
    pub(crate) const NOT_OPERATOR: Self = Self::of_request(
        StatusCode::FORBIDDEN,
        "not_operator",
        "API key: not an operator's",
    );
    pub(crate) const OVERLOADED: Self = Self::of_server(
        StatusCode::SERVICE_UNAVAILABLE,
        "overloaded",
        "relay: too many requests or bytes at once",
    );
    pub(crate) const UNREACHABLE: Self = Self::of_server(
        StatusCode::BAD_GATEWAY,
        "upstream_unreachable",
        "upstream: no response",
    );
    pub(crate) const TIMEOUT: Self = Self::of_server(
        StatusCode::GATEWAY_TIMEOUT,
        "upstream_timeout",
        "upstream: no response in time",
    );

    const fn of_request(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            kind: "invalid_request_error",
            code,
            message,
            schemes: &[],
        }
    }

    const fn of_server(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            kind: "upstream_error",
            code,
            message,
            schemes: &[],
        }
    }

    const fn with_schemes(self, schemes: &'static [&'static str]) -> Self {
        Self { schemes, ..self }
    }

    /// Logs and counts the refusal of a request that has no record. Returns its response.
    pub(crate) fn report(self, metrics: &Metrics) -> RelayResponse {
        tracing::info!(
            status = self.status.as_u16(),
            code = self.code,
            "request refused"
        );
        metrics.rejected(self.status, self.code);
        self.response()
    }

    pub(crate) fn response(self) -> RelayResponse {
        let mut response = error_body::response(self.status, self.kind, self.code, self.message);
        for scheme in self.schemes {
            // One line for each, because Chromium reads the first of a line only. It fails only
            // if the map is full, and it has one header.
            let scheme = HeaderValue::from_static(scheme);
            let _ = response.headers_mut().try_append(WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
