//! Tower middleware that writes typed request metadata to vendors' HTTP headers, and
//! reads it back.
//!
//! An agent sends hundreds of requests for one conversation. Their session, user and
//! project are in headers whose names and formats differ between vendors. With this
//! crate an application uses [`Metadata`], and each vendor's headers are a
//! [`Convention`]:
//!
//! - [`MetadataHeadersLayer::inject`] wraps a client. It writes the `Metadata` in a
//!   request's extensions to its headers.
//! - [`MetadataHeadersLayer::extract`] wraps a gateway's service. It reads the headers
//!   of all known clients, and inserts `Metadata` in the request's extensions.
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
//! // A gateway, which reads the headers of every known client.
//! let app = Router::new()
//!     .route("/", get(async |Extension(metadata): Extension<Metadata>| {
//!         metadata.session().map(|id| id.to_string()).unwrap_or_default()
//!     }))
//!     .layer(MetadataHeadersLayer::extract(conventions::clients()));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let gateway = listener.local_addr()?.to_string();
//! tokio::spawn(async move { axum::serve(listener, app).await });
//!
//! // A client, which writes headers of its own to that gateway only.
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
//! # Types
//!
//! | type | meaning |
//! |---|---|
//! | [`Metadata`] | the fields of one request, without header names |
//! | [`Field`] | one typed value: [`SessionId`], [`ProjectId`], …, or your own by [`metadata_field!`] |
//! | [`Properties`] | keys and values that have no field |
//! | [`VendorHeaders`] | headers that only their vendor's own server understands |
//! | [`Convention`] | one vendor's headers: one of [`conventions`], any [vendor](Convention::vendor)'s, or [built](Convention::builder) |
//! | [`Destinations`] | the convention and [`HostPolicy`] of each destination host |
//! | [`ConventionSet`] | several conventions, read in one pass |
//! | [`MetadataHeadersLayer`] | the Tower layer |
//!
//! Without Tower, [`Destinations::write`], [`Convention::write`] and
//! [`ConventionSet::read`] work on a [`HeaderMap`](http::HeaderMap).
//!
//! # Trust
//!
//! - [Correlation](Class::Correlation) is read from anyone.
//! - [Identity](Class::Identity) is read only if the operator's own predicate
//!   [trusts](MetadataHeadersLayer::trust_identity_when) the request.
//! - A field that is repeated, malformed or ambiguous is left empty, and reported in
//!   [`Faults`].
//! - Two tenants may send the same session id. Never use it alone as the key of anything
//!   that they share. The feature `hmac` has `AffinityKeys` for that.
//!
//! # Glossary
//!
//! | term | meaning |
//! |---|---|
//! | field | one typed value, for example the session's id |
//! | metadata | the fields of one request |
//! | convention | one vendor's mapping of fields to headers |
//! | rule | one entry of a convention: a header, and the field that it carries |
//! | inject, extract | write metadata to a request's headers, read metadata from them |
//! | correlation, identity | the two classes of fields: harmless if forged, or not |
//! | stable, volatile | a value that is kept over a conversation, or new with each turn or request |
//! | trusted | a request for which the operator's predicate returns true |
//! | fault | a header or field that was ignored, with the reason |
//! | policy | the metadata that one destination may get |
//! | owned header | a header that belongs to a convention and is removed before writing |
//! | look-alike | a header name that differs from a known one in separators only |
//! | precedence | the order that selects one of several headers for a field |
//!
//! # Features
//!
//! - `uuid` (default): `From<Uuid>` for the well-known ids, and `new` for the
//!   correlation ids.
//! - `json`: fields in a header whose value is a JSON object.
//! - `axum-08`: for axum 0.8, [`Metadata`] and [`Faults`] as extractors, and [`Rejection`]
//!   as a response.
//! - `hmac`: `AffinityKeys`, which separate the sessions of tenants, and `Pseudonyms` for
//!   third parties.
//! - `serde`: conventions and destinations in a configuration file, and metadata in any
//!   format of serde.
//! - `tokio`: metadata of the current task, for code that does not see the request.
//! - `tower-http-06`, `tower-http-07`: for tower-http 0.6 and 0.7, `StripMetadata`, a
//!   redirect policy for headers that are written outside redirects.
//! - `tracing`: a debug event for each request whose metadata has faults, on read and on
//!   write, a trace event with the headers that `strip` removes, and `Metadata::record`. With
//!   `tower-http-06` or `tower-http-07` also `MetadataMakeSpan`, the spans of `TraceLayer`
//!   with the request's metadata.
//!
//! Features are additive: none changes the behavior of the rest. Those for axum and
//! tower-http have the version in their name, so that several can be enabled together.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum-08")]
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
#[cfg(feature = "serde")]
pub mod serde;
#[cfg(feature = "tokio")]
mod tokio;
#[cfg(any(feature = "tower-http-06", feature = "tower-http-07"))]
mod tower_http;
#[cfg(feature = "tracing")]
mod tracing;
mod write;

#[cfg(feature = "axum-08")]
pub use self::axum::MissingExtractLayer;
#[doc(hidden)]
pub use self::field::encoded as __encoded;
#[cfg(feature = "hmac")]
pub use self::hmac::{AffinityKey, AffinityKeys, Pseudonyms, SecretTooShort};
#[cfg(feature = "tokio")]
pub use self::tokio::Scope;
#[cfg(all(
    feature = "tracing",
    any(feature = "tower-http-06", feature = "tower-http-07"),
))]
pub use self::tower_http::MetadataMakeSpan;
#[cfg(any(feature = "tower-http-06", feature = "tower-http-07"))]
pub use self::tower_http::StripMetadata;
pub use self::{
    destination::{
        Destinations, HeaderChanges, HostPolicy, InvalidHost, InvalidHostKind, Provider, Target,
    },
    error::InvalidValue,
    fault::{Fault, Faults},
    field::{Class, Field, FieldKey, Id, Properties, Stability, Tags, Text, Value, VendorHeaders},
    metadata::{Metadata, MetadataIter, Redacted},
    reason::Reason,
};
#[doc(hidden)]
pub use http::HeaderValue as __HeaderValue;

// Their modules are public, so without `inline` rustdoc would not list them here.
#[doc(inline)]
pub use self::{
    convention::{Convention, ConventionSet, Rule},
    layer::{MetadataHeaders, MetadataHeadersLayer, Rejection},
};

#[doc(no_inline)]
pub use self::{
    convention::{
        Charset, ConventionBuilder, Evidence, Extracted, InvalidConvention, InvalidConventionKind,
        Precedence, Provenance, RequestLimits, Requirements, Trust, ValueLimits, WriteReport,
    },
    conventions::UnknownConvention,
    fields::{
        AgentId, ClientName, ClientVersion, ConversationId, MachineId, Mode, OrganizationId,
        ParentAgentId, ParentSessionId, ParentTaskId, ProjectId, RequestId, SessionId, TaskId,
        TraceId, TurnId, UserId,
    },
};

/// Checks that the traits are sealed: a field of another crate cannot be used as a
/// well-known one. This field compiles:
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
/// A field with the index of the user's id, which would be read from anyone, does not:
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
/// A kind of value without checks does not compile either:
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

/// Examples of the README, as doctests.
#[cfg(all(doctest, feature = "axum-08", feature = "hmac", feature = "serde"))]
#[doc = include_str!("../README.md")]
struct Readme;
