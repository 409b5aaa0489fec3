use std::{error, fmt};

use http::{Response, StatusCode};

use crate::{Faults, Reason};

/// Rejection of a request whose metadata has faults.
///
/// `Display` lists the faults on one line, by field, header and reason. It contains no
/// value from the request.
///
/// ```
/// use http::Response;
/// use tower_metadata_headers::Rejection;
///
/// fn respond(rejection: Rejection) -> Response<String> {
///     for fault in rejection.faults() {
///         eprintln!("rejected: {fault}");
///     }
///     rejection.to_response(rejection.code().to_owned())
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Rejection {
    faults: Faults,
}

impl Rejection {
    pub(crate) const fn new(faults: Faults) -> Self {
        Self { faults }
    }

    /// Returns the status of the gravest fault: 403 before 431 before 400. See
    /// [`Reason::status`].
    ///
    /// The status does not depend on the order of the headers.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.gravest().status()
    }

    /// Returns the [code](Reason::code) of the gravest fault, for example `repeated`.
    ///
    /// If several faults have the rejection's status, the code is the first in
    /// alphabetical order, so it does not depend on the order of the headers.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.gravest().code()
    }

    fn gravest(&self) -> Reason {
        let gravest = self.faults.gravest();
        debug_assert!(gravest.is_some(), "a rejection has at least one fault");
        gravest.unwrap_or(Reason::InvalidField)
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
