//! Free properties: their bounds, and how they are read and written.

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_metadata_headers::{
    Convention, Destinations, Faults, HostPolicy, Metadata, MetadataHeadersLayer, Properties,
    Reason, Rule, ValueLimits, conventions, metadata_field,
};

use crate::common::append;

metadata_field! {
    /// A field whose name is also the key of a property.
    struct CostCenter("cost-center"): Identity;
}

fn properties<const N: usize>(pairs: [(&str, &str); N]) -> Metadata {
    Metadata::new().with(Properties::new(pairs).unwrap())
}

fn headers<const N: usize>(lines: [(&str, &str); N]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name: HeaderName = name.parse().unwrap();
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        headers.try_append(name, value).unwrap();
    }
    headers
}

/// Returns the key and the reason of each fault.
fn reasons(faults: &Faults) -> Vec<(Option<&str>, &'static str)> {
    let each = faults.iter();
    each.map(|fault| (fault.property_key(), fault.reason().code()))
        .collect()
}

fn texts(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let lines = headers.iter();
    lines
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect()
}

fn acme() -> Convention {
    let builder = Convention::builder("acme");
    builder.properties_prefix("x-acme-meta-").build().unwrap()
}

fn reason<const N: usize>(pairs: [(&str, &str); N]) -> Reason {
    Properties::new(pairs).unwrap_err().reason()
}

#[test]
fn properties_within_the_bounds_are_kept() {
    let key = "k".repeat(64);
    let value = "v".repeat(256);
    let properties = Properties::new([(&key, &value)]).unwrap();
    assert_eq!(properties.get(&key), Some(&*value));
    let pairs = (0..32).map(|at| (format!("key-{at}"), "v"));
    assert_eq!(Properties::new(pairs).unwrap().iter().len(), 32);
}

#[test]
fn properties_over_a_bound_are_an_error() {
    let key = "k".repeat(65);
    let value = "v".repeat(257);
    assert_eq!(reason([(&key, "v")]), Reason::TooLong { limit: 64 });
    assert_eq!(reason([("k", &value)]), Reason::TooLong { limit: 256 });
    let pairs = (0..33).map(|at| (format!("key-{at}"), "v"));
    let error = Properties::new(pairs).unwrap_err();
    assert_eq!(error.to_string(), "properties: more than 32 items");
    assert_eq!(reason([]), Reason::Empty);
    assert_eq!(reason([("", "v")]), Reason::Empty);
    assert_eq!(reason([("-_.", "v")]), Reason::Empty);
    assert_eq!(reason([("k", "")]), Reason::Empty);
    assert_eq!(reason([("a b", "v")]), Reason::InvalidCharacter { at: 1 });
    assert_eq!(reason([("é", "v")]), Reason::InvalidCharacter { at: 0 });
    assert_eq!(reason([("k", "a\nb")]), Reason::InvalidCharacter { at: 3 });
    let repeated = [("team-id", "1"), ("Team_ID", "1")];
    assert_eq!(reason(repeated), Reason::RepeatedMember);
}

#[test]
fn list_in_one_header_reads_back() {
    let convention = Convention::builder("acme")
        .rule(Rule::header::<Properties>("acme-properties"))
        .build()
        .unwrap();
    let metadata = properties([("team", "Zoë, 100%"), ("b", " = "), ("c.d", "1")]);
    let mut headers = HeaderMap::new();
    convention.write(&metadata, &mut headers);
    assert_eq!(
        headers["acme-properties"],
        "b=%20=%20,c.d=1,team=Zo%C3%AB%2C 100%25"
    );
    assert!(headers["acme-properties"].is_sensitive());
    assert_eq!(convention.read_trusted(&headers).metadata, metadata);
    for (list, code) in [
        ("", "empty"),
        ("a", "invalid_field"),
        ("a=1,", "empty_item"),
        ("a=1,A=2", "repeated_member"),
        ("a=%2", "invalid_escape"),
        ("a=", "empty"),
    ] {
        let headers = self::headers([("acme-properties", list)]);
        let extracted = convention.read_trusted(&headers);
        assert!(extracted.metadata.is_empty(), "{list}");
        assert_eq!(reasons(&extracted.faults), [(None, code)], "{list}");
    }
}

