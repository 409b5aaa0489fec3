/// Makes a function of each entry of the vendors' table, with the entry as its
/// documentation, and `all` of the whole.
macro_rules! conventions {
    ($(
        $(#[doc = $doc:literal])+
        $function:ident = $name:literal {
            source: $source:literal,
            checked: $checked:literal,
            writes { $($field:ident $(or $or:ident)* => $header:literal $(also $also:literal)*;)* }
            reads { $($read_field:ident => $read_header:literal;)* }
            families { $($family:literal)* }
            $(vendors: $vendors:ident)?
        }
    )+) => {
        $(
            $(#[doc = $doc])+
            ///
            /// | header | field | |
            /// |---|---|---|
            $(
                #[doc = concat!(
                    "| `", $header, "` | [`", stringify!($field), "`](crate::", stringify!($field), ")",
                    $(", else [`", stringify!($or), "`](crate::", stringify!($or), ")",)*
                    " | written and read |",
                    $("\n| `", $also, "` | [`", stringify!($field), "`](crate::", stringify!($field), ") | read |",)*
                )]
            )*
            $(
                #[doc = concat!(
                    "| `", $read_header, "` | [`", stringify!($read_field), "`](crate::", stringify!($read_field), ") | read |",
                )]
            )*
            $(#[doc = conventions!(@vendors $vendors)])?
            $(#[doc = concat!("| `", $family, "…` | none | removed |")])*
            ///
            #[doc = concat!("Source: ", $source, "; checked ", $checked, ".")]
            #[must_use]
            pub fn $function() -> $crate::Convention {
                static CONVENTION: ::std::sync::OnceLock<$crate::Convention> =
                    ::std::sync::OnceLock::new();
                CONVENTION
                    .get_or_init(|| {
                        let builder = $crate::Convention::builder($name)
                            .source($source, $checked)
                            $(.rule(
                                $crate::Rule::header::<$crate::$field>($header)
                                    $(.or::<$crate::$or>())*
                                    $(.read_also($also))*
                            ))*
                            $(.rule($crate::Rule::read_only::<$crate::$read_field>($read_header)))*
                            $(.family($family))*
                            $(.vendors($crate::convention::Vendors::$vendors))?;
                        from_table(builder)
                    })
                    .clone()
            }
        )+

        /// Every convention of the table.
        fn table() -> impl Iterator<Item = $crate::Convention> {
            [$($function as fn() -> $crate::Convention),+].into_iter().map(|make| make())
        }
    };
    (@vendors Any) => { "| `x-<vendor>-session-id` | [`SessionId`](crate::SessionId), and the vendor as [`ClientName`](crate::ClientName) | read |\n| `x-<vendor>-parent-session-id` | [`ParentSessionId`](crate::ParentSessionId) | read |" };
    (@vendors LiteLlm) => { "| `x-<vendor>-session-id` | [`SessionId`](crate::SessionId) | read |" };
}
