use super::{
    header::{OwnMembers, Sources, WriteHeader},
    pass::{Accepted, Writing},
};
use crate::{
    Fault, FieldKey, Properties, Reason,
    encoding::{
        Part, Parts,
        json::{Object, member_name},
    },
    field::eq_keys,
};

/// Object that is being written.
#[derive(Default)]
struct Members {
    object: Object,
    /// Names of the members.
    names: Vec<String>,
    fields: Vec<FieldKey>,
    is_sensitive: bool,
}

impl Writing<'_> {
    /// Writes an object with a member for each of its fields that the metadata has.
    pub(super) fn write_object(&mut self, parts: &Parts<Sources>, header: &WriteHeader) {
        let mut members = Members::default();
        for Part { name, field } in &parts.named {
            if let Some(accepted) = self.accept(field, &header.name) {
                self.add_member(name, &accepted, &mut members, header);
            }
        }
        if let Some(own) = &header.own_members {
            self.add_own_members(own, parts, &mut members, header);
        }
        if let Some(sources) = &parts.others {
            self.add_properties(sources, parts, &mut members, header);
        }
        if members.fields.is_empty() {
            return;
        }
        let value = members.object.into_value();
        self.set_encoded(members.fields, &header.name, value, members.is_sensitive);
    }

    /// Adds a member for each of the user's own fields that no rule writes.
    fn add_own_members(
        &mut self,
        own: &OwnMembers,
        parts: &Parts<Sources>,
        members: &mut Members,
        header: &WriteHeader,
    ) {
        self.for_each_own_field(|writing, key, _| {
            let name = member_name(key.name());
            if own.named.contains(&key) || parts.named.iter().any(|part| part.name == name) {
                return;
            }
            let sources = Sources {
                keys: vec![key],
                limits: own.limits,
                is_plain_text: true,
                is_identity: false,
            };
            if let Some(accepted) = writing.accept(&sources, &header.name) {
                writing.add_member(&name, &accepted, members, header);
            }
        });
    }

    /// Adds a member for each property whose key is not the name of another member.
    fn add_properties(
        &mut self,
        sources: &Sources,
        parts: &Parts<Sources>,
        members: &mut Members,
        header: &WriteHeader,
    ) {
        let Some(properties) = self.accept_properties(&header.name) else {
            return;
        };
        let field = FieldKey::of::<Properties>();
        for (key, value) in properties.iter() {
            let named = parts.named.iter().map(|part| &*part.name);
            let mut names = named.chain(members.names.iter().map(String::as_str));
            let result = if names.any(|name| eq_keys(name, key)) {
                Err(Reason::AlreadySet)
            } else {
                let checked = sources.limits.check(value.as_bytes());
                checked.and_then(|()| self.try_add_member(key, value, members, header))
            };
            match result {
                Ok(()) => {
                    if members.fields.last() != Some(&field) {
                        members.fields.push(field);
                    }
                    members.is_sensitive = true;
                }
                Err(reason) => self.property_fault(Fault::new(reason).header(&header.name), key),
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
        match self.try_add_member(name, &accepted.text(), members, header) {
            Ok(()) => {
                members.fields.push(accepted.key);
                members.is_sensitive |= accepted.sensitive;
            }
            Err(reason) => self.fault(accepted.key, &header.name, reason),
        }
    }

    fn try_add_member(
        &self,
        name: &str,
        text: &str,
        members: &mut Members,
        header: &WriteHeader,
    ) -> Result<(), Reason> {
        let max = header.max_members;
        let limit = self.remaining.limits.value_limit();
        if members.names.len() == max {
            return Err(Reason::TooMany { limit: max });
        }
        if !members.object.add(name, text, limit) {
            return Err(Reason::TooLong { limit });
        }
        members.names.push(name.to_owned());
        Ok(())
    }
}
