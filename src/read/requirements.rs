use std::{fmt, sync::Arc};

use super::{Extracted, Rejection};
use crate::{Fault, Faults, Field, FieldKey, Metadata, Reason, SessionId};

/// Requirements on the metadata of a request.
///
/// Use them with
/// [`MetadataHeadersLayer::reject_with`](crate::MetadataHeadersLayer::reject_with), or
/// without Tower with [`Extracted::into_result`]:
///
/// ```
/// use http::{HeaderMap, HeaderValue, StatusCode};
/// use tower_metadata_headers::{Metadata, Rejection, Requirements, conventions};
///
/// fn read(headers: &HeaderMap) -> Result<Metadata, Rejection> {
///     let extracted = conventions::clients().read(headers);
///     extracted.into_result(&Requirements::new().session())
/// }
///
/// let mut headers = HeaderMap::new();
/// let rejection = read(&headers).unwrap_err();
/// assert_eq!(rejection.status(), StatusCode::BAD_REQUEST);
/// assert_eq!(rejection.code(), "missing");
///
/// headers.insert("x-kilocode-taskid", HeaderValue::from_static("t-1"));
/// assert_eq!(read(&headers)?.session().unwrap().as_str(), "t-1");
/// # Ok::<(), Rejection>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "requirements do nothing until metadata is checked against them"]
pub struct Requirements(
    /// `None` if there are no requirements, so that they need no allocation.
    Option<Arc<Inner>>,
);

#[derive(Clone, Default)]
struct Inner {
    fields: Vec<FieldKey>,
    session: bool,
    rejects_untrusted_identity: bool,
}

impl Requirements {
    /// Creates requirements that a request meets if its metadata has no faults.
    ///
    /// Untrusted identity does not count as a fault, because many clients send it with
    /// every request.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requires this field. A request without it has a fault with the reason
    /// [`Reason::Missing`], unless another fault explains why the field is absent.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use tower_metadata_headers::{ProjectId, Requirements, conventions};
    ///
    /// let extracted = conventions::clients().read(&HeaderMap::new());
    /// let requirements = Requirements::new().field::<ProjectId>();
    /// assert_eq!(extracted.into_result(&requirements).unwrap_err().code(), "missing");
    /// ```
    pub fn field<F: Field>(self) -> Self {
        self.with(|inner| inner.fields.push(FieldKey::of::<F>()))
    }

    /// Requires a session, a conversation or a task: see [`Metadata::session`].
    pub fn session(self) -> Self {
        self.with(|inner| inner.session = true)
    }

    /// Rejects a request with untrusted identity, like a request with any other fault.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, StatusCode};
    /// use tower_metadata_headers::{Convention, Requirements};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-acme-user-id", HeaderValue::from_static("u-1"));
    /// let extracted = Convention::vendor("acme")?.read(&headers);
    /// assert!(extracted.clone().into_result(&Requirements::new()).is_ok());
    ///
    /// let requirements = Requirements::new().reject_untrusted_identity();
    /// let rejection = extracted.into_result(&requirements).unwrap_err();
    /// assert_eq!(rejection.status(), StatusCode::FORBIDDEN);
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    pub fn reject_untrusted_identity(self) -> Self {
        self.with(|inner| inner.rejects_untrusted_identity = true)
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        // `None` stands for no requirements, and so does the default.
        let mut inner = self.0.map(Arc::unwrap_or_clone).unwrap_or_default();
        change(&mut inner);
        Self(Some(Arc::new(inner)))
    }

    fn rejects_untrusted_identity(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|inner| inner.rejects_untrusted_identity)
    }

    /// Adds a fault for each field that is required and missing.
    pub(crate) fn add_missing(&self, metadata: &Metadata, faults: &mut Faults) {
        let Some(inner) = &self.0 else { return };
        for &key in &inner.fields {
            if !metadata.is_sent(key) && !self.explains(faults, &[key]) {
                faults.push(Fault::new(Reason::Missing).of(key));
            }
        }
        let is_sent = |key| metadata.is_sent(key);
        if inner.session
            && !Metadata::SESSION_KEYS.into_iter().any(is_sent)
            && !self.explains(faults, &Metadata::SESSION_KEYS)
        {
            faults.push(Fault::new(Reason::Missing).of(FieldKey::of::<SessionId>()));
        }
    }

    /// Returns the faults for which a request is rejected.
    pub(crate) fn to_reject(&self, faults: &Faults) -> Faults {
        if self.rejects_untrusted_identity() {
            faults.clone()
        } else {
            faults.without_untrusted()
        }
    }

    /// Returns true if a fault that rejects the request already explains why these
    /// fields are absent.
    ///
    /// By default untrusted identity rejects no request, so a required identity field
    /// of an untrusted request is reported as missing too.
    fn explains(&self, faults: &Faults, fields: &[FieldKey]) -> bool {
        faults.iter().any(|fault| {
            let rejects = self.rejects_untrusted_identity() || fault.reason() != Reason::Untrusted;
            rejects
                && match fault.field() {
                    Some(field) => fields.contains(&field),
                    // The fault concerns the whole request, or every field of a header.
                    None => fault.header_name().is_none() || is_of_whole_header(fault.reason()),
                }
        })
    }
}

impl fmt::Debug for Requirements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `None` stands for no requirements, and so does the default.
        let inner = self.0.as_deref().cloned().unwrap_or_default();
        f.debug_struct("Requirements")
            .field("fields", &inner.fields)
            .field("session", &inner.session)
            .field(
                "rejects_untrusted_identity",
                &inner.rejects_untrusted_identity,
            )
            .finish()
    }
}

impl Extracted {
    /// Returns the metadata if it meets the requirements.
    ///
    /// If your own authentication knows some of the fields, merge them into
    /// [`metadata`](Self::metadata) first.
    ///
    /// # Errors
    ///
    /// Returns an error if a field is missing, or if the headers have faults.
    pub fn into_result(mut self, requirements: &Requirements) -> Result<Metadata, Rejection> {
        requirements.add_missing(&self.metadata, &mut self.faults);
        let to_reject = requirements.to_reject(&self.faults);
        if to_reject.is_empty() {
            Ok(self.metadata)
        } else {
            Err(Rejection::new(to_reject))
        }
    }
}

/// Returns true if the reason makes a header with several fields invalid as a whole.
const fn is_of_whole_header(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::InvalidJson
            | Reason::NotAnObject
            | Reason::Repeated
            | Reason::Nominated
            | Reason::TooLong { .. }
            | Reason::TooMany { .. }
    )
}
