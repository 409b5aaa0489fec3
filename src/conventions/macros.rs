/// Makes a function of each entry of the vendors' table, with the entry as its
/// documentation, and `all` of the whole.
///
/// An entry is made of these lines, in this order; only `source` must be there:
///
/// ```text
/// source: "project, file; page" by Code, "2026-11-21";
/// extends: another_entry;
/// client: "its-name" "how its user-agent begins";
/// hosts: "api.example";
/// reads_first { Field => "header"; }
/// writes { Field unless Preferred or Other => "header" also "older" limits MAX_128 for_user_agents AGENTS; }
/// fallbacks { Field => "header"; }
/// write_only { Field => "header"; }
/// reads_identity { Field => "header"; }
/// reads { Field => "header" also "older" limits MAX_128 for_user_agents AGENTS; }
/// shared { Field => "header"; }
/// w3c: traceparent;
/// baggage { Field or Other => "key"; }
/// strings { Field or Other => "header"; }
/// json_reads "header" { Field => "member"; }
/// json "header" most 5 { Field or Other => "member" limits MAX_128; }
/// json_rest "header";
/// rest: "x-prefix-";
/// families: "x-prefix-";
/// vendors: Any;
/// reads_last { Field => "header" also "older" limits MAX_128 for_user_agents AGENTS; }
/// baggage_last { Field => "key"; }
/// ```
macro_rules! conventions {
    ($(
        $(#[doc = $doc:literal])+
        $(#[cfg($cfg:meta)])?
        $function:ident = $name:literal {
            source: $source:literal by $evidence:ident, $checked:literal;
            $(extends: $base:ident;)?
            $(client: $client:literal $($agent:literal)*;)?
            $(hosts: $($host:literal)+;)?
            $(reads_first { $($first_field:ident => $first_header:literal;)* })?
            $(writes {$(
                $field:ident $(unless $prefer:ident)* $(or $or:ident)* => $header:literal $(also $also:literal)* $(limits $limits:ident)? $(for_user_agents $write_agents:ident)?;
            )*})?
            $(fallbacks { $($fallback_field:ident => $fallback_header:literal;)* })?
            $(write_only { $($write_field:ident => $write_header:literal;)* })?
            $(reads_identity { $($identity_field:ident => $identity_header:literal;)* })?
            $(reads {$(
                $read_field:ident => $read_header:literal $(also $alias:literal)* $(limits $read_limits:ident)? $(for_user_agents $agents:ident)?;
            )*})?
            $(shared { $($shared_field:ident => $shared_header:literal;)* })?
            $(w3c: $traceparent:ident;)?
            $(baggage { $($bag_field:ident $(or $bag_or:ident)* => $key:literal;)* })?
            $(strings { $($string_field:ident $(or $string_or:ident)* => $string_header:literal;)* })?
            $(json_reads $read_object:literal { $($read_member_field:ident => $read_member:literal;)* })?
            $(json $object:literal $(most $most:literal)? {$(
                $member_field:ident $(or $member_or:ident)* => $member:literal $(limits $member_limits:ident)?;
            )*})?
            $(json_rest $rest_object:literal $(limits $rest_limits:ident)?;)?
            $(rest: $rest:literal;)?
            $(families: $($family:literal)+;)?
            $(vendors: $vendors:ident;)?
            $(reads_last {$(
                $last_field:ident => $last_header:literal $(also $last_also:literal)* $(limits $last_limits:ident)? $(for_user_agents $last_agents:ident)?;
            )*})?
            $(baggage_last { $($last_bag_field:ident => $last_key:literal;)* })?
        }
    )+) => {
        $(
            $(#[cfg($cfg)])?
            $(#[doc = $doc])+
            ///
            /// | header | field | |
            /// |---|---|---|
            $(#[doc = concat!("| all of [`", stringify!($base), "`] | | |")])?
            $($(
                #[doc = concat!("| `", $first_header, "` | ", conventions!(@fields $first_field), " | read |")]
            )*)?
            $($(
                #[doc = concat!(
                    "| `", $header, "` | ", conventions!(@fields $($prefer)* $field $($or)*), " | written and read",
                    $(": ", limits!(doc $limits),)?
                    $(", ", agents!(doc $write_agents),)? " |",
                    conventions!(@aliases $field ($($limits)?; $($write_agents)?) $($also)*),
                )]
            )*)?
            $($(
                #[doc = concat!("| `", $fallback_header, "` | ", conventions!(@fields $fallback_field), " | read where nothing else tells |")]
            )*)?
            $($(
                #[doc = concat!("| `", $write_header, "` | ", conventions!(@fields $write_field), " | written |")]
            )*)?
            $($(
                #[doc = concat!("| `", $identity_header, "` | ", conventions!(@fields $identity_field), " | read as identity |")]
            )*)?
            $($(
                #[doc = concat!(
                    "| `", $read_header, "` | ", conventions!(@fields $read_field), " | read",
                    $(": ", limits!(doc $read_limits),)?
                    $(", ", agents!(doc $agents),)? " |",
                    conventions!(@aliases $read_field ($($read_limits)?; $($agents)?) $($alias)*),
                )]
            )*)?
            $($(
                #[doc = concat!("| `", $shared_header, "` | ", conventions!(@fields $shared_field), " | read, and left for others |")]
            )*)?
            $(#[doc = conventions!(@doc $traceparent)])?
            $($(
                #[doc = concat!("| `baggage`, `", $key, "` | ", conventions!(@fields $bag_field $($bag_or)*), " | written and read |")]
            )*)?
            $($(
                #[doc = concat!("| `", $string_header, "`, a JSON string | ", conventions!(@fields $string_field $($string_or)*), " | written and read |")]
            )*)?
            $($(
                #[doc = concat!("| `", $read_object, "`, `", $read_member, "` | ", conventions!(@fields $read_member_field), " | read |")]
            )*)?
            $($(
                #[doc = concat!(
                    "| `", $object, "`, `", $member, "` | ", conventions!(@fields $member_field $($member_or)*),
                    " | written and read", $(": ", limits!(doc $member_limits),)? " |",
                )]
            )*
            $(#[doc = concat!("| `", $object, "` | the first ", stringify!($most), " of them | written |")])?)?
            $(#[doc = concat!("| `", $rest_object, "`, named after the field | every other field | written and read", $(": ", limits!(doc $rest_limits),)? " |")])?
            $(#[doc = concat!("| `", $rest, "<field>` | every other field | written and read |")])?
            $($(#[doc = concat!("| `", $family, "…` | none | removed |")])+)?
            $(#[doc = conventions!(@vendors $vendors)])?
            $($(
                #[doc = concat!(
                    "| `", $last_header, "` | ", conventions!(@fields $last_field), " | read",
                    $(": ", limits!(doc $last_limits), ", else the next header counts",)?
                    $(", ", agents!(doc $last_agents),)? " |",
                    conventions!(@aliases $last_field ($($last_limits next)?; $($last_agents)?) $($last_also)*),
                )]
            )*)?
            $($(
                #[doc = concat!("| `baggage`, `", $last_key, "` | ", conventions!(@fields $last_bag_field), " | read |")]
            )*)?
            ///
            #[doc = concat!("Source: ", $source, " (", conventions!(@evidence $evidence), "); checked ", $checked, ".")]
            #[must_use]
            pub fn $function() -> $crate::Convention {
                static CONVENTION: ::std::sync::OnceLock<$crate::Convention> =
                    ::std::sync::OnceLock::new();
                CONVENTION
                    .get_or_init(|| {
                        let builder = conventions!(@builder $name $($base)?)
                            .source($crate::Provenance {
                                source: $source,
                                checked: $checked,
                                evidence: $crate::Evidence::$evidence,
                            })
                            $(.client($crate::convention::Client {
                                name: $client,
                                agents: &[$($agent),*],
                            }))?
                            $(.hosts(&[$($host),+]))?
                            $($(.rule($crate::Rule::read_only::<$crate::$first_field>($first_header)))*)?
                            $($(.rule(
                                $crate::Rule::header::<$crate::$field>($header)
                                    $(.prefer_writing::<$crate::$prefer>())*
                                    $(.or_else::<$crate::$or>())*
                                    $(.alias($also))*
                                    $(.limits(limits!(value $limits)))?
                                    $(.for_user_agents(agents!(value $write_agents)))?
                            ))*)?
                            $($(.rule(
                                $crate::Rule::read_only::<$crate::$fallback_field>($fallback_header).weak()
                            ))*)?
                            $($(.rule($crate::Rule::write_only::<$crate::$write_field>($write_header)))*)?
                            $($(.rule($crate::Rule::read_only::<$crate::$identity_field>($identity_header).identity()))*)?
                            $($(.rule(
                                $crate::Rule::read_only::<$crate::$read_field>($read_header)
                                    $(.alias($alias))*
                                    $(.limits(limits!(value $read_limits)))?
                                    $(.for_user_agents(agents!(value $agents)))?
                            ))*)?
                            $($(.rule($crate::Rule::shared::<$crate::$shared_field>($shared_header)))*)?
                            $(.rule($crate::Rule::$traceparent()))?
                            $($(.rule(
                                $crate::Rule::baggage::<$crate::$bag_field>($key)
                                    $(.or_else::<$crate::$bag_or>())*
                            ))*)?
                            $($(.rule(
                                $crate::Rule::json_string::<$crate::$string_field>($string_header)
                                    $(.or_else::<$crate::$string_or>())*
                            ))*)?
                            $($(.rule(
                                $crate::Rule::read_only_member::<$crate::$read_member_field>($read_object, $read_member)
                            ))*)?
                            $($(.rule(
                                $crate::Rule::member::<$crate::$member_field>($object, $member)
                                    $(.or_else::<$crate::$member_or>())*
                                    $(.limits(limits!(value $member_limits)))?
                            ))*
                            $(.max_members($most))?)?
                            $(.other_fields_in_object($rest_object, limits!(value $($rest_limits)?)))?
                            $(.other_fields_prefix($rest))?
                            $($(.owned_prefix($family))+)?
                            $(.vendors($crate::convention::Vendors::$vendors))?
                            $($(.rule(
                                $crate::Rule::read_only::<$crate::$last_field>($last_header)
                                    $(.alias($last_also))*
                                    $(.limits(limits!(value $last_limits)).skip_outside_limits())?
                                    $(.for_user_agents(agents!(value $last_agents)))?
                                    .after_vendors()
                            ))*)?
                            $($(.rule(
                                $crate::Rule::read_only_baggage::<$crate::$last_bag_field>($last_key)
                                    .after_vendors()
                            ))*)?;
                        from_table(builder)
                    })
                    .clone()
            }
        )+

        /// Every convention's name, with what makes it, in the table's order.
        pub(super) const MAKERS: &[(&str, fn() -> $crate::Convention)] =
            &[$($(#[cfg($cfg)])? ($name, $function)),+];

        /// Returns an iterator over every convention of this crate, in the table's order.
        ///
        /// The feature `json` adds those that write or read a JSON object:
        /// `codex-turn-metadata`, `litellm-spend-logs`, `portkey`,
        /// `cloudflare-ai-gateway`, `databricks`, `truefoundry`, `bedrock` and `tensorzero`.
        /// Any crate in the build may turn it on. So choose what you write or
        /// read by name, and not by this.
        pub fn all() -> impl Iterator<Item = $crate::Convention> {
            MAKERS.iter().map(|(_, make)| make())
        }
    };
    (@builder $name:literal) => { $crate::Convention::builder($name) };
    (@builder $name:literal $base:ident) => { $base().to_builder().name($name) };
    (@fields $field:ident $($or:ident)*) => {
        concat!(
            "[`", stringify!($field), "`](crate::", stringify!($field), ")",
            $(", else [`", stringify!($or), "`](crate::", stringify!($or), ")",)*
        )
    };
    // The other headers of a rule, which are read alike.
    (@aliases $field:ident $terms:tt $($also:literal)*) => {
        concat!($(
            "\n| `", $also, "` | ", conventions!(@fields $field), " | read", conventions!(@terms $terms), " |",
        )*)
    };
    (@terms ($($limits:ident)?; $($agents:ident)?)) => {
        concat!($(": ", limits!(doc $limits),)? $(", ", agents!(doc $agents),)?)
    };
    (@terms ($limits:ident next; $($agents:ident)?)) => {
        concat!(": ", limits!(doc $limits), ", else the next header counts", $(", ", agents!(doc $agents),)?)
    };
    (@doc traceparent) => { "| `traceparent` | [`TraceId`](crate::TraceId) | read |" };
    (@vendors Listed) => { "| `x-<vendor>-session-id`, of a listed vendor | [`SessionId`](crate::SessionId), and the vendor as [`ClientName`](crate::ClientName) | read |\n| `x-<vendor>-parent-session-id` | [`ParentSessionId`](crate::ParentSessionId) | read |" };
    (@vendors Any) => { "| `x-<vendor>-session-id` | [`SessionId`](crate::SessionId), and the vendor as [`ClientName`](crate::ClientName) | read |\n| `x-<vendor>-parent-session-id` | [`ParentSessionId`](crate::ParentSessionId) | read |" };
    (@vendors LiteLlm) => { "| `x-<vendor>-session-id` | [`SessionId`](crate::SessionId) | read: at least 8 letters, digits, `_` and `-`, else the next header counts |" };
    (@evidence Code) => { "source code" };
    (@evidence Documentation) => { "documentation" };
    (@evidence Issue) => { "an issue of theirs" };
    (@evidence Capture) => { "others' work with it" };
}

/// The limits that the table speaks of: what each is, and how it reads.
macro_rules! limits {
    (value) => {
        $crate::ValueLimits::new()
    };
    (value WORD_8) => {
        $crate::ValueLimits::new()
            .min_len(8)
            .charset($crate::Charset::Word)
    };
    (value MAX_128) => {
        $crate::ValueLimits::new().max_len(128)
    };
    (value MAX_512) => {
        $crate::ValueLimits::new().max_len(512)
    };
    (value MAX_256) => {
        $crate::ValueLimits::new().max_len(256)
    };
    (value MAX_255) => {
        $crate::ValueLimits::new().max_len(255)
    };
    (value AWS) => {
        $crate::ValueLimits::new()
            .max_len(256)
            .charset($crate::Charset::Aws)
    };
    (value UUID) => {
        $crate::ValueLimits::new().charset($crate::Charset::Uuid1To5)
    };
    (doc WORD_8) => {
        "at least 8 letters, digits, `_` and `-`"
    };
    (doc MAX_128) => {
        "at most 128 bytes"
    };
    (doc MAX_512) => {
        "at most 512 bytes"
    };
    (doc MAX_256) => {
        "at most 256 bytes"
    };
    (doc MAX_255) => {
        "at most 255 bytes"
    };
    (doc AWS) => {
        "at most 256 letters, digits, spaces and `._:/=+$@-`"
    };
    (doc UUID) => {
        "UUID of version 1 to 5"
    };
}

/// The clients that the table speaks of, by how their `User-Agent` begins.
macro_rules! agents {
    (value CODEX) => {
        &["codex-", "codex_", "codex/", "codex "]
    };
    (doc CODEX) => {
        "from a `User-Agent` that begins with `codex`"
    };
}
