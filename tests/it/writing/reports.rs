//! Reports in `WriteReport`.

use http::HeaderMap;
use tower_metadata_headers::{
    Convention, ConventionBuilder, ConversationId, Faults, FieldKey, Metadata, Rule, SessionId,
    TaskId, ValueLimits, WriteReport,
};

use crate::common::{lines, zoo};

/// Returns the fields that were written, and the faults with their headers.
fn report(written: &WriteReport<'_>) -> (Vec<&'static str>, Vec<String>) {
    let fields = written.fields().map(FieldKey::name).collect();
    let faults = written.faults();
    let faults = faults.iter().map(|fault| {
        let field = fault.field().map_or("", FieldKey::name);
        let header = fault.header_name().map_or("", |name| name.as_str());
        format!("{field} {} {header}", fault.reason().code())
    });
    (fields, faults.collect())
}

fn conversation(session: &str, conversation: &str, task: &str) -> Metadata {
    Metadata::new()
        .with(SessionId::try_from(session).unwrap())
        .with(ConversationId::try_from(conversation).unwrap())
        .with(TaskId::try_from(task).unwrap())
}

type MakeRule = fn() -> Rule;

/// Returns a convention that writes the first of three fields that has at most
/// 8 bytes.
fn short(rule: MakeRule) -> Convention {
    let rule = rule().or_else::<ConversationId>().or_else::<TaskId>();
    Convention::builder("short")
        .rule(rule.limits(ValueLimits::new().max_len(8)))
        .build()
        .unwrap()
}

#[test]
fn value_outside_the_limits_is_replaced_by_the_next_that_fits() {
    let rules: [(MakeRule, &str, &str); 2] = [
        (
            || Rule::header::<SessionId>("x-short"),
            "x-short",
            "x-short: ",
        ),
        (
            || Rule::baggage::<SessionId>("short"),
            "baggage",
            "baggage: short=",
        ),
    ];
    for (rule, header, line) in rules {
        let short = short(rule);
        let write = |metadata: &Metadata| {
            let mut headers = HeaderMap::new();
            let written = short.write(metadata, &mut headers);
            let (fields, faults) = report(&written);
            (lines(&headers), fields, faults)
        };
        let refused = |field: &str| format!("{field} too_long {header}");
        let unsupported = |field: &str| format!("{field} unsupported ");

        assert_eq!(
            write(&conversation("fits", "c-1", "t-1")),
            (
                vec![format!("{line}fits")],
                vec!["session-id"],
                vec![unsupported("conversation-id"), unsupported("task-id")],
            ),
            "control"
        );
        assert_eq!(
            write(&conversation("is-too-long", "c-1", "t-1")),
            (
                vec![format!("{line}c-1")],
                vec!["conversation-id"],
                vec![refused("session-id"), unsupported("task-id")],
            ),
        );
        assert_eq!(
            write(&conversation("is-too-long", "so-is-this", "t-1")),
            (
                vec![format!("{line}t-1")],
                vec!["task-id"],
                vec![refused("session-id"), refused("conversation-id")],
            ),
        );
        assert_eq!(
            write(&conversation("is-too-long", "so-is-this", "and-this-too")),
            (
                vec![],
                vec![],
                vec![
                    refused("session-id"),
                    refused("conversation-id"),
                    refused("task-id"),
                ],
            ),
        );
    }
}

#[cfg(feature = "json")]
#[test]
fn member_outside_the_limits_is_replaced_by_the_next_that_fits() {
    let short = short(|| Rule::member::<SessionId>("x-short", "id"));
    let mut headers = HeaderMap::new();
    let metadata = conversation("is-too-long", "c-1", "t-1");
    let written = short.write(&metadata, &mut headers);
    assert_eq!(lines(&headers), [r#"x-short: {\"id\":\"c-1\"}"#]);
    let (fields, faults) = report(&written);
    assert_eq!(fields, ["conversation-id"]);
    assert_eq!(
        faults,
        ["session-id too_long x-short", "task-id unsupported "]
    );
}

#[test]
fn written_fields_are_right_beyond_the_faults_that_are_kept() {
    let refused = |at| {
        let rule = Rule::header::<SessionId>(format!("x-refused-{at}"));
        rule.limits(ValueLimits::new().max_len(2))
    };
    let rules = (0..40).map(refused).chain([
        Rule::header::<TaskId>("x-task").limits(ValueLimits::new().max_len(2)),
        Rule::header::<ConversationId>("x-conversation"),
    ]);
    let builder = Convention::builder("refuses");
    let convention = rules.fold(builder, ConventionBuilder::rule);
    let convention = convention.build().unwrap();

    let metadata = conversation("too-long", "c-1", "too-long");
    let mut headers = HeaderMap::new();
    let written = convention.write(&metadata, &mut headers);
    assert_eq!(lines(&headers), ["x-conversation: c-1"]);
    assert!(!written.contains::<SessionId>() && !written.contains::<TaskId>());
    assert!(written.contains::<ConversationId>());
    let faults = written.faults();
    assert_eq!(
        faults.len(),
        41,
        "each header, and no field without a place"
    );
    assert_eq!(faults.iter().count(), Faults::MAX);
    let (fields, _) = report(&written);
    assert_eq!(fields, ["conversation-id"]);
}

/// Defines types of one name, each in the module of its name.
macro_rules! tenants {
    ($($module:ident)+) => {
        $(mod $module {
            tower_metadata_headers::metadata_field! {
                /// The tenant that pays.
                pub(crate) struct Tenant("tenant-id"): Identity;
            }
        })+

        /// Adds this module's tenant, which is named after the module.
        const TENANTS: &[(&str, fn(Metadata) -> Metadata)] = &[$((
            stringify!($module),
            |metadata| metadata.with($module::Tenant::try_from(stringify!($module)).unwrap()),
        )),+];
    };
}

tenants!(golf alfa hotel charlie echo bravo foxtrot delta);

/// The order of type ids differs between builds. With eight types, one in
/// 40,320 orders is that of their paths.
#[test]
fn field_types_of_one_name_write_the_first_by_path() {
    let zoo = zoo();
    let mut tenants = TENANTS.to_vec();
    for _ in 0..TENANTS.len() {
        tenants.rotate_left(1);
        let all = tenants
            .iter()
            .fold(Metadata::new(), |all, (_, with)| with(all));
        let order: Vec<String> = all.iter().map(|(_, value)| value.expose().into()).collect();
        let mut sorted = order.clone();
        sorted.sort();
        assert_eq!(order, sorted);

        let mut headers = HeaderMap::new();
        let written = zoo.write(&all, &mut headers);
        assert_eq!(lines(&headers), ["x-zoo-tenant-id: alfa"]);
        assert!(written.contains::<alfa::Tenant>() && !written.contains::<bravo::Tenant>());
        let (fields, faults) = report(&written);
        assert_eq!(fields.len(), 1);
        assert_eq!(faults, ["tenant-id already_set "; 7]);
    }
}
