//! Conventions of `config`, built with the crate, and conversions between the
//! crate's types and the model's.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use tower_metadata_headers::{
    AgentId, Charset, ClientName, Convention, ConventionSet, ConversationId, Metadata, Mode,
    ParentTaskId, ProjectId, Properties, RequestId, Rule, SessionId, Tags, TaskId, TurnId, UserId,
    ValueLimits, conventions,
};

use super::{Code, Line, by_name, config::MEMBERS, fields, write::Fields};

pub(crate) fn acme() -> Convention {
    static ACME: LazyLock<Convention> = LazyLock::new(|| {
        let [task, user, client] = MEMBERS;
        Convention::builder("acme")
            .rule(
                Rule::header::<SessionId>("acme-session")
                    .or_else::<ConversationId>()
                    .or_else::<TaskId>()
                    .alias("acme_session")
                    .alias("x-acme-thread"),
            )
            .rule(Rule::read_only::<SessionId>("x-acme-chat"))
            .rule(Rule::header::<Mode>("x-acme-mode"))
            .rule(Rule::header::<Tags>("x-acme-tags"))
            .rule(Rule::header::<ProjectId>("x-acme-project"))
            .rule(
                Rule::header::<TurnId>("x-acme-turn")
                    .or_else::<AgentId>()
                    .limits(
                        ValueLimits::new()
                            .min_len(4)
                            .max_len(12)
                            .charset(Charset::Word),
                    ),
            )
            .rule(Rule::write_only::<AgentId>("x-acme-agent").identity())
            .rule(
                Rule::baggage::<TaskId>(task)
                    .or_else::<ParentTaskId>()
                    .limits(ValueLimits::new().max_len(16)),
            )
            .rule(Rule::baggage::<UserId>(user))
            .rule(Rule::baggage::<ClientName>(client))
            .rule(Rule::shared::<RequestId>("x-request-id"))
            .owned_prefix("x-acme-")
            .build()
            .expect("a convention")
    });
    ACME.clone()
}

pub(crate) fn zoo() -> Convention {
    static ZOO: LazyLock<Convention> = LazyLock::new(|| {
        let zoo = Convention::vendor("zoo").expect("a vendor").to_builder();
        // The model has no properties. With a rule for them, no other header carries one.
        let properties = Rule::write_only::<Properties>("x-zoo-properties");
        zoo.rule(properties).build().expect("a convention")
    });
    ZOO.clone()
}

/// Returns the reader of `config::all`.
pub(crate) fn extractor() -> ConventionSet {
    static ALL: LazyLock<ConventionSet> =
        LazyLock::new(|| ConventionSet::new([acme(), zoo(), conventions::any_vendor()]));
    ALL.clone()
}

/// Returns the line if `http` can hold it.
pub(crate) fn header((name, value): &Line) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name).ok()?;
    Some((name, HeaderValue::from_bytes(value).ok()?))
}

/// Returns the headers of the lines that `http` can hold.
pub(crate) fn headers(lines: &[Line]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines.iter().filter_map(header) {
        headers.try_append(name, value).expect("room");
    }
    headers
}

/// Returns lines as sorted names with the values of each in order.
pub(crate) fn sorted(lines: &[Line]) -> Vec<(String, Vec<Vec<u8>>)> {
    let mut groups = by_name(lines);
    groups.sort();
    groups
}

pub(crate) fn lines(headers: &HeaderMap) -> Vec<Line> {
    let lines = headers.iter();
    lines
        .map(|(name, value)| (name.as_str().into(), value.as_bytes().into()))
        .collect()
}

/// Returns each field with its value as it is written.
pub(crate) fn fields(metadata: &Metadata) -> Fields {
    let fields = metadata.iter();
    fields
        .map(|(key, shown)| (key.name(), shown.expose().to_owned()))
        .collect()
}

/// Returns metadata with the texts that are valid for their fields. If a field
/// has several texts, the last one counts.
pub(crate) fn metadata(texts: &[(String, String)]) -> Metadata {
    texts
        .iter()
        .fold(Metadata::new(), |metadata, (name, text)| {
            let made = fields::named(name).map(|field| (field.with)(metadata.clone(), text));
            made.and_then(Result::ok).unwrap_or(metadata)
        })
}

/// Returns faults in the form of the model.
pub(crate) fn faults(
    faults: &tower_metadata_headers::Faults,
) -> Vec<(String, Option<&'static str>, Code)> {
    let faults = faults.iter().map(|fault| {
        let header = fault.header_name().map(ToString::to_string);
        let field = fault.field().map(tower_metadata_headers::FieldKey::name);
        (header.unwrap_or_default(), field, fault.reason().code())
    });
    faults.collect()
}
