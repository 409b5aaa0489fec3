use std::{borrow::Cow, fmt, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    Convention, Rule, Vendors,
    names::{Found, Names},
};
use crate::{
    Class, ClientName, Fault, Faults, FieldKey, Metadata, ParentSessionId, Reason, SessionId,
};

/// Reads the headers of several conventions in one pass.
///
/// Where two headers carry the same field, the earlier convention's counts,
/// and within one convention the earlier rule's. The cost is that of the
/// request's headers, however many conventions are known. A clone costs one
/// atomic.
///
/// It is for the header section only: trailers come after the request was
/// routed and paid for, so nothing is read from them.
#[derive(Clone)]
pub struct Extractor(Arc<Inner>);

struct Inner {
    names: Names,
    targets: Vec<Target>,
    vendors: Option<(Vendors, Rank)>,
    /// What it was made of.
    conventions: Vec<Convention>,
}

/// What a header carries.
struct Target {
    rank: Rank,
    content: Content,
}

enum Content {
    Field(FieldKey),
    #[cfg(feature = "json")]
    Object(Vec<super::json::Wanted>),
}

/// Which header of several counts: the one with the lowest.
pub(super) type Rank = usize;

/// Whether the sender of a request is believed what it says of identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    CorrelationOnly,
    Identity,
}

/// What [`Extractor::read`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extracted {
    /// The fields that came, checked.
    pub metadata: Metadata,
    /// What came and does not count.
    pub faults: Faults,
}

impl Extractor {
    /// Reads these conventions, the first to count first.
    #[must_use]
    pub fn new(conventions: impl IntoIterator<Item = Convention>) -> Self {
        let conventions: Vec<Convention> = conventions.into_iter().collect();
        let mut targets: Vec<Target> = Vec::new();
        let mut names: Vec<(Cow<'static, str>, usize)> = Vec::new();
        let mut vendors = None;
        let mut rank = 0;
        for convention in &conventions {
            let builder = &convention.0.builder;
            let mut own: Vec<(Cow<'static, str>, usize)> = Vec::new();
            for (name, rule) in builder.names() {
                rank += 1;
                if names.iter().any(|(known, _)| known == name) {
                    continue;
                }
                #[cfg(feature = "json")]
                if let Some(&(_, target)) = own.iter().find(|(known, _)| known == name) {
                    add_member(targets.get_mut(target), rule);
                    continue;
                }
                own.push((name.clone(), targets.len()));
                targets.push(Target::new(rule, rank));
            }
            names.append(&mut own);
            rank += 1;
            vendors = vendors.or(builder.vendors.map(|vendors| (vendors, rank)));
        }
        let families = conventions
            .iter()
            .flat_map(|convention| convention.0.builder.families.iter().cloned());
        Self(Arc::new(Inner {
            names: Names::new(names, families, vendors.is_some()),
            targets,
            vendors,
            conventions,
        }))
    }

    /// Reads this convention too, where the others have nothing.
    ///
    /// ```
    /// use tower_metadata_headers::{Convention, conventions};
    ///
    /// let extractor = conventions::clients().and(Convention::vendor("acme")?);
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    #[must_use]
    pub fn and(&self, convention: Convention) -> Self {
        let conventions = self.0.conventions.iter().cloned();
        Self::new(conventions.chain([convention]))
    }

    /// Reads the fields of correlation. Those of identity are claims, and are
    /// reported as [`Reason::Untrusted`].
    ///
    /// A field that is repeated, malformed or ambiguous is absent, and is
    /// reported; nothing else is lost with it. Nothing fails, and no value is
    /// reflected.
    #[must_use]
    pub fn read(&self, headers: &HeaderMap) -> Extracted {
        self.read_as(headers, Trust::CorrelationOnly)
    }

    /// Reads all fields, those of identity too: for a request whose sender may
    /// say whom it is for, because the operator has checked who that is.
    #[must_use]
    pub fn read_trusted(&self, headers: &HeaderMap) -> Extracted {
        self.read_as(headers, Trust::Identity)
    }

    /// Removes every header that is one of these conventions', whether or not
    /// it can be read, look-alikes included.
    pub fn remove_from(&self, headers: &mut HeaderMap) {
        self.0.names.remove_from(headers);
    }

    pub(crate) fn read_as(&self, headers: &HeaderMap, trust: Trust) -> Extracted {
        let mut reading = Reading {
            trust,
            candidates: Vec::new(),
            faults: Faults::new(),
        };
        for name in headers.keys() {
            match self.0.names.find(name.as_str()) {
                None | Some(Found::Family) => {}
                Some(Found::Name(target)) => {
                    if let Some(target) = self.0.targets.get(target) {
                        reading.header(target, name, headers);
                    }
                }
                Some(Found::Vendor(vendor)) => {
                    if let Some((vendors, rank)) = self.0.vendors {
                        reading.vendor(vendors, rank, vendor, name, headers);
                    }
                }
                Some(Found::LookAlike(target)) => {
                    let target = target.and_then(|target| self.0.targets.get(target));
                    let field = target.and_then(Target::field);
                    let fault = Fault::new(Reason::LookAlike).of(field);
                    reading.faults.push(fault.header(name));
                }
            }
        }
        reading.finish()
    }

    /// Marks the values of sensitive fields that stay on the request, so that
    /// no `Debug` shows them.
    pub(crate) fn conceal(&self, headers: &mut HeaderMap) {
        for (name, value) in headers.iter_mut() {
            if let Some(Found::Name(target) | Found::LookAlike(Some(target))) =
                self.0.names.find(name.as_str())
                && let Some(target) = self.0.targets.get(target)
                && target.is_sensitive()
            {
                value.set_sensitive(true);
            }
        }
    }
}

impl From<Convention> for Extractor {
    fn from(convention: Convention) -> Self {
        Self::new([convention])
    }
}

impl FromIterator<Convention> for Extractor {
    fn from_iter<I: IntoIterator<Item = Convention>>(conventions: I) -> Self {
        Self::new(conventions)
    }
}

impl fmt::Debug for Extractor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Extractor")
            .field(&self.0.conventions)
            .finish()
    }
}