#[test]
fn name_of_a_field_or_a_session_is_not_written() {
    let zoo = Convention::vendor("zoo").unwrap();
    let metadata = properties([
        ("cost_center", "2"),
        ("parent.session-id", "3"),
        ("Session_Id", "4"),
        ("team", "5"),
        ("user_id", "6"),
    ])
    .with(CostCenter::try_from("1").unwrap());
    let mut headers = HeaderMap::new();
    let faults = zoo.write(&metadata, &mut headers).faults();
    assert_eq!(
        texts(&headers),
        [("x-zoo-cost-center", "1"), ("x-zoo-team", "5")]
    );
    let expected = [
        (Some("cost_center"), "already_set"),
        (Some("parent.session-id"), "unsupported"),
        (Some("Session_Id"), "unsupported"),
        (Some("user_id"), "unsupported"),
    ];
    assert_eq!(reasons(&faults), expected);
    let first = faults.iter().next().unwrap().to_string();
    let expected = "properties.cost_center: header is already set (x-zoo-cost-center)";
    assert_eq!(first, expected);
}

#[test]
fn header_that_is_present_is_kept_if_asked() {
    let mut headers = headers([("x-acme-meta-team", "by-hand")]);
    let metadata = properties([("team", "search"), ("tier", "2")]);
    let report = acme().write_if_not_present(&metadata, &mut headers);
    assert_eq!(reasons(&report.faults()), [(Some("team"), "already_set")]);
    assert!(report.contains::<Properties>());
    assert_eq!(headers["x-acme-meta-team"], "by-hand");
    assert_eq!(headers["x-acme-meta-tier"], "2");

    acme().write(&metadata, &mut headers);
    assert_eq!(headers["x-acme-meta-team"], "search", "control");
}

#[test]
fn untrusted_properties_are_dropped_and_reported() {
    let headers = headers([("x-acme-meta-team", "search"), ("x-acme-meta-tier", "2")]);
    let extracted = acme().read(&headers);
    assert!(extracted.metadata.is_empty());
    let mut found = reasons(&extracted.faults);
    found.sort_unstable();
    let expected = [(Some("team"), "untrusted"), (Some("tier"), "untrusted")];
    assert_eq!(found, expected);
    let trusted = acme().read_trusted(&headers).metadata;
    assert_eq!(trusted, properties([("team", "search"), ("tier", "2")]));
    assert_eq!(format!("{trusted:?}"), r#"{"properties": hidden}"#);
}

#[test]
fn bad_property_is_dropped_and_others_are_kept() {
    let lines = [
        ("x-acme-meta-a", "1"),
        ("x-acme-meta-a", "2"),
        ("x-acme-meta-b_c", "1"),
        ("x-acme-meta-b-c", "2"),
        ("x-acme-meta-d", "%2"),
        ("x-acme-meta-e!", "1"),
        ("x-acme-meta-f", ""),
        ("x_acme-meta-g", "1"),
        ("x-acme-meta-team", "search"),
    ];
    let mut reversed = lines;
    reversed.reverse();
    for lines in [lines, reversed] {
        let extracted = acme().read_trusted(&headers(lines));
        assert_eq!(extracted.metadata, properties([("team", "search")]));
        let mut found = reasons(&extracted.faults);
        found.sort_unstable();
        let expected = [
            (None, "invalid_character"),
            (None, "look_alike"),
            (Some("a"), "repeated"),
            (Some("b-c"), "conflict"),
            (Some("d"), "invalid_escape"),
            (Some("f"), "empty"),
        ];
        assert_eq!(found, expected);
    }
}

#[test]
fn property_of_the_first_convention_counts() {
    let other = Convention::builder("other");
    let other = other.properties_prefix("other-meta-").build().unwrap();
    let set = tower_metadata_headers::ConventionSet::new([acme(), other]);
    let headers = headers([
        ("other-meta-team", "ads"),
        ("x-acme-meta-team", "search"),
        ("other-meta-tier", "2"),
    ]);
    let extracted = set.read_trusted(&headers);
    let expected = properties([("team", "search"), ("tier", "2")]);
    assert_eq!(extracted.metadata, expected);
    assert_eq!(reasons(&extracted.faults), [(Some("team"), "conflict")]);
}

#[test]
fn longest_prefix_that_matches_reads_the_header() {
    let acme = Convention::builder("acme")
        .owned_prefix("x-acme-")
        .properties_prefix("x-acme-meta-")
        .build()
        .unwrap();
    let mut headers = headers([("x-acme-meta-team", "search"), ("x-acme-control", "1")]);
    let extracted = acme.read_trusted(&headers);
    assert_eq!(extracted.metadata, properties([("team", "search")]));
    assert!(extracted.faults.is_empty());
    acme.remove_from(&mut headers);
    assert!(headers.is_empty());
}

#[test]
fn host_policy_withholds_properties() {
    let policy = HostPolicy::new(acme()).without_identity();
    let destinations = Destinations::new().host("acme.example", policy).unwrap();
    let uri = http::Uri::from_static("https://acme.example/");
    let metadata = properties([("team", "search")]);
    let mut headers = HeaderMap::new();
    let report = destinations.write(&uri, &metadata, &mut headers);
    assert!(headers.is_empty());
    assert_eq!(reasons(&report.faults()), [(None, "withheld")]);

    let all = Destinations::new().host("acme.example", acme()).unwrap();
    all.write(&uri, &metadata, &mut headers);
    assert_eq!(headers["x-acme-meta-team"], "search", "control");
}

#[cfg(feature = "hmac")]
#[test]
fn pseudonyms_replace_values_and_keep_keys() {
    let pseudonyms = tower_metadata_headers::Pseudonyms::new(&[7; 32], "acme").unwrap();
    let policy = HostPolicy::new(acme()).pseudonyms(pseudonyms);
    let destinations = Destinations::new().host("acme.example", policy).unwrap();
    let uri = http::Uri::from_static("https://acme.example/");
    let mut headers = HeaderMap::new();
    let metadata = properties([("team", "search"), ("tier", "search")]);
    destinations.write(&uri, &metadata, &mut headers);
    let (team, tier) = (&headers["x-acme-meta-team"], &headers["x-acme-meta-tier"]);
    assert_ne!(team, "search");
    assert_ne!(team, tier, "equal values of two keys do not show");
    assert!(team.is_sensitive());
}

#[tokio::test]
async fn gateway_forwards_trusted_properties_in_another_convention() {
    let destinations = Destinations::new()
        .host("gateway.example", conventions::helicone())
        .unwrap();
    let upstream = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(destinations))
        .service(service_fn(async |request: Request<()>| {
            let headers = request.headers().clone();
            Ok::<_, std::convert::Infallible>(Response::new(headers))
        }));
    for (trusted, expected) in [(true, Some("search")), (false, None)] {
        let gateway = ServiceBuilder::new()
            .layer(
                MetadataHeadersLayer::extract(acme())
                    .trust_identity_when(move |_| trusted)
                    .strip(),
            )
            .service(upstream.clone());
        let request = Request::get("https://gateway.example/")
            .header("x-acme-meta-team", "search")
            .body(())
            .unwrap();
        let headers = gateway.oneshot(request).await.unwrap().into_body();
        let sent = headers.get("helicone-property-team");
        assert_eq!(sent.map(|value| value.to_str().unwrap()), expected);
        assert!(!headers.contains_key("x-acme-meta-team"));
    }
}

