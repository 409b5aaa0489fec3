use std::{error, fmt};

use http::{Response, StatusCode};

use crate::{Faults, Reason};

/// Rejection of a request for the faults of its metadata.
///
/// `Display` lists the faults in one line, by field, header and reason. It
/// holds no value from the request.
#[derive(Clone, PartialEq, Eq)]
pub struct Rejection {
    faults: Faults,
}

impl Rejection {
    pub(crate) const fn new(faults: Faults) -> Self {
        Self { faults }
    }

    /// Returns the status for the response: 403 if a fault asks for it, else 431
    /// if one does, else 400. See [`Reason::status`].
    ///
    /// It does not depend on the order of headers.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.gravest().status()
    }

    /// Returns a fault's reason for programs, for example `repeated`.
    ///
    /// Of the faults with the rejection's status it is the first by
    /// alphabetical order of codes, so it does not depend on the order of
    /// headers either.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.gravest().code()
    }

    fn gravest(&self) -> Reason {
        // Never the default: a request without faults is not rejected.
        self.faults.gravest().unwrap_or(Reason::InvalidField)
    }

    /// Creates a response with the rejection's status and this body.
    ///
    /// ```
    /// use http::{HeaderMap, StatusCode};
    /// use tower_metadata_headers::{Requirements, conventions};
    ///
    /// let extracted = conventions::clients().read(&HeaderMap::new());
    /// let rejection = extracted.into_result(&Requirements::new().session()).unwrap_err();
    /// let response = rejection.to_response(rejection.to_string());
    /// assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    /// ```
    pub fn to_response<B>(&self, body: B) -> Response<B> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status();
        response
    }

    /// Returns the faults for which the request was rejected.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.faults, f)
    }
}

crate::error::debug_as_display!(Rejection);

impl error::Error for Rejection {}