impl Target {
    fn new(rule: &Rule, rank: Rank) -> Self {
        #[cfg(feature = "json")]
        if let Some(member) = rule.member.clone() {
            let wanted = super::json::Wanted::new(member, rule.field, rank);
            let content = Content::Object(vec![wanted]);
            return Self { rank, content };
        }
        Self {
            rank,
            content: Content::Field(rule.field),
        }
    }

    fn field(&self) -> Option<FieldKey> {
        match &self.content {
            Content::Field(field) => Some(*field),
            #[cfg(feature = "json")]
            Content::Object(_) => None,
        }
    }

    fn is_sensitive(&self) -> bool {
        match &self.content {
            Content::Field(field) => field.sensitive(),
            #[cfg(feature = "json")]
            Content::Object(members) => members.iter().any(|member| member.field.sensitive()),
        }
    }
}

/// Adds a rule to the object that an earlier rule reads from the same header.
#[cfg(feature = "json")]
fn add_member(target: Option<&mut Target>, rule: &Rule) {
    if let (Some(target), Some(member)) = (target, rule.member.clone())
        && let Content::Object(members) = &mut target.content
    {
        let rank = target.rank + members.len();
        members.push(super::json::Wanted::new(member, rule.field, rank));
    }
}

/// One pass over a request's headers.
pub(super) struct Reading<'h> {
    trust: Trust,
    candidates: Vec<Candidate<'h>>,
    pub(super) faults: Faults,
}

/// The value that counts for a field so far.
struct Candidate<'h> {
    field: FieldKey,
    rank: Rank,
    header: &'h HeaderName,
    /// `None` where two headers of one rank disagree.
    value: Option<HeaderValue>,
    /// The vendor in the header's name, where only that tells the client.
    vendor: Option<&'h str>,
}

impl<'h> Reading<'h> {
    fn header(&mut self, target: &Target, name: &'h HeaderName, headers: &'h HeaderMap) {
        let Some(value) = self.only_line(target.field(), name, headers) else {
            return;
        };
        match &target.content {
            Content::Field(field) => {
                self.field(*field, target.rank, name, |field| field.read(value));
            }
            #[cfg(feature = "json")]
            Content::Object(members) => super::json::read(self, members, name, value),
        }
    }

