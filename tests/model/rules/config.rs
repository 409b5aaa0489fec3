//! Conventions of the model, as data.

use std::sync::LazyLock;

use super::fields::{self, AnyField, KNOWN};

/// Returns the field with this name.
pub(crate) fn named(name: &str) -> &'static AnyField {
    fields::named(name).expect("a field")
}

#[derive(Clone, Debug)]
pub(crate) struct Convention {
    pub(crate) rules: Vec<Rule>,
    pub(crate) families: Vec<&'static str>,
    /// Prefix of headers for fields that no rule writes.
    pub(crate) rest: Option<&'static str>,
    /// True if the convention reads any `x-<vendor>-session-id`.
    pub(crate) any_vendor: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) field: &'static str,
    /// Fields that are written if the field is absent.
    pub(crate) or: Vec<&'static str>,
    /// Headers that are read. The first is written.
    pub(crate) names: Vec<String>,
    pub(crate) place: Place,
    pub(crate) limits: ValueLimits,
    /// True if the rule is identity, whatever its field's class is.
    pub(crate) identity: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Header,
    ReadOnly,
    WriteOnly,
    /// A header that is only read, and that other parties share.
    Shared,
    /// The member of baggage with this key.
    Baggage(&'static str),
}

impl Rule {
    pub(crate) fn is_read(&self) -> bool {
        self.place != Place::WriteOnly
    }

    pub(crate) fn is_written(&self) -> bool {
        !matches!(self.place, Place::ReadOnly | Place::Shared)
    }

    pub(crate) fn is_identity(&self) -> bool {
        self.identity || named(self.field).identity
    }

    /// Returns true if the convention owns the rule's headers.
    pub(crate) fn is_owned(&self) -> bool {
        !matches!(self.place, Place::Shared | Place::Baggage(_))
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ValueLimits {
    pub(crate) least: usize,
    pub(crate) most: usize,
    /// True if only letters, digits, `_` and `-` are allowed.
    pub(crate) word: bool,
}

const NO_LIMITS: ValueLimits = ValueLimits {
    least: 0,
    most: usize::MAX,
    word: false,
};

/// Keys of the members of baggage, which `real` has too.
pub(crate) const MEMBERS: [&str; 3] = ["acme.task", "acme.user", "acme.client"];

/// Returns the conventions in order of precedence.
pub(crate) fn all() -> &'static [Convention; 3] {
    static ALL: LazyLock<[Convention; 3]> = LazyLock::new(|| [acme(), zoo(), any_vendor()]);
    &ALL
}

/// Returns a convention with a rule of each kind.
fn acme() -> Convention {
    let [task, user, client] = MEMBERS.map(Place::Baggage);
    let mut rules = vec![
        rule(
            "session-id",
            &["acme-session", "acme_session", "x-acme-thread"],
            Place::Header,
        ),
        rule("session-id", &["x-acme-chat"], Place::ReadOnly),
        rule("mode", &["x-acme-mode"], Place::Header),
        rule("tags", &["x-acme-tags"], Place::Header),
        rule("project-id", &["x-acme-project"], Place::Header),
        rule("turn-id", &["x-acme-turn"], Place::Header),
        rule("agent-id", &["x-acme-agent"], Place::WriteOnly),
        rule("task-id", &["baggage"], task),
        rule("user-id", &["baggage"], user),
        rule("client-name", &["baggage"], client),
        rule("request-id", &["x-request-id"], Place::Shared),
    ];
    rules[0].or = vec!["conversation-id", "task-id"];
    rules[5].or = vec!["agent-id"];
    rules[5].limits = ValueLimits {
        least: 4,
        most: 12,
        word: true,
    };
    rules[6].identity = true;
    rules[7].or = vec!["parent-task-id"];
    rules[7].limits.most = 16;
    Convention {
        rules,
        families: vec!["x-acme-"],
        rest: None,
        any_vendor: false,
    }
}

/// Returns the convention of a vendor: `x-zoo-<field>`.
fn zoo() -> Convention {
    let own = |field: &AnyField| {
        let name = format!("x-zoo-{}", field.name);
        let mut rule = rule(field.name, &[&name], Place::Header);
        if field.name == "session-id" {
            rule.or = vec!["conversation-id", "task-id"];
        }
        rule
    };
    Convention {
        rules: KNOWN.iter().map(own).collect(),
        families: vec!["x-zoo-"],
        rest: Some("x-zoo-"),
        any_vendor: false,
    }
}

/// Returns a convention that reads any `x-<vendor>-session-id`.
fn any_vendor() -> Convention {
    Convention {
        rules: Vec::new(),
        families: Vec::new(),
        rest: None,
        any_vendor: true,
    }
}

fn rule(field: &'static str, names: &[&str], place: Place) -> Rule {
    Rule {
        field,
        or: Vec::new(),
        names: names.iter().map(|&name| name.to_owned()).collect(),
        place,
        limits: NO_LIMITS,
        identity: false,
    }
}
