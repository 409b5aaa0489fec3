use super::{
    header::{OwnMembers, Sources, WriteHeader},
    pass::{Accepted, Writing},
};
use crate::{
    FieldKey, Reason,
    encoding::{
        Part,
        json::{Object, member_name},
    },
};

/// Object that is being written.
#[derive(Default)]
struct Members {
    object: Object,
    keys: Vec<FieldKey>,
    is_sensitive: bool,
}

impl Writing<'_> {
    /// Writes an object with a member for each of its fields that the metadata has.
    pub(super) fn write_object(&mut self, parts: &[Part<Sources>], header: &WriteHeader) {
        let mut members = Members::default();
        for Part { name, field } in parts {
            if let Some(accepted) = self.accept(field, &header.name) {
                self.add_member(name, &accepted, &mut members, header);
            }
        }
        if let Some(own) = &header.own_members
            && self.metadata.has_own_fields()
        {
            self.add_own_members(own, parts, &mut members, header);
        }
        if members.keys.is_empty() {
            return;
        }
        let value = members.object.into_value();
        self.set_encoded(members.keys, &header.name, value, members.is_sensitive);
    }

    /// Adds a member for each of the user's own fields that no rule writes.
    fn add_own_members(
        &mut self,
        own: &OwnMembers,
        parts: &[Part<Sources>],
        members: &mut Members,
        header: &WriteHeader,
    ) {
        let mut earlier = None;
        let metadata = self.metadata;
        for (key, _) in metadata.own_fields() {
            // Fields are sorted by name. If two types have the same name, the first is
            // written.
            if earlier.replace(key.name()) == Some(key.name()) {
                self.fault(key, &header.name, Reason::AlreadySet);
                continue;
            }
            let name = member_name(key.name());
            if own.named.contains(&key) || parts.iter().any(|part| part.name == name) {
                continue;
            }
            let sources = Sources {
                keys: vec![key],
                limits: own.limits,
                is_plain_text: true,
                is_identity: false,
            };
            if let Some(accepted) = self.accept(&sources, &header.name) {
                self.add_member(&name, &accepted, members, header);
            }
        }
    }

    /// Adds a member, or reports its field if the object would exceed its limits.
    fn add_member(
        &mut self,
        name: &str,
        accepted: &Accepted<'_>,
        members: &mut Members,
        header: &WriteHeader,
    ) {
        let max = header.max_members;
        let limit = self.remaining.limits.value_limit();
        if members.keys.len() == max {
            self.fault(accepted.key, &header.name, Reason::TooMany { limit: max });
        } else if members.object.add(name, &accepted.text(), limit) {
            members.keys.push(accepted.key);
            members.is_sensitive |= accepted.sensitive;
        } else {
            self.fault(accepted.key, &header.name, Reason::TooLong { limit });
        }
    }
}
