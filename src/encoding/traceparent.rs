//! W3C Trace Context's `traceparent`
//! (<https://www.w3.org/TR/trace-context/#traceparent-header>).

use crate::Reason;

/// Returns the trace id of a `traceparent`: 32 hexadecimal digits in lower case.
pub(crate) fn trace_id(value: &[u8]) -> Result<&str, Reason> {
    parse(value).ok_or(Reason::InvalidField)
}

fn parse(value: &[u8]) -> Option<&str> {
    let (version, rest) = field(value, 2)?;
    let (trace, rest) = field(rest.strip_prefix(b"-")?, 32)?;
    let (parent, rest) = field(rest.strip_prefix(b"-")?, 16)?;
    let (_flags, rest) = field(rest.strip_prefix(b"-")?, 2)?;
    // Version 00 has these fields only. A later version may have more, after a hyphen.
    let is_end_valid = match version {
        "ff" => false,
        "00" => rest.is_empty(),
        _ => rest.is_empty() || rest.starts_with(b"-"),
    };
    let is_zero = |id: &str| id.bytes().all(|digit| digit == b'0');
    (is_end_valid && !is_zero(trace) && !is_zero(parent)).then_some(trace)
}

/// Splits off a field of `len` hexadecimal digits in lower case.
fn field(value: &[u8], len: usize) -> Option<(&str, &[u8])> {
    let (digits, rest) = value.split_at_checked(len)?;
    let is_digit = |digit: &u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    if !digits.iter().all(is_digit) {
        return None;
    }
    // Hexadecimal digits are ASCII, so this never returns `None`.
    Some((std::str::from_utf8(digits).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_traceparent_returns_the_trace_id() {
        let trace = Ok("4bf92f3577b34da6a3ce929d0e0e4736");
        for good in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert_eq!(trace_id(good.as_bytes()), trace, "{good}");
        }
    }

    #[test]
    fn invalid_traceparent_is_an_error() {
        for bad in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
            "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(trace_id(bad.as_bytes()), Err(Reason::InvalidField), "{bad}");
        }
    }
}
