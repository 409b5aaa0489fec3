//! Each rule of the table separately: every name that it reads, every field
//! that it writes, and its limits from both sides.

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderMap, HeaderName, HeaderValue};
use tower_metadata_headers::{Convention, ConventionSet, FieldKey, Metadata, Rule, conventions};

use super::{assert_none, subjects};
use crate::support::{
    agents,
    fields::{self, AnyField, Kind},
    targets, vectors,
};

fn field(key: FieldKey) -> &'static AnyField {
    fields::named(key.name()).unwrap()
}

/// Returns a value that every reader accepts, different for each field.
fn sample(field: &AnyField) -> String {
    let at = fields::KNOWN
        .iter()
        .position(|known| known.name == field.name);
    let digit = char::from_digit(u32::try_from(at.unwrap()).unwrap() % 16, 16).unwrap();
    let id = targets::UUID.replacen('5', &digit.to_string(), 1);
    match field.kind {
        Kind::Id => id,
        Kind::Text => format!("the {}", field.name),
        Kind::Tags => "ci,nightly build".to_owned(),
    }
}

fn with(fields: &[&AnyField]) -> Metadata {
    fields.iter().fold(Metadata::new(), |metadata, field| {
        (field.with)(metadata, &sample(field)).unwrap()
    })
}

fn sources(rule: &Rule) -> Vec<&'static AnyField> {
    rule.sources().map(field).collect()
}

/// Returns a value as a rule writes it.
fn as_written(convention: &Convention, rule: &Rule, value: &str) -> String {
    match rule.member_name() {
        Some(key) if rule.headers().next() == Some("baggage") => {
            format!("{key}={}", value.replace(' ', "%20").replace(',', "%2C"))
        }
        Some(member) => format!("{{\"{member}\":\"{value}\"}}"),
        None if convention.name() == "tensorzero" => format!("\"{value}\""),
        None if rule.headers().next() == Some("traceparent") => {
            format!("00-{}-b7ad6b7169203331-01", value.replace('-', ""))
        }
        None => value.to_owned(),
    }
}

fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}

#[test]
fn field_alone_is_written_to_each_header_that_may_carry_it_and_to_no_other() {
    let mut wrong = Vec::new();
    let mut headers = 0;
    for (name, convention) in subjects() {
        for field in fields::KNOWN {
            let mut wanted: BTreeMap<String, String> = BTreeMap::new();
            for rule in convention.rules().filter(|rule| rule.is_written()) {
                if !sources(rule).iter().any(|source| source.name == field.name) {
                    continue;
                }
                let value = as_written(&convention, rule, &sample(field));
                let header = rule.headers().next().unwrap().to_owned();
                let value = match wanted.get(&header) {
                    // Members of one object are in the same header.
                    Some(object) => format!("{},{}", object.trim_end_matches('}'), &value[1..]),
                    None => value,
                };
                wanted.insert(header, value);
            }
            let mut found = HeaderMap::new();
            let metadata = with(&[field]);
            let faults = convention.write(&metadata, &mut found).faults();
            headers += wanted.len();
            if texts(&found) != wanted {
                wrong.push(format!("{name}, {}: {found:?}, not {wanted:?}", field.name));
            }
            let reasons: Vec<&str> = faults.iter().map(|fault| fault.reason().code()).collect();
            let reported: &[&str] = if wanted.is_empty() {
                &["unsupported"]
            } else {
                &[]
            };
            if reasons != reported {
                wrong.push(format!("{name}, {}: {faults}", field.name));
            }
        }
    }
    assert_none(&wrong);
    assert!(headers > 200, "only {headers} headers");
}

#[test]
fn header_for_several_fields_carries_the_first_that_is_set() {
    let mut wrong = Vec::new();
    for (name, convention) in subjects() {
        for rule in convention.rules().filter(|rule| rule.is_written()) {
            let header = rule.headers().next().unwrap();
            let sources = sources(rule);
            for at in 0..sources.len() {
                let mut headers = HeaderMap::new();
                convention.write(&with(&sources[at..]), &mut headers);
                let value = headers[header].to_str().unwrap();
                let wanted = as_written(&convention, rule, &sample(sources[at]));
                let inside = wanted.trim_matches(['{', '}']);
                let is_part = rule.member_name().is_some() && value.contains(inside);
                if value != wanted && !is_part {
                    wrong.push(format!("{name}: {header}: {value}, not {wanted}"));
                }
            }
        }
    }
    assert_none(&wrong);
}

/// Returns a request with one header, and with the `User-Agent` that the rule
/// requires.
fn request(rule: &Rule, header: &str, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let name = HeaderName::try_from(header).unwrap();
    headers
        .try_insert(name, HeaderValue::try_from(value).unwrap())
        .unwrap();
    agents::pretend(rule, &mut headers);
    headers
}

