//! Responses of the relay itself, for requests that get no response of an upstream.

use http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE};

use super::{error_body, forward::RelayResponse};

/// Reason for which the relay itself answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    kind: &'static str,
    pub(crate) code: &'static str,
    message: &'static str,
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
    pub(crate) const UNKNOWN_KEY: Self = Self::of_request(
        StatusCode::UNAUTHORIZED,
        "invalid_api_key",
        "API key: unknown or missing",
    );
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
        }
    }

    const fn of_server(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            kind: "upstream_error",
            code,
            message,
        }
    }

    pub(crate) fn response(self) -> RelayResponse {
        let mut response = error_body::response(self.status, self.kind, self.code, self.message);
        if self.status == StatusCode::UNAUTHORIZED {
            // A browser asks for a password only if `Basic` is offered, and Chromium reads one
            // scheme of each line.
            for scheme in ["Bearer", "Basic realm=\"relay\""] {
                let scheme = HeaderValue::from_static(scheme);
                // Fails only if the map is full, and it has one header.
                let _ = response.headers_mut().try_append(WWW_AUTHENTICATE, scheme);
            }
        }
        response
    }
}
