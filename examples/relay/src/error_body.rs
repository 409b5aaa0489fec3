//! Error responses in the format of OpenAI's API.

use http::{
    HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};
use http_body_util::{Either, Full};
use serde_json::json;

use super::forward::RelayResponse;

/// Returns a response for an error that the relay itself found.
pub(crate) fn response(status: StatusCode, kind: &str, code: &str, message: &str) -> RelayResponse {
    let error = json!({
        "error": { "message": message, "type": kind, "param": null, "code": code },
    });
    let mut response = Response::new(Either::Left(Full::from(error.to_string())));
    *response.status_mut() = status;
    *response.headers_mut() =
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    response
}
