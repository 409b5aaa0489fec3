//! The files in `tests/vectors`: header sets as data.

#![allow(dead_code, reason = "each test binary uses a part of it")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a file that can't be read fails its test"
)]

use std::{collections::BTreeMap, fs, path::Path, sync::OnceLock};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use tower_metadata_headers::{Convention, ConventionSet, Metadata, conventions};

use super::{fields, targets::Target};

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// The file's name, without `.json`.
    #[serde(skip)]
    pub(crate) name: String,
    /// The convention of its vectors, see [`convention`].
    pub(crate) convention: String,
    /// What the convention's target accepts.
    #[serde(default)]
    pub(crate) target: Target,
    pub(crate) vectors: Vec<Vector>,
}

/// Headers in and metadata out, or metadata in and headers out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) source: String,
    /// In place of the file's.
    pub(crate) convention: Option<String>,
    pub(crate) read: Option<Read>,
    pub(crate) write: Option<Write>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    /// True if the sender's identity is not trusted.
    #[serde(default)]
    pub(crate) untrusted: bool,
    /// The headers that carry metadata, or belong to those that do.
    headers: Vec<(String, Bytes)>,
    /// Those that carry metadata and are others' too: they stay as they are.
    #[serde(default)]
    shared: Vec<(String, Bytes)>,
    /// The rest of a header of which only a part is metadata.
    #[serde(default)]
    left: Vec<(String, Bytes)>,
    /// The headers around them, which are none of this crate's business; but
    /// the `User-Agent` tells who sent them.
    #[serde(default)]
    around: Vec<(String, Bytes)>,
    metadata: BTreeMap<String, Bytes>,
    #[serde(default)]
    faults: Vec<Vec<Option<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Write {
    metadata: BTreeMap<String, Bytes>,
    headers: Vec<(String, Bytes)>,
    #[serde(default)]
    faults: Vec<Vec<Option<String>>>,
}

/// A value, for some of which a JSON string is too long or not enough.
#[derive(Deserialize)]
#[serde(untagged)]
enum Bytes {
    Text(String),
    /// One after the other.
    Joined(Vec<Self>),
    Repeat {
        repeat: (String, usize),
    },
    Raw {
        bytes: Vec<u8>,
    },
}

impl Bytes {
    fn get(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Joined(parts) => parts.iter().flat_map(Self::get).collect(),
            Self::Repeat { repeat } => repeat.0.repeat(repeat.1).into_bytes(),
            Self::Raw { bytes } => bytes.clone(),
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.get()).expect("metadata is text")
    }
}

/// A fault's field, header, reason and, of a conflict, the other header.
pub(crate) type FaultRow = [Option<String>; 4];

impl Read {
    /// The headers that carry metadata, then those around.
    pub(crate) fn request(&self) -> HeaderMap {
        let metadata = self.headers.iter().chain(&self.shared);
        map(metadata.chain(&self.around))
    }

    /// Returns the request's headers without its metadata.
    pub(crate) fn stripped(&self) -> HeaderMap {
        map(self.shared.iter().chain(&self.left).chain(&self.around))
    }

    /// The headers that carry metadata, as they stand in the file.
    pub(crate) fn carriers(&self) -> Vec<(String, Vec<u8>)> {
        let carriers = self.headers.iter().chain(&self.shared);
        carriers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.get()))
            .collect()
    }

    /// Only the headers around.
    pub(crate) fn surroundings(&self) -> HeaderMap {
        map(&self.around)
    }

    /// The names of the headers that carry metadata, in lower case.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = self.headers.iter();
        names.map(|(name, _)| name.to_ascii_lowercase()).collect()
    }

    pub(crate) fn metadata(&self) -> Metadata {
        metadata(&self.metadata)
    }

    pub(crate) fn faults(&self) -> Vec<FaultRow> {
        fault_rows(&self.faults)
    }

    /// Returns what an extractor finds in the request.
    pub(crate) fn run(&self, extractor: &ConventionSet) -> tower_metadata_headers::Extracted {
        if self.untrusted {
            extractor.read(&self.request())
        } else {
            extractor.read_trusted(&self.request())
        }
    }
}

impl Write {
    pub(crate) fn metadata(&self) -> Metadata {
        metadata(&self.metadata)
    }

