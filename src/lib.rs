//! Typed request metadata in vendors' HTTP headers, written and read by a Tower
//! layer.
//!
//! An agent makes hundreds of calls for one conversation. What ties them
//! together, and names their user and project, travels in headers that every vendor
//! spells differently. With this crate an application uses [`Metadata`], and a
//! vendor's spelling is a [`Convention`]:
//!
//! - [`MetadataHeadersLayer::inject`] wraps a client, and writes the `Metadata` in
//!   a request's extensions to its headers;
//! - [`MetadataHeadersLayer::extract`] wraps a gateway's service, and reads the
//!   headers of all known clients into `Metadata` in the extensions.
//!
//! ```
//! use axum::{Extension, Router, routing::get};
//! use http::Request;
//! use http_body_util::{BodyExt, Empty};
//! use hyper::body::Bytes;
//! use hyper_util::{client::legacy::Client, rt::TokioExecutor};
//! use tower::{ServiceBuilder, ServiceExt};
//! use tower_metadata_headers::{
//!     Convention, Destinations, Metadata, MetadataHeadersLayer, SessionId, conventions,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A gateway, which knows every client's spelling.
//! let app = Router::new()
//!     .route("/", get(async |Extension(metadata): Extension<Metadata>| {
//!         metadata.session().map(|id| id.to_string()).unwrap_or_default()
//!     }))
//!     .layer(MetadataHeadersLayer::extract(conventions::clients()));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let gateway = listener.local_addr()?.to_string();
//! tokio::spawn(async move { axum::serve(listener, app).await });
//!
//! // A client, which has one of its own, for that gateway alone.
//! let destinations = Destinations::new().host(&gateway, Convention::vendor("acme")?)?;
//! let client = ServiceBuilder::new()
//!     .layer(MetadataHeadersLayer::inject(destinations))
//!     .service(Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>());
//!
//! let mut request = Request::get(format!("http://{gateway}/")).body(Empty::new())?;
//! request.extensions_mut().insert(Metadata::new().with(SessionId::try_from("ses_01J5Z8")?));
//! let response = client.oneshot(request).await?;
//! assert_eq!(response.into_body().collect().await?.to_bytes(), "ses_01J5Z8");
//! # Ok(())
//! # }
//! ```
//!
//! # The parts
//!
//! | type | what it is |
//! |---|---|
//! | [`Metadata`] | the fields of one request; knows nothing of header names |
//! | [`Field`] | one typed value: [`SessionId`], [`ProjectId`], …, or your own by [`metadata_field!`] |
//! | [`Convention`] | which header carries which field: one of [`conventions`], a [vendor](Convention::vendor)'s, or [built](Convention::builder) |
//! | [`Destinations`] | which host gets which convention, by its own policy ([`HostPolicy`]) |
//! | [`ConventionSet`] | reads several conventions in one pass |
//! | [`MetadataHeadersLayer`] | the Tower layer around all that |
//!
//! [`Destinations::write`], [`Convention::write`] and [`ConventionSet::read`] work on
//! a [`HeaderMap`](http::HeaderMap), with no Tower.
//!
//! # What is trusted
//!
//! [Correlation](Class::Correlation) is read from anyone.
//! [Identity](Class::Identity) is read only if the operator's own predicate
//! [trusts](MetadataHeadersLayer::trust_identity_when) the request. A field that is
//! repeated, malformed or ambiguous is left empty, and reported in [`Faults`]. Two
//! tenants may send the same session id: never key anything that they share by it
//! alone. The feature `hmac` has `AffinityKeys` for that.
//!
//! # Glossary
//!
//! | term | meaning |
//! |---|---|
//! | field | one typed value, such as the session's id |
//! | metadata | the fields of one request |
//! | convention | how one vendor spells fields in headers |
//! | rule | one line of a convention: which header carries which field |
//! | inject, extract | write metadata to a request's headers, read it from them |
//! | correlation, identity | the two classes of fields: harmless if forged, or not |
//! | stable, volatile | the same over a conversation, or new with each turn or request |
//! | trusted | said of a request for which the operator's predicate holds |
//! | fault | a header or a field that was ignored, with its reason |
//! | policy | what one destination may get |
//! | owned header | a header that belongs to a convention, and is removed before writing |
//! | look-alike | a name that differs from a known one in separators only |
//! | precedence | which of several headers for one field counts |
//!
//! # Features
//!
//! - `uuid` (default): `From<Uuid>` for the well-known ids, and `new` for those
//!   of correlation.
//! - `json`: fields in a JSON object that is a header's value.
//! - `axum`: [`Metadata`] and [`Faults`] as extractors, [`Rejection`] as a
//!   response.
//! - `hmac`: keys by which one tenant's sessions are kept apart from another's,
//!   and pseudonyms for third parties.
//! - `tokio`: metadata of the current task, for code that does not see the request.
//! - `tower-http`: a policy for redirects, where headers are written outside
//!   them.
//! - `tracing`: a debug event for each request whose metadata has faults, when it
//!   is read and when it is written.
//!
//! A feature adds; it never changes what the rest does.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod axum;
pub mod convention;
pub mod conventions;
mod destination;
mod encoding;
mod error;
mod fault;
mod field;
pub mod fields;
mod header_set;
#[cfg(feature = "hmac")]
mod hmac;
pub mod layer;
mod limits;
mod metadata;
mod read;
mod reason;
mod rule;
#[cfg(feature = "tokio")]
mod tokio;
#[cfg(feature = "tower-http")]
mod tower_http;
#[cfg(feature = "tracing")]
mod tracing;
mod write;

