use std::sync::OnceLock;

use super::{entry::*, header::*};
use crate::{
    ConventionSet,
    fields::{OrganizationId, RequestId, SessionId},
};

/// Returns the conventions of responses: the headers in which upstreams identify a request,
/// for a client or a gateway to read.
///
/// In order of precedence:
///
/// | upstream | header | field | source |
/// |---|---|---|---|
/// | LiteLLM | `x-litellm-call-id` | request | docs.litellm.ai, `proxy/response_headers`, 2026-11-25 |
/// | LiteLLM | `x-litellm-model-id`, `x-litellm-model-group`, `x-litellm-response-cost` | properties | as above |
/// | ngrok AI Gateway | `ngrok-aig-request-id` | request | ngrok.com, `changelog/ai-gateway-response-headers`, 2026-11-25 |
/// | ngrok AI Gateway | `ngrok-aig-model` | property | as above |
/// | Anthropic | `request-id` | request | docs.anthropic.com, `api/overview`, 2026-11-25 |
/// | Anthropic | `anthropic-organization-id` | organization | as above |
/// | Azure agents | `x-agent-session-id` | session | learn.microsoft.com, `PlatformHeaders.SessionId`, 2026-11-25 |
/// | OpenAI | `openai-organization` | organization | developers.openai.com, `api/reference/overview`, 2026-11-25 |
/// | OpenAI and others | `x-request-id` | request, if no other header has it | as above |
/// | agent servers | `x-session-id` | session, if no other header has it | code of several servers, 2026-11-25 |
///
/// The organization and the properties are identity, so they are read only from a trusted
/// response. [`MetadataHeadersLayer::read_response`] trusts the response of a destination
/// that has a policy.
///
/// These conventions are not in [`all`](super::all), and [`Convention::by_name`] does not
/// find them. [`writes`] of each is empty.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tower_metadata_headers::{Properties, RequestId, conventions};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-litellm-call-id", HeaderValue::from_static("c-1"));
/// headers.insert("x-litellm-model-id", HeaderValue::from_static("deployment-1"));
/// let metadata = conventions::responses().read_trusted(&headers).metadata;
/// assert_eq!(metadata.get::<RequestId>().unwrap().as_str(), "c-1");
/// let properties = metadata.get::<Properties>().unwrap();
/// assert_eq!(properties.get("model-id"), Some("deployment-1"));
/// ```
///
/// [`MetadataHeadersLayer::read_response`]: crate::MetadataHeadersLayer::read_response
/// [`Convention::by_name`]: crate::Convention::by_name
/// [`writes`]: crate::Convention::writes
#[must_use]
pub fn responses() -> ConventionSet {
    static SET: OnceLock<ConventionSet> = OnceLock::new();
    SET.get_or_init(|| RESPONSES.iter().map(Entry::build).collect())
        .clone()
}

/// The conventions, in order of precedence.
static RESPONSES: &[Entry] = &[
    Entry {
        name: "litellm-response",
        provenance: documentation("docs.litellm.ai/docs/proxy/response_headers", "2026-11-25"),
        headers: &[
            read_only::<RequestId>("x-litellm-call-id"),
            property("x-litellm-model-id", "model-id"),
            property("x-litellm-model-group", "model-group"),
            property("x-litellm-response-cost", "response-cost"),
        ],
        ..Entry::EMPTY
    },
    Entry {
        name: "ngrok-response",
        provenance: documentation(
            "ngrok.com/changelog/ai-gateway-response-headers",
            "2026-11-25",
        ),
        headers: &[
            read_only::<RequestId>("ngrok-aig-request-id"),
            property("ngrok-aig-model", "model"),
        ],
        ..Entry::EMPTY
    },
    Entry {
        name: "anthropic-response",
        provenance: documentation("docs.anthropic.com/en/api/overview", "2026-11-25"),
        headers: &[
            read_only::<RequestId>("request-id"),
            read_only::<OrganizationId>("anthropic-organization-id"),
        ],
        ..Entry::EMPTY
    },
    Entry {
        name: "azure-agent-response",
        provenance: documentation(
            "learn.microsoft.com, Azure.AI.AgentServer.Core, `PlatformHeaders.SessionId`",
            "2026-11-25",
        ),
        headers: &[read_only::<SessionId>("x-agent-session-id")],
        ..Entry::EMPTY
    },
    Entry {
        name: "openai-response",
        provenance: documentation("developers.openai.com/api/reference/overview", "2026-11-25"),
        headers: &[
            read_only::<OrganizationId>("openai-organization"),
            shared::<RequestId>("x-request-id"),
        ],
        ..Entry::EMPTY
    },
    Entry {
        name: "session-response",
        provenance: capture("code of several agent servers", "2026-11-25"),
        headers: &[read_only::<SessionId>("x-session-id").low_precedence()],
        ..Entry::EMPTY
    },
];
