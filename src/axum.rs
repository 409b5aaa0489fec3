//! Feature `axum`: metadata as an extractor, and a rejection as a response.

use std::convert::Infallible;

use axum_core::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE, request::Parts};

use crate::{Faults, Metadata, Rejection};

/// The metadata that the extracting layer put on the request.
///
/// # Errors
///
/// 500 where no such layer is around the handler, which is a mistake of the
/// application. With `Option<Metadata>` that is `None`.
impl<S: Sync> FromRequestParts<S> for Metadata {
    type Rejection = MissingExtractLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MissingExtractLayer> {
        parts
            .extensions
            .get()
            .cloned()
            .ok_or(MissingExtractLayer(()))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Metadata {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}

/// Extracts the faults of the request's metadata; empty if there are none.
impl<S: Sync> FromRequestParts<S> for Faults {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

/// Error returned if no extracting layer wraps the handler that asks for
/// [`Metadata`](crate::Metadata).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MissingExtractLayer(());

impl std::fmt::Display for MissingExtractLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no MetadataHeadersLayer::extract is around this handler")
    }
}

crate::error::debug_as_display!(MissingExtractLayer);

impl std::error::Error for MissingExtractLayer {}

impl IntoResponse for MissingExtractLayer {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

/// A JSON body in the form that OpenAI's API has: `error` with `type`, `code`
/// and `message`.
impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        // Over HTTP/2 the name of a header may have a quotation mark.
        let message = serde_json::Value::from(self.to_string());
        let body = format!(
            r#"{{"error":{{"type":"invalid_request_metadata","code":"{}","message":{message}}}}}"#,
            self.code(),
        );
        let json = HeaderValue::from_static("application/json");
        (self.status(), [(CONTENT_TYPE, json)], body).into_response()
    }
}
