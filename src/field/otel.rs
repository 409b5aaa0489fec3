use std::borrow::Cow;

use super::FieldKey;

impl FieldKey {
    /// Returns the field's attribute name for OpenTelemetry.
    ///
    /// These names are from the semantic conventions (the registry of
    /// `open-telemetry/semantic-conventions`, checked 2026-11-25):
    ///
    /// | field | attribute |
    /// |---|---|
    /// | `session-id` | `session.id` |
    /// | `conversation-id` | `gen_ai.conversation.id` |
    /// | `agent-id` | `gen_ai.agent.id` |
    /// | `user-id` | `user.id` |
    /// | `client-name` | `user_agent.name` |
    /// | `client-version` | `user_agent.version` |
    ///
    /// The semantic conventions have no name for any other field. Its attribute is
    /// `metadata.` and the field's name, for example `metadata.task_id`.
    ///
    /// ```
    /// use tower_metadata_headers::{FieldKey, SessionId, TaskId};
    ///
    /// assert_eq!(FieldKey::of::<SessionId>().otel_name(), "session.id");
    /// assert_eq!(FieldKey::of::<TaskId>().otel_name(), "metadata.task_id");
    /// ```
    #[must_use]
    pub fn otel_name(self) -> Cow<'static, str> {
        let name = self.known().and_then(|at| NAMES.get(usize::from(at)));
        match name {
            Some(name) => Cow::Borrowed(*name),
            None => Cow::Owned(format!("metadata.{}", self.name().replace('-', "_"))),
        }
    }
}

/// Names of the well-known fields, each at its index.
const NAMES: [&str; 18] = [
    "session.id",
    "gen_ai.conversation.id",
    "metadata.task_id",
    "metadata.parent_session",
    "metadata.parent_task_id",
    "metadata.turn_id",
    "metadata.request_id",
    "metadata.trace_id",
    "gen_ai.agent.id",
    "metadata.parent_agent_id",
    "metadata.project_id",
    "metadata.organization_id",
    "user.id",
    "metadata.machine_id",
    "user_agent.name",
    "user_agent.version",
    "metadata.mode",
    "metadata.tags",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::KNOWN;

    #[test]
    fn name_of_each_well_known_field_is_a_convention_or_made_of_its_own() {
        assert_eq!(NAMES.len(), KNOWN.len());
        let of_conventions = KNOWN.iter().filter(|key| {
            let made = format!("metadata.{}", key.name().replace('-', "_"));
            key.otel_name() != made
        });
        let of_conventions: Vec<&str> = of_conventions.map(|key| key.name()).collect();
        let expected = [
            "session-id",
            "conversation-id",
            "agent-id",
            "user-id",
            "client-name",
            "client-version",
        ];
        assert_eq!(of_conventions, expected);
    }
}