    fn vendor(
        &mut self,
        vendors: Vendors,
        rank: Rank,
        vendor: &'h str,
        name: &'h HeaderName,
        headers: &'h HeaderMap,
    ) {
        let session = FieldKey::of::<SessionId>();
        match vendors {
            Vendors::LiteLlm => {
                let Some(value) = self.only_line(session, name, headers) else {
                    return;
                };
                match litellm_value(value).and_then(|()| session.read(value)) {
                    // Of several, the first on the wire counts.
                    Ok(value) if !self.has_rank(session, rank) => {
                        self.offer(session, rank, name, value, None);
                    }
                    Ok(_) => {}
                    Err(reason) => {
                        let fault = Fault::new(reason).of(session).header(name);
                        self.faults.push(fault);
                    }
                }
            }
            Vendors::Any if is_not_a_client(vendor) => {}
            Vendors::Any => {
                let parent = vendor == "parent" || vendor.ends_with("-parent");
                let field = if parent {
                    FieldKey::of::<ParentSessionId>()
                } else {
                    session
                };
                let Some(value) = self.only_line(field, name, headers) else {
                    return;
                };
                match field.read(value) {
                    Ok(value) => {
                        let vendor = (!parent).then_some(vendor);
                        self.offer(field, rank, name, value, vendor);
                    }
                    Err(reason) => {
                        let fault = Fault::new(reason).of(field).header(name);
                        self.faults.push(fault);
                    }
                }
            }
        }
    }

    /// The header's value, where it came on one line.
    fn only_line(
        &mut self,
        field: impl Into<Option<FieldKey>>,
        name: &HeaderName,
        headers: &'h HeaderMap,
    ) -> Option<&'h HeaderValue> {
        let mut lines = headers.get_all(name).iter();
        let value = lines.next();
        if lines.next().is_some() {
            let fault = Fault::new(Reason::Repeated).of(field);
            self.faults.push(fault.header(name));
            return None;
        }
        value
    }

    /// Takes a field's value, if its sender is believed and it is sound.
    pub(super) fn field(
        &mut self,
        field: FieldKey,
        rank: Rank,
        name: &'h HeaderName,
        read: impl FnOnce(FieldKey) -> Result<HeaderValue, Reason>,
    ) {
        let trusted = self.trust == Trust::Identity || field.class() == Class::Correlation;
        let value = if trusted {
            read(field)
        } else {
            Err(Reason::Untrusted)
        };
        match value {
            Ok(value) => self.offer(field, rank, name, value, None),
            Err(reason) => {
                let fault = Fault::new(reason).of(field);
                self.faults.push(fault.header(name));
            }
        }
    }

    fn has_rank(&self, field: FieldKey, rank: Rank) -> bool {
        let mut candidates = self.candidates.iter();
        candidates.any(|candidate| candidate.field == field && candidate.rank == rank)
    }

    fn offer(
        &mut self,
        field: FieldKey,
        rank: Rank,
        header: &'h HeaderName,
        value: HeaderValue,
        vendor: Option<&'h str>,
    ) {
        let new = Candidate {
            field,
            rank,
            header,
            value: Some(value),
            vendor,
        };
        let mut candidates = self.candidates.iter_mut();
        let Some(old) = candidates.find(|old| old.field == field) else {
            self.candidates.push(new);
            return;
        };
        if old.value == new.value {
            if new.rank < old.rank {
                *old = new;
            }
            return;
        }
        let (first, second) = if new.rank < old.rank {
            (new.header, old.header)
        } else {
            (old.header, new.header)
        };
        let fault = Fault::new(Reason::Conflict).of(field);
        self.faults.push(fault.header(first).other(second));
        if new.rank < old.rank {
            *old = new;
        } else if new.rank == old.rank {
            old.value = None;
        }
    }

    fn finish(self) -> Extracted {
        let mut metadata = Metadata::new();
        let mut vendor = None;
        for candidate in self.candidates {
            if let Some(value) = candidate.value {
                metadata.set(candidate.field, value);
                vendor = vendor.or(candidate.vendor);
            }
        }
        if let Some(vendor) = vendor
            && !metadata.contains::<ClientName>()
            && let Ok(name) = ClientName::try_from(vendor)
        {
            metadata = metadata.with(name);
        }
        Extracted {
            metadata,
            faults: self.faults,
        }
    }
}

/// Names that fit `x-<vendor>-session-id` by accident: MCP's transport
/// session, and AWS's.
fn is_not_a_client(vendor: &str) -> bool {
    vendor == "mcp" || vendor.ends_with("-mcp") || vendor.starts_with("amz")
}

/// LiteLLM takes a vendor's session only where it is 8 or more letters,
/// digits, `_` and `-` (litellm 1.109.1, `litellm_pre_call_utils.py`).
fn litellm_value(value: &HeaderValue) -> Result<(), Reason> {
    const LEAST: usize = 8;
    let bytes = value.as_bytes();
    if bytes.len() < LEAST {
        return Err(Reason::TooShort { limit: LEAST });
    }
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    match bytes.iter().position(|byte| !allowed(byte)) {
        Some(at) => Err(Reason::InvalidCharacter { at }),
        None => Ok(()),
    }
}