    /// Returns the session, if no other field has its value.
    pub(crate) fn unique_session(&self) -> Option<String> {
        let session = self.metadata.get("session-id")?.text();
        let values = self.metadata.values();
        let is_unique = values.filter(|value| value.text() == session).count() == 1;
        is_unique.then_some(session)
    }

    /// Returns the headers, in the order in which they are to be written.
    pub(crate) fn header_texts(&self) -> impl Iterator<Item = (&str, String)> {
        let headers = self.headers.iter();
        headers.map(|(name, value)| (name.as_str(), value.text()))
    }

    /// The same as [`header_texts`](Self::header_texts), with names that are owned.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        self.header_texts()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    pub(crate) fn faults(&self) -> Vec<FaultRow> {
        fault_rows(&self.faults)
    }
}

fn map<'a>(headers: impl IntoIterator<Item = &'a (String, Bytes)>) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        let value = HeaderValue::from_bytes(&value.get()).expect("a header's value");
        map.try_append(name, value).expect("there is room");
    }
    map
}

fn metadata(fields: &BTreeMap<String, Bytes>) -> Metadata {
    let texts: Vec<(&str, String)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.text()))
        .collect();
    let texts = texts.iter().map(|(name, text)| (*name, text.as_str()));
    fields::metadata(texts).unwrap_or_else(|error| panic!("{error}"))
}

fn fault_rows(rows: &[Vec<Option<String>>]) -> Vec<FaultRow> {
    let mut rows: Vec<FaultRow> = rows
        .iter()
        .map(|row| match row.as_slice() {
            [field, header, reason] => [field.clone(), header.clone(), reason.clone(), None],
            [field, header, reason, other] => {
                [field.clone(), header.clone(), reason.clone(), other.clone()]
            }
            _ => panic!("a fault has three or four parts"),
        })
        .collect();
    rows.sort();
    rows
}

/// Faults in the form of the files, sorted.
pub(crate) fn rows(faults: &tower_metadata_headers::Faults) -> Vec<FaultRow> {
    let mut rows: Vec<FaultRow> = faults
        .iter()
        .map(|fault| {
            [
                fault.field().map(|field| field.name().to_owned()),
                fault.header_name().map(|name| name.as_str().to_owned()),
                Some(fault.reason().code().to_owned()),
                fault
                    .other_header_name()
                    .map(|name| name.as_str().to_owned()),
            ]
        })
        .collect();
    rows.sort();
    rows
}

/// Returns every file, by name.
pub(crate) fn files() -> &'static [File] {
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    FILES.get_or_init(read_files)
}

fn read_files() -> Vec<File> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let entries = fs::read_dir(folder).expect("the folder of vectors");
    let mut files: Vec<File> = entries
        .map(|entry| {
            let path = entry.expect("an entry of the folder").path();
            let name = path.file_stem().and_then(|name| name.to_str());
            let name = name.expect("a name in UTF-8").to_owned();
            let text = fs::read_to_string(&path).expect("a file in UTF-8");
            let file: File =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}.json: {error}"));
            File { name, ..file }
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// Returns the file with this name.
pub(crate) fn file(name: &str) -> &'static File {
    let mut files = files().iter();
    files
        .find(|file| file.name == name)
        .unwrap_or_else(|| panic!("no file is named {name}.json"))
}

/// The conventions that come with the feature `json`.
const NEED_JSON: &[&str] = &[
    "bedrock",
    "cloudflare-ai-gateway",
    "codex-turn-metadata",
    "databricks",
    "litellm-spend-logs",
    "portkey",
    "tensorzero",
    "truefoundry",
];

/// The convention with this name: a vendor's, or one that follows the usual
/// scheme (`vendor acme`). `None` for one that a feature brings.
pub(crate) fn convention(name: &str) -> Option<Convention> {
    if let Some(vendor) = name.strip_prefix("vendor ") {
        return Some(Convention::vendor(vendor).expect("a vendor's name"));
    }
    let found = Convention::by_name(name).ok();
    let needs_json = !cfg!(feature = "json") && NEED_JSON.contains(&name);
    assert!(found.is_some() || needs_json, "no convention {name}");
    found
}

/// The extractor with this name: that of a [`convention`], `clients` or
/// `responses`.
pub(crate) fn extractor(name: &str) -> Option<ConventionSet> {
    match name {
        "clients" => Some(conventions::clients()),
        "responses" => Some(conventions::responses()),
        name => convention(name).map(ConventionSet::from),
    }
}
