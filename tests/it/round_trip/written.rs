//! Properties of everything that a convention writes.

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderMap, HeaderName};
use proptest::prelude::*;
use tower_metadata_headers::{Convention, ConventionSet, Fault, FieldKey, Metadata};

use crate::support::{
    agents,
    fields::{self, AnyField},
    targets, vectors,
};

fn field(key: FieldKey) -> &'static AnyField {
    let mut all = fields::all();
    all.find(|field| (field.key)() == key).expect("a field")
}

/// Expected result of writing metadata, by the convention's table and a model
/// of the rules.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Each header that is written, with the fields that it carries.
    pub(crate) carried: BTreeMap<String, Vec<FieldKey>>,
    /// Texts of the fields that read back.
    back: BTreeMap<&'static str, String>,
    faults: Vec<vectors::FaultRow>,
    /// Fields that have a fault.
    faulty: BTreeSet<FieldKey>,
    /// Number of bytes of each JSON object without its closing brace, and
    /// number of its members.
    objects: BTreeMap<String, (usize, usize)>,
}

impl Model {
    pub(crate) fn new(convention: &Convention, metadata: &Metadata) -> Self {
        let mut model = Self::default();
        let here = |key: &FieldKey| (field(*key).contains)(metadata);
        for rule in convention.rules().filter(|rule| rule.is_written()) {
            let header = rule.headers().next().unwrap();
            let bounds = targets::bounds(convention.name(), header);
            let mut accepted = None;
            for source in rule.sources().filter(here) {
                let text = (field(source).get)(metadata).unwrap();
                let refused = bounds.and_then(|bounds| bounds.refuses(&text));
                let is_writable = targets::is_writable(convention.name(), header, &text);
                match refused.or((!is_writable).then_some("invalid_character")) {
                    Some(reason) => model.fault(source, Some(header), reason),
                    None => {
                        accepted = Some((source, text));
                        break;
                    }
                }
            }
            let Some((source, text)) = accepted else {
                continue;
            };
            let member = rule.member_name().filter(|_| header != "baggage");
            if let Some(member) = member
                && let Err(reason) = model.member(convention, header, member, &text)
            {
                model.fault(source, Some(header), reason);
                continue;
            }
            let carried = model.carried.entry(header.to_owned()).or_default();
            carried.push(source);
            if rule.is_read() {
                model.back.insert(field(rule.field()).name, text);
            }
        }
        if let Some(prefix) = targets::other_fields_prefix(convention.name()) {
            for own in fields::OWN.iter().filter(|own| (own.contains)(metadata)) {
                let header = format!("{prefix}{}", own.name);
                model.carried.insert(header, vec![(own.key)()]);
            }
        }
        if let Some(header) = targets::other_fields_object(convention.name()) {
            let bounds = targets::bounds(convention.name(), header);
            for own in fields::OWN.iter().filter(|own| (own.contains)(metadata)) {
                let text = (own.get)(metadata).unwrap();
                let refused = bounds.and_then(|bounds| bounds.refuses(&text));
                let member = own.name.replace('-', "_");
                let outcome = match refused {
                    Some(reason) => Err(reason),
                    None => model.member(convention, header, &member, &text),
                };
                match outcome {
                    Ok(()) => {
                        let carried = model.carried.entry(header.to_owned()).or_default();
                        carried.push((own.key)());
                    }
                    Err(reason) => model.fault((own.key)(), Some(header), reason),
                }
            }
        }
        for (key, _) in metadata.iter() {
            if !model.is_carried(key) && !model.faulty.contains(&key) {
                model.fault(key, None, "unsupported");
            }
        }
        model.faults.sort();
        model
    }

    fn is_carried(&self, key: FieldKey) -> bool {
        self.carried.values().flatten().any(|&other| other == key)
    }

    fn fault(&mut self, key: FieldKey, header: Option<&str>, reason: &str) {
        self.faulty.insert(key);
        let row = [Some(key.name()), header, Some(reason), None];
        self.faults.push(row.map(|part| part.map(str::to_owned)));
    }

    /// Adds a member to a JSON object if there is room.
    fn member(
        &mut self,
        convention: &Convention,
        header: &str,
        member: &str,
        text: &str,
    ) -> Result<(), &'static str> {
        let (len, count) = self.objects.entry(header.to_owned()).or_default();
        if *count == targets::max_members(convention.name()) {
            return Err("too_many");
        }
        // One byte for a brace or a comma, and one for a colon.
        let more = targets::json_len(member) + targets::json_len(text) + 2;
        if *len + more + 1 > 4096 {
            return Err("too_long");
        }
        *len += more;
        *count += 1;
        Ok(())
    }
}

/// Writes the metadata to existing headers, and checks the headers, the report,
/// and the metadata that reads back.
pub(crate) fn reads_back(
    convention: &Convention,
    metadata: &Metadata,
    around: &HeaderMap,
) -> Result<(), TestCaseError> {
    let model = Model::new(convention, metadata);
    let mut headers = around.clone();
    let written = convention.write(metadata, &mut headers);
    let name = convention.name();

    for (header, value) in around {
        let found = headers.get(header);
        prop_assert_eq!(found, Some(value), "{}: {} stays", name, header);
    }
    let new: BTreeSet<&str> = headers
        .keys()
        .filter(|header| !around.contains_key(*header))
        .map(HeaderName::as_str)
        .collect();
    let wanted: BTreeSet<&str> = model.carried.keys().map(String::as_str).collect();
    prop_assert_eq!(new, wanted, "{}", name);
    for (header, keys) in &model.carried {
        prop_assert_eq!(headers.get_all(header).iter().count(), 1, "{}", header);
        let value = &headers[header];
        let visible = |byte: &u8| (b' '..=b'~').contains(byte);
        prop_assert!(value.as_bytes().iter().all(visible), "{:?}", value);
        prop_assert_eq!(value.as_bytes().trim_ascii(), value.as_bytes());
        let sensitive = keys.iter().any(|&key| field(key).is_sensitive());
        // Other tests check baggage.
        if header != "baggage" {
            prop_assert_eq!(value.is_sensitive(), sensitive, "{}: {}", name, header);
        }
    }

    let keys = metadata.iter().map(|(key, _)| key);
    let carried: Vec<FieldKey> = keys.filter(|key| model.is_carried(*key)).collect();
    prop_assert_eq!(written.fields().collect::<Vec<_>>(), carried, "{}", name);
    let faults = vectors::rows(&written.faults());
    prop_assert_eq!(faults, model.faults, "{}", name);

    if agents::writes_for_one_client(convention) {
        agents::pretend_codex(&mut headers);
    }
    let mut back = model.back;
    if let Some((client, version)) = agents::identified(convention, &headers) {
        back.entry("client-name").or_insert(client.to_owned());
        if let Some(version) = version {
            back.entry("client-version").or_insert(version.to_owned());
        }
    }
    let found = ConventionSet::from(convention.clone()).read_trusted(&headers);
    let mut texts: BTreeMap<&str, String> = fields::texts(&found.metadata).into_iter().collect();
    // A field of the user's own is read as a property, because the reader does not know it.
    texts.remove("properties");
    prop_assert_eq!(texts, back, "{}", name);
    let mut faults = found.faults.iter();
    let is_of_property = |fault: &Fault| fault.property_key().is_some();
    prop_assert!(faults.all(is_of_property), "{}: {}", name, found.faults);
    Ok(())
}
