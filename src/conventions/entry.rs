//! Entries of the vendors' table.

use std::sync::OnceLock;

use super::header::Header;
#[cfg(feature = "json")]
use crate::ValueLimits;
use crate::{
    Convention, Evidence, Precedence, Provenance, RequestLimits,
    header_set::vendors::VendorPattern, rule::Place,
};

/// Convention of one vendor, as constant data.
pub(super) struct Entry {
    pub(super) name: &'static str,
    /// Other names under which [`Convention::by_name`] finds it.
    pub(super) aliases: &'static [&'static str],
    pub(super) provenance: Provenance,
    /// The convention whose rules follow the entry's own rules.
    pub(super) extends: Option<fn() -> Convention>,
    /// The program that sends the headers.
    pub(super) client: Option<Client>,
    /// The public hosts that read the headers.
    pub(super) hosts: &'static [&'static str],
    /// The headers, in order of precedence.
    pub(super) headers: &'static [Header],
    /// Destination of the fields without a header of their own.
    pub(super) other_fields: OtherFields,
    /// Destination of the properties, if not that of the other fields.
    pub(super) properties: OtherFields,
    /// Limits on the metadata of one request.
    pub(super) request_limits: RequestLimits,
    /// Maximum number of members in a JSON object that the vendor reads.
    #[cfg(feature = "json")]
    pub(super) max_members: usize,
    /// Prefixes of header names that all belong to this vendor.
    pub(super) owned_prefixes: &'static [&'static str],
    /// Headers without a rule that belong to this vendor.
    pub(super) owned_headers: &'static [&'static str],
    /// Headers that the vendor's own server needs and no field describes.
    pub(super) passed_on: &'static [&'static str],
    /// The pattern by which `x-<vendor>-session-id` is read.
    pub(super) session_ids: Option<VendorPattern>,
    /// Precedence in [`clients`](super::clients), if they include it.
    pub(super) precedence: Option<Precedence>,
}

/// Program that sends a convention's headers.
pub(super) struct Client {
    pub(super) name: &'static str,
    /// Prefixes of its `User-Agent`, ignoring case.
    pub(super) agents: &'static [&'static str],
}

/// Destination of fields or properties without a header of their own.
pub(super) enum OtherFields {
    /// None: they are not written, and are reported.
    Unwritten,
    /// Headers with this prefix.
    Headers(&'static str),
    /// Members of the JSON object in this header.
    #[cfg(feature = "json")]
    Members(&'static str, ValueLimits),
}

impl OtherFields {
    fn place(&self) -> Option<Place> {
        match *self {
            Self::Unwritten => None,
            Self::Headers(prefix) => Some(Place::Headers(prefix.into())),
            #[cfg(feature = "json")]
            Self::Members(header, limits) => Some(Place::Members(header.into(), limits)),
        }
    }
}

impl Entry {
    pub(super) const EMPTY: Self = Self {
        name: "",
        aliases: &[],
        provenance: code("", ""),
        extends: None,
        client: None,
        hosts: &[],
        headers: &[],
        other_fields: OtherFields::Unwritten,
        properties: OtherFields::Unwritten,
        request_limits: RequestLimits::new(),
        #[cfg(feature = "json")]
        max_members: usize::MAX,
        owned_prefixes: &[],
        owned_headers: &[],
        passed_on: &[],
        session_ids: None,
        precedence: None,
    };

    /// Builds the convention of the entry.
    pub(super) fn build(&self) -> Convention {
        let rules = self.headers.iter().map(Header::rule);
        let mut builder = match self.extends {
            Some(base) => base().to_builder().name(self.name),
            None => Convention::builder(self.name),
        };
        builder = builder
            .prepend(rules)
            .provenance(self.provenance)
            .hosts(self.hosts.iter().copied())
            .maybe_precedence(self.precedence);
        if let Some(client) = &self.client {
            builder = builder.client(client.name, client.agents.iter().copied());
        }
        builder = builder
            .places(self.other_fields.place(), self.properties.place())
            .request_limits(self.request_limits);
        #[cfg(feature = "json")]
        {
            builder = builder.max_members(self.max_members);
        }
        for prefix in self.owned_prefixes {
            builder = builder.owned_prefix(*prefix);
        }
        for name in self.owned_headers {
            builder = builder.owned_header(*name);
        }
        for name in self.passed_on {
            builder = builder.pass_on(*name);
        }
        if let Some(pattern) = self.session_ids {
            builder = builder.vendors(pattern);
        }
        #[expect(
            clippy::expect_used,
            reason = "the table is constant, and a test builds all of it"
        )]
        builder.build().expect("built-in conventions are valid")
    }
}

/// Entry with its convention, which is built on first use.
pub(super) struct BuiltIn {
    entry: Entry,
    convention: OnceLock<Convention>,
}

impl BuiltIn {
    pub(super) const fn new(entry: Entry) -> Self {
        Self {
            entry,
            convention: OnceLock::new(),
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.entry.name
    }

    pub(super) const fn aliases(&self) -> &'static [&'static str] {
        self.entry.aliases
    }

    pub(super) const fn precedence(&self) -> Option<Precedence> {
        self.entry.precedence
    }

    pub(super) fn convention(&self) -> Convention {
        self.convention.get_or_init(|| self.entry.build()).clone()
    }
}

pub(super) const fn code(source: &'static str, checked: &'static str) -> Provenance {
    provenance(source, checked, Evidence::Code)
}

pub(super) const fn documentation(source: &'static str, checked: &'static str) -> Provenance {
    provenance(source, checked, Evidence::Documentation)
}

pub(super) const fn issue(source: &'static str, checked: &'static str) -> Provenance {
    provenance(source, checked, Evidence::Issue)
}

pub(super) const fn capture(source: &'static str, checked: &'static str) -> Provenance {
    provenance(source, checked, Evidence::Capture)
}

const fn provenance(source: &'static str, checked: &'static str, evidence: Evidence) -> Provenance {
    Provenance {
        source,
        checked,
        evidence,
    }
}

/// Defines a function for each entry, with the entry's name, and
/// [`BUILT_IN`](super::table::BUILT_IN). The docs of a function end with the entry's headers,
/// which `.ci/run tables` writes.
macro_rules! conventions {
    ($(
        $(#[doc = $doc:literal])+
        $(#[cfg($cfg:meta)])?
        pub static $name:ident: Entry = $entry:expr;
    )+) => {
        $(
            $(#[cfg($cfg)])?
            $(#[doc = $doc])+
            ///
            // Only rustdoc needs the file, so a new entry compiles before the file is
            // written.
            #[cfg_attr(doc, doc = include_str!(concat!("headers/", stringify!($name), ".md")))]
            #[must_use]
            pub fn $name() -> Convention {
                Table::$name().convention()
            }
        )+

        /// Every built-in convention, in the table's order.
        pub(super) const BUILT_IN: &[fn() -> &'static BuiltIn] =
            &[$($(#[cfg($cfg)])? Table::$name),+];

        struct Table;

        impl Table {
            $(
                $(#[cfg($cfg)])?
                fn $name() -> &'static BuiltIn {
                    static BUILT_IN: BuiltIn = BuiltIn::new($entry);
                    &BUILT_IN
                }
            )+
        }
    };
}
