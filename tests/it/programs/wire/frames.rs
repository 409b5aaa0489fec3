//! Parser of the bytes that a client sent on an HTTP/2 connection: frames (RFC
//! 9113), and representations of header fields (RFC 7541).

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 0x1;
const CONTINUATION: u8 = 0x9;
/// Flags of HEADERS that add something before the header fields.
const PADDED_OR_PRIORITY: u8 = 0x8 | 0x20;

/// Parts of one request's header section, in bytes on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// All bytes.
    pub(crate) bytes: usize,
    /// Number of fields that are an index into the table, of one byte or a few.
    pub(crate) indexed: usize,
    /// Number of literal fields that enter the table.
    pub(crate) entering: usize,
    /// Number of literal fields that no hop may index.
    pub(crate) never_indexed: usize,
    pub(crate) never_indexed_bytes: usize,
}

/// Returns the header section of each request, in order.
pub(crate) fn sections(sent: &[u8]) -> Vec<Section> {
    let mut sections: Vec<(u32, Vec<u8>)> = Vec::new();
    let mut rest = sent.strip_prefix(PREFACE).unwrap();
    while let Some((head, after)) = rest.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (kind, flags) = (head[3], head[4]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let (payload, after) = after.split_at(length);
        match kind {
            HEADERS => {
                assert_eq!(flags & PADDED_OR_PRIORITY, 0);
                sections.push((stream, payload.to_vec()));
            }
            CONTINUATION => {
                let (begun, section) = sections.last_mut().unwrap();
                assert_eq!(*begun, stream);
                section.extend(payload);
            }
            _ => {}
        }
        rest = after;
    }
    sections.iter().map(|(_, bytes)| section(bytes)).collect()
}

fn section(bytes: &[u8]) -> Section {
    let mut section = Section {
        bytes: bytes.len(),
        ..Section::default()
    };
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let before = rest.len();
        if first & 0x80 != 0 {
            section.indexed += 1;
            integer(&mut rest, 7);
        } else if first & 0x40 != 0 {
            section.entering += 1;
            literal(&mut rest, 6);
        } else if first & 0x20 != 0 {
            // An update of the table's size.
            integer(&mut rest, 5);
        } else {
            let is_never_indexed = first & 0x10 != 0;
            literal(&mut rest, 4);
            if is_never_indexed {
                section.never_indexed += 1;
                section.never_indexed_bytes += before - rest.len();
            }
        }
    }
    section
}

/// Skips a literal field. The index of its name has this number of bits.
fn literal(rest: &mut &[u8], bits: u32) {
    if integer(rest, bits) == 0 {
        string(rest);
    }
    string(rest);
}

fn string(rest: &mut &[u8]) {
    // The bit before marks Huffman coding, which does not change how the length
    // is read.
    let length = integer(rest, 7);
    *rest = &rest[length..];
}

/// Reads an integer that begins in the last bits of a byte.
fn integer(rest: &mut &[u8], bits: u32) -> usize {
    let most = (1 << bits) - 1;
    let mut number = usize::from(next(rest)) & most;
    if number < most {
        return number;
    }
    let mut shift = 0;
    loop {
        let byte = usize::from(next(rest));
        number += (byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return number;
        }
    }
}

fn next(rest: &mut &[u8]) -> u8 {
    let (first, others) = rest.split_first().unwrap();
    *rest = others;
    *first
}
