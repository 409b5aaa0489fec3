//! Feature `axum-08`, for axum 0.8: metadata as an extractor, and a rejection as a
//! response.

use std::convert::Infallible;

use axum_core::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE, request::Parts};

use crate::{Faults, Metadata, Rejection};

/// Extracts the metadata that the extracting layer inserted in the request.
///
/// ```
/// use axum::{Router, routing::get};
/// use tower_metadata_headers::{Faults, Metadata, MetadataHeadersLayer, conventions};
///
/// async fn handler(metadata: Metadata, faults: Faults) -> String {
///     format!("{metadata:?} {faults}")
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(handler))
///     .layer(MetadataHeadersLayer::extract(conventions::clients()));
/// ```
///
/// # Errors
///
/// Returns [`MissingExtractLayer`], with status 500, if no extracting layer wraps the
/// handler. `Option<Metadata>` is `None` instead.
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

/// Extracts the faults of the request's metadata. They are empty if no extension is set.
impl<S: Sync> FromRequestParts<S> for Faults {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // The extracting layer inserts no `Faults` if there are none.
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

/// Error returned if a handler extracts [`Metadata`](crate::Metadata), and no extracting
/// layer wraps it. The response has status 500.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MissingExtractLayer(());

impl std::fmt::Display for MissingExtractLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("handler: no MetadataHeadersLayer::extract wraps it")
    }
}

crate::error::debug_as_display!(MissingExtractLayer);

impl std::error::Error for MissingExtractLayer {}

impl IntoResponse for MissingExtractLayer {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

/// Converts the rejection into a JSON response in the format of OpenAI's API: `error` with
/// `type`, `code` and `message`.
impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        // Escaped, because a header name in the message may contain a quotation mark
        // over HTTP/2.
        let message = serde_json::Value::from(self.to_string());
        let body = format!(
            r#"{{"error":{{"type":"invalid_request_metadata","code":"{}","message":{message}}}}}"#,
            self.code(),
        );
        let json = HeaderValue::from_static("application/json");
        (self.status(), [(CONTENT_TYPE, json)], body).into_response()
    }
}