#[test]
fn each_name_that_is_read_gives_its_field_and_no_other() {
    let mut wrong = Vec::new();
    let mut names = 0;
    for (name, convention) in subjects() {
        let extractor = ConventionSet::from(convention.clone());
        // Vectors have the requests of rules that read beside another header only.
        let alone = |rule: &&Rule| rule.is_read() && rule.other_header().is_none();
        for (index, rule) in convention
            .rules()
            .enumerate()
            .filter(|(_, rule)| alone(rule))
        {
            let field = field(rule.field());
            let value = as_written(&convention, rule, &sample(field));
            for header in rule.headers() {
                names += 1;
                let mut headers = request(rule, header, &value);
                let found = extractor.read_trusted(&headers);
                let mut wanted = vec![(field.name, sample(field))];
                if header == "traceparent" {
                    wanted = vec![(field.name, sample(field).replace('-', ""))];
                }
                if let Some((client, version)) = agents::identified(&convention, &headers)
                    && field.name != "client-name"
                {
                    wanted.push(("client-name", client.to_owned()));
                    wanted.extend(version.map(|version| ("client-version", version.to_owned())));
                }
                if convention.passed_on().any(|name| name == header) {
                    wanted.push(("vendor-headers", format!("{header}={value}")));
                }
                wanted.sort();
                let mut texts = fields::texts(&found.metadata);
                texts.sort();
                if texts != wanted || !found.faults.is_empty() {
                    wrong.push(format!("{name}: {header}: {texts:?}, {}", found.faults));
                }
                let mut later = convention.rules().skip(index + 1).flat_map(Rule::headers);
                if rule.user_agents().len() > 0 && !later.any(|later| later == header) {
                    headers.remove("user-agent");
                    let found = extractor.read_trusted(&headers);
                    if !found.metadata.is_empty() || !found.faults.is_empty() {
                        wrong.push(format!("{name}: {header} without its user-agent"));
                    }
                }
            }
        }
    }
    assert_none(&wrong);
    assert!(names > 150, "only {names} names");
}

#[test]
fn each_limit_of_the_table_is_known_from_its_source() {
    let mut limits = BTreeSet::new();
    for (name, convention) in subjects() {
        for rule in convention.rules() {
            for header in rule.headers() {
                let bounds = targets::bounds(&name, header);
                let all_limited = name != "portkey" || header == "x-portkey-metadata";
                let is_limited = !rule.value_limits().is_none();
                assert_eq!(
                    bounds.is_some() && all_limited,
                    is_limited,
                    "{name}: {header}"
                );
                limits.extend(bounds.map(|_| (name.clone(), header.to_owned())));
            }
        }
    }
    let of_file = |file: &'static vectors::File| {
        let headers = file.target.limits.keys();
        headers.map(|header| (file.convention.clone(), header.clone()))
    };
    let mut known: BTreeSet<_> = vectors::files().iter().flat_map(of_file).collect();
    known.retain(|(name, _)| vectors::convention(name).is_some());
    assert_eq!(limits, known);
}

#[test]
fn each_limit_accepts_values_just_inside_and_rejects_values_just_outside() {
    let mut wrong = Vec::new();
    for (name, convention) in subjects() {
        let extractor = ConventionSet::from(convention.clone());
        for rule in convention.rules() {
            for header in rule.headers() {
                let Some(bounds) = targets::bounds(&name, header) else {
                    continue;
                };
                let inside = bounds.inside().into_iter().map(|id| (id, None));
                let outside = bounds.outside().into_iter();
                let outside = outside.map(|(id, reason)| (id, Some(reason)));
                for (id, reason) in inside.chain(outside) {
                    let field = field(rule.field());
                    let case = format!("{name}: {header} {} {id:?} {reason:?}", field.name);
                    let row = reason.map(|reason| row(field, header, reason));

                    let value = as_written(&convention, rule, &id);
                    let found = extractor.read_trusted(&request(rule, header, &value));
                    let (came, faults) =
                        ((field.get)(&found.metadata), vectors::rows(&found.faults));
                    if rule.is_read() {
                        if came != row.is_none().then(|| id.clone()) {
                            wrong.push(format!("{case}: read {came:?}"));
                        }
                        if faults != Vec::from_iter(row.clone()) {
                            wrong.push(format!("{case}: read: {}", found.faults));
                        }
                    }
                    // Some values are longer than any field.
                    let metadata = (field.with)(Metadata::new(), &id);
                    let (true, Ok(metadata)) = (rule.is_written(), metadata) else {
                        continue;
                    };
                    let mut headers = HeaderMap::new();
                    let faults = convention.write(&metadata, &mut headers).faults();
                    let found = headers.get(header).and_then(|value| value.to_str().ok());
                    let went = found.is_some_and(|value| value.contains(&id));
                    if went != row.is_none() {
                        wrong.push(format!("{case}: written {headers:?}"));
                    }
                    let faults = vectors::rows(&faults);
                    if row.map_or(!faults.is_empty(), |row| !faults.contains(&row)) {
                        wrong.push(format!("{case}: written: {faults:?}"));
                    }
                }
            }
        }
    }
    assert_none(&wrong);
}

fn row(field: &AnyField, header: &str, reason: &str) -> vectors::FaultRow {
    [Some(field.name), Some(header), Some(reason), None].map(|part| part.map(str::to_owned))
}

#[test]
fn each_convention_is_found_by_its_name() {
    let mut names = BTreeSet::new();
    for convention in conventions::all() {
        let found = Convention::by_name(convention.name()).unwrap();
        assert_eq!(found.name(), convention.name());
        assert!(names.insert(found.name().to_owned()), "{}", found.name());
    }
    let error = Convention::by_name("opncode").unwrap_err();
    assert_eq!(error.suggestion(), Some("opencode"));
}