#[cfg(feature = "json")]
mod json {
    use tower_metadata_headers::UserId;

    use super::*;

    fn read(object: &str) -> tower_metadata_headers::Extracted {
        let headers = headers([("cf-aig-metadata", object)]);
        conventions::cloudflare_ai_gateway().read_trusted(&headers)
    }

    #[test]
    fn members_without_a_rule_are_properties() {
        let extracted = read(
            r#"{"user_id":"u","a":"1","b":2.50,"c":true,"d":null,"e":[1],"f":{"g":1},"h i":"1","j":"1","J":"1","":"1"}"#,
        );
        let expected = properties([("a", "1"), ("b", "2.50"), ("c", "true")]);
        let expected = expected.with(UserId::try_from("u").unwrap());
        assert_eq!(extracted.metadata, expected);
        let mut found = reasons(&extracted.faults);
        found.sort_unstable();
        let expected = [
            (None, "empty"),
            (None, "invalid_character"),
            (Some("J"), "repeated_member"),
            (Some("d"), "empty"),
            (Some("e"), "not_a_string"),
            (Some("f"), "not_a_string"),
        ];
        let is_either = |(one, code)| match one {
            Some("j") => (Some("J"), code),
            other => (other, code),
        };
        let found: Vec<_> = found.into_iter().map(is_either).collect();
        let mut sorted = found.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected);
    }

    #[test]
    fn members_over_the_maximum_are_dropped_and_reported() {
        let members: Vec<String> = (10..43).map(|at| format!(r#""k{at}":"{at}""#)).collect();
        let extracted = read(&format!("{{{}}}", members.join(",")));
        let found: Properties = extracted.metadata.get().unwrap();
        assert_eq!(found.iter().len(), 32);
        assert_eq!(reasons(&extracted.faults), [(Some("k42"), "too_many")]);
    }

    #[test]
    fn untrusted_object_is_dropped_and_reported() {
        let headers = headers([("cf-aig-metadata", r#"{"session_id":"s","team":"search"}"#)]);
        let extracted = conventions::cloudflare_ai_gateway().read(&headers);
        assert!(extracted.metadata.get::<Properties>().is_none());
        assert!(extracted.metadata.session().is_some());
        assert_eq!(reasons(&extracted.faults), [(Some("team"), "untrusted")]);
    }

    #[test]
    fn member_with_the_name_of_a_field_is_not_written_twice() {
        let metadata = properties([("User_ID", "forged"), ("cost-center", "2"), ("team", "1")])
            .with(UserId::try_from("u").unwrap())
            .with(CostCenter::try_from("1").unwrap());
        let mut headers = HeaderMap::new();
        let convention = conventions::cloudflare_ai_gateway();
        let faults = convention.write(&metadata, &mut headers).faults();
        assert_eq!(
            headers["cf-aig-metadata"],
            r#"{"user_id":"u","cost_center":"1","team":"1"}"#
        );
        let expected = [
            (Some("cost-center"), "already_set"),
            (Some("User_ID"), "already_set"),
        ];
        assert_eq!(reasons(&faults), expected);
    }

    #[test]
    fn bedrock_gets_at_most_16_members_and_8500_bytes() {
        let pairs = (10..30).map(|at| (format!("k{at}"), "1"));
        let metadata = Metadata::new().with(Properties::new(pairs).unwrap());
        let mut headers = HeaderMap::new();
        let faults = conventions::bedrock()
            .write(&metadata, &mut headers)
            .faults();
        assert_eq!(faults.len(), 4);
        assert!(
            faults
                .iter()
                .all(|fault| fault.reason() == Reason::TooMany { limit: 16 })
        );

        // Sixteen members of 64 and 256 bytes fit, so only more bytes can exceed the limit.
        let long = |at: usize| (format!("{at:k>64}"), "v".repeat(256));
        let metadata = Metadata::new().with(Properties::new((10..26).map(long)).unwrap());
        let faults = conventions::bedrock()
            .write(&metadata, &mut headers)
            .faults();
        assert!(faults.is_empty(), "{faults}");
        assert_eq!(
            headers.values().next().unwrap().len(),
            16 * (64 + 256 + 6) + 1
        );
    }
}

#[test]
fn property_of_a_rule_is_read_with_the_others() {
    let acme = Convention::builder("acme")
        .properties_prefix("x-acme-meta-")
        .rule(Rule::read_only_property("x-cost-center", "cost-center").alias("x-old-center"))
        .rule(
            Rule::read_only_property("x-acme-meta-squad", "team")
                .limits(ValueLimits::new().max_len(8)),
        )
        .build()
        .unwrap();
    let read = |lines: &[(&str, &str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            append(&mut headers, name, value);
        }
        let extracted = acme.read_trusted(&headers);
        let properties: Option<Properties> = extracted.metadata.get();
        let pairs: Vec<_> = properties
            .iter()
            .flat_map(Properties::iter)
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let codes = extracted.faults.iter().map(|fault| fault.reason().code());
        (pairs.join(","), codes.collect::<Vec<_>>().join(","))
    };
    let lines = [
        ("x-cost-center", "4711"),
        ("x-acme-meta-squad", "search"),
        ("x-acme-meta-tier", "2"),
    ];
    assert_eq!(
        read(&lines),
        ("cost-center=4711,team=search,tier=2".into(), String::new())
    );
    assert_eq!(read(&[("x-old-center", "4711")]).0, "cost-center=4711");

    for (lines, expected) in [
        (
            &[("x-cost-center", "1"), ("x-cost-center", "2")][..],
            "repeated",
        ),
        (
            &[("x-cost-center", "1"), ("x-acme-meta-cost-center", "2")],
            "conflict",
        ),
        (&[("x-acme-meta-squad", "too long a name")], "too_long"),
        (
            &[("x-cost-center", "1"), ("connection", "x-cost-center")],
            "nominated",
        ),
        (&[("x_cost_center", "1")], "look_alike"),
    ] {
        let (pairs, faults) = read(lines);
        assert_eq!(faults, expected);
        assert!(pairs.is_empty() || expected == "conflict", "{pairs}");
    }
    // Control: untrusted, it is reported and not read.
    let mut headers = HeaderMap::new();
    append(&mut headers, "x-cost-center", "canary");
    let untrusted = acme.read(&headers);
    assert!(untrusted.metadata.is_empty());
    assert_eq!(
        untrusted.faults.iter().next().unwrap().property_key(),
        Some("cost-center")
    );

    // It is written in the place of the properties only.
    let mut headers = HeaderMap::new();
    let properties = Properties::new([("cost-center", "4711")]).unwrap();
    acme.write(&Metadata::new().with(properties), &mut headers);
    assert_eq!(headers["x-acme-meta-cost-center"], "4711");
    assert_eq!(headers.len(), 1);
}