#[cfg(feature = "axum")]
pub use self::axum::MissingExtractLayer;
#[cfg(feature = "hmac")]
pub use self::hmac::{AffinityKey, AffinityKeys, Pseudonyms, SecretTooShort};
#[cfg(feature = "tokio")]
pub use self::tokio::Scope;
#[cfg(feature = "tower-http")]
pub use self::tower_http::StripMetadata;
pub use self::{
    destination::{Destinations, HeaderChanges, HostPolicy, InvalidHost, Target},
    error::InvalidValue,
    fault::{Fault, Faults},
    field::{Class, Field, FieldKey, Id, Stability, Tags, Text, Value},
    metadata::{Metadata, Redacted},
    reason::Reason,
};

// Their modules are public, so rustdoc would not list them here.
#[doc(inline)]
pub use self::{
    convention::{Convention, ConventionSet, Rule},
    layer::{MetadataHeaders, MetadataHeadersLayer, Rejection},
};

#[doc(no_inline)]
pub use self::{
    convention::{
        Charset, ConventionBuilder, Evidence, Extracted, InvalidConvention, Provenance,
        RequestLimits, Requirements, ValueLimits, WriteReport,
    },
    conventions::UnknownConvention,
    fields::{
        AgentId, ClientName, ClientVersion, ConversationId, MachineId, Mode, OrganizationId,
        ParentAgentId, ParentSessionId, ParentTaskId, ProjectId, RequestId, SessionId, TaskId,
        TraceId, TurnId, UserId,
    },
};

/// Fields of other crates, which can't pass for well-known ones.
///
/// ```
/// use tower_metadata_headers::{Class, Field, Id, Stability};
///
/// #[derive(Clone)]
/// struct Anyone(Id);
///
/// impl Field for Anyone {
///     const NAME: &'static str = "anyone";
///     const CLASS: Class = Class::Correlation;
///     const STABILITY: Stability = Stability::Stable;
///     type Value = Id;
///
///     fn into_value(self) -> Id {
///         self.0
///     }
///
///     fn from_value(value: Id) -> Option<Self> {
///         Some(Self(value))
///     }
/// }
/// assert_eq!(tower_metadata_headers::FieldKey::of::<Anyone>().name(), "anyone");
/// ```
///
/// A user's id that is read from anyone:
///
/// ```compile_fail
/// use tower_metadata_headers::{Class, Field, Id, Stability, UserId, __private::Known};
///
/// #[derive(Clone)]
/// struct Anyone(Id);
///
/// impl Field for Anyone {
///     const NAME: &'static str = "anyone";
///     const CLASS: Class = Class::Correlation;
///     const STABILITY: Stability = Stability::Stable;
///     const KNOWN: Option<Known> = <UserId as Field>::KNOWN;
///     type Value = Id;
///
///     fn into_value(self) -> Id {
///         self.0
///     }
///
///     fn from_value(value: Id) -> Option<Self> {
///         Some(Self(value))
///     }
/// }
/// assert_eq!(tower_metadata_headers::FieldKey::of::<Anyone>().name(), "anyone");
/// ```
///
/// A kind of value that checks nothing:
///
/// ```compile_fail
/// use http::HeaderValue;
/// use tower_metadata_headers::{__private::Wire, Reason, Value};
///
/// #[derive(Clone)]
/// struct Raw(HeaderValue);
///
/// impl Value for Raw {}
///
/// impl Wire for Raw {
///     fn from_wire(value: &HeaderValue) -> Result<Self, Reason> {
///         Ok(Self(value.clone()))
///     }
///
///     fn from_text(_: &str) -> Result<Self, Reason> {
///         Err(Reason::InvalidField)
///     }
///
///     fn into_wire(self) -> HeaderValue {
///         self.0
///     }
///
///     fn to_text(&self) -> String {
///         String::new()
///     }
/// }
/// ```
#[cfg(doctest)]
struct Seals;

/// The README's examples, which so are tested.
#[cfg(all(doctest, feature = "axum", feature = "hmac"))]
#[doc = include_str!("../README.md")]
struct Readme;
