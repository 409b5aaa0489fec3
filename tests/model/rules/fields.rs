//! Every field as a value, so that a test can treat all fields alike.
//!
//! The table repeats the crate's properties of each field, independently of the
//! crate.

use tower_metadata_headers::{
    AgentId, ClientName, ClientVersion, ConversationId, FieldKey, InvalidValue, MachineId,
    Metadata, Mode, OrganizationId, ParentAgentId, ParentSessionId, ParentTaskId, ProjectId,
    Properties, RequestId, SessionId, Tags, TaskId, TraceId, TurnId, UserId, VendorHeaders,
    metadata_field,
};

metadata_field! {
    /// A field of the user's own: the tenant that pays.
    pub(crate) struct TenantId("tenant-id"): Identity;
}

metadata_field! {
    /// A field of the user's own: one step of a plan.
    pub(crate) struct PlanStep("plan-step"): Correlation + Volatile as Text;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Id,
    Text,
    Tags,
}

/// Text of a field, as returned by one of its constructors.
pub(crate) type Parsed = Result<String, InvalidValue>;

/// Type of a field, as functions.
pub(crate) struct AnyField {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) identity: bool,
    pub(crate) volatile: bool,
    pub(crate) key: fn() -> FieldKey,
    /// `TryFrom<&str>`, `TryFrom<String>` and `FromStr`.
    pub(crate) parse: fn(&str) -> [Parsed; 3],
    pub(crate) with: fn(Metadata, &str) -> Result<Metadata, InvalidValue>,
    pub(crate) insert: fn(&mut Metadata, &str) -> Result<Option<String>, InvalidValue>,
    pub(crate) remove: fn(&mut Metadata) -> Option<String>,
    pub(crate) get: fn(&Metadata) -> Option<String>,
    pub(crate) contains: fn(&Metadata) -> bool,
}

impl AnyField {
    /// Returns true if a header with this field's value is to be marked as
    /// sensitive.
    pub(crate) fn is_sensitive(&self) -> bool {
        self.identity || self.volatile
    }
}

macro_rules! any_fields {
    ($($name:literal $field:ident $kind:ident $(+ $mark:ident)*;)+) => {
        &[$(AnyField {
            name: $name,
            kind: Kind::$kind,
            identity: any_fields!(@identity $($mark)*),
            volatile: any_fields!(@volatile $($mark)*),
            key: FieldKey::of::<$field>,
            parse: |text| {
                let own = |field: $field| field.as_str().to_owned();
                [
                    $field::try_from(text).map(own),
                    $field::try_from(text.to_owned()).map(own),
                    text.parse::<$field>().map(own),
                ]
            },
            with: |metadata, text| Ok(metadata.with($field::try_from(text)?)),
            insert: |metadata, text| {
                let old = metadata.insert($field::try_from(text)?);
                Ok(old.map(|field| field.as_str().to_owned()))
            },
            remove: |metadata| metadata.remove::<$field>().map(|field| field.as_str().to_owned()),
            get: |metadata| metadata.get::<$field>().map(|field| field.as_str().to_owned()),
            contains: Metadata::contains::<$field>,
        }),+]
    };
    (@identity identity) => { true };
    (@identity $($other:ident)?) => { false };
    (@volatile volatile) => { true };
    (@volatile $($other:ident)?) => { false };
}

/// Well-known fields, in the order of metadata.
pub(crate) const KNOWN: &[AnyField] = any_fields! {
    "session-id" SessionId Id;
    "conversation-id" ConversationId Id;
    "task-id" TaskId Id;
    "parent-session" ParentSessionId Id;
    "parent-task-id" ParentTaskId Id;
    "turn-id" TurnId Id + volatile;
    "request-id" RequestId Id + volatile;
    "trace-id" TraceId Id + volatile;
    "agent-id" AgentId Id;
    "parent-agent-id" ParentAgentId Id;
    "project-id" ProjectId Id + identity;
    "organization-id" OrganizationId Id + identity;
    "user-id" UserId Id + identity;
    "machine-id" MachineId Id + identity;
    "client-name" ClientName Text;
    "client-version" ClientVersion Text;
    "mode" Mode Text;
    "tags" Tags Tags + identity;
};

/// Fields of the tests, by name, which is their order after the well-known
/// fields.
pub(crate) const OWN: &[AnyField] = any_fields! {
    "plan-step" PlanStep Text + volatile;
    "tenant-id" TenantId Id + identity;
};

/// Returns all fields in the order of metadata.
pub(crate) fn all() -> impl Iterator<Item = &'static AnyField> {
    KNOWN.iter().chain(OWN)
}

/// Returns the field with this name.
pub(crate) fn named(name: &str) -> Option<&'static AnyField> {
    all().find(|field| field.name == name)
}

/// Returns metadata with these names and texts.
pub(crate) fn metadata<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Metadata, String> {
    fields
        .into_iter()
        .try_fold(Metadata::new(), |metadata, (name, text)| {
            if name == "properties" {
                let properties = Properties::try_from(text).map_err(|error| error.to_string())?;
                return Ok(metadata.with(properties));
            }
            if name == "vendor-headers" {
                let headers = VendorHeaders::try_from(text).map_err(|error| error.to_string())?;
                return Ok(metadata.with(headers));
            }
            let field = named(name).ok_or_else(|| format!("no field is named {name}"))?;
            (field.with)(metadata, text).map_err(|error| error.to_string())
        })
}

/// Returns the names and texts of metadata, for messages and comparisons.
pub(crate) fn texts(metadata: &Metadata) -> Vec<(&'static str, String)> {
    let vendor_headers = metadata.get::<VendorHeaders>().map(|headers| {
        let escaped = |value: &str| value.replace('%', "%25").replace(',', "%2C");
        let pairs = headers
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)));
        ("vendor-headers", pairs.collect::<Vec<_>>().join(","))
    });
    let properties = metadata.get::<Properties>().map(|properties| {
        let pairs = properties
            .iter()
            .map(|(key, value)| format!("{key}={value}"));
        ("properties", pairs.collect::<Vec<_>>().join(","))
    });
    all()
        .filter_map(|field| Some((field.name, (field.get)(metadata)?)))
        .chain(properties)
        .chain(vendor_headers)
        .collect()
}
