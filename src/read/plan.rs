use std::{cell::OnceCell, collections::HashSet};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONNECTION, USER_AGENT},
};

use super::{
    Extracted, Trust,
    clients::Clients,
    collector::Collector,
    lines::{Hidden, Line, lines},
    pass::Reading,
    readers::{HeaderReader, PrefixReader, ReadNames, Readers, VendorReader},
};
use crate::{
    Field, Metadata, Reason,
    field::{Wire, trim_ows},
    header_set::{Match, Removal, connection},
    limits::RequestLimits,
    rule::Definition,
};

/// Plan for reading the headers of a set of conventions: the readers of each name.
pub(crate) struct ReadPlan {
    names: ReadNames,
    vendors: Vec<VendorReader>,
    clients: Clients,
}

/// Match of a header's name with a name of the plan.
type Found<'p, 'h> = Match<'p, 'h, Readers, PrefixReader>;

/// Work that remains for the headers of a request after reading.
#[derive(Debug)]
pub(crate) struct Followup {
    /// The headers for [`ReadPlan::remove`], or `None` if they stay.
    pub(crate) to_strip: Option<Removal>,
    /// The field lines for [`ReadPlan::mark_sensitive`].
    pub(crate) to_mark_sensitive: Hidden,
}

impl Followup {
    /// Creates the followup of a pass, which collects the headers to remove if `strip` is
    /// true.
    pub(crate) fn new(strip: bool) -> Self {
        Self {
            to_strip: strip.then(Removal::default),
            to_mark_sensitive: Hidden::default(),
        }
    }
}

impl ReadPlan {
    /// Creates a plan for these conventions, in order of precedence.
    pub(crate) fn new<'a>(definitions: impl IntoIterator<Item = &'a Definition>) -> Self {
        let mut collector = Collector::default();
        for definition in definitions {
            collector.add(definition);
        }
        let (mut names, vendors, clients) = collector.finish();
        if !clients.is_empty() {
            names.also_match(&USER_AGENT);
        }
        Self {
            names,
            vendors,
            clients,
        }
    }

    /// Removes every header of the conventions, look-alikes included, and their members
    /// of baggage.
    pub(crate) fn remove_from(&self, headers: &mut HeaderMap) {
        self.names.remove_from(headers);
    }

    /// Removes the headers that reading has found, as [`remove_from`](Self::remove_from) does.
    pub(crate) fn remove(&self, removal: Removal, headers: &mut HeaderMap) {
        self.names.remove(removal, headers);
    }

    /// Returns the header that carries [`Metadata::session`], with the session, if the
    /// session is its whole value.
    pub(crate) fn session_header(
        &self,
        headers: &HeaderMap,
        limits: RequestLimits,
    ) -> Option<(HeaderName, HeaderValue)> {
        let mut reading = self.reading(headers, None, None, limits);
        // If the request exceeds the limits, no session is read from it.
        let mut followup = Followup::new(false);
        self.read_lines(headers, &mut reading, &mut followup).ok()?;
        let session = reading.finish().metadata.session()?;
        let name = reading.session_header()?;
        // The session was read from this header, so it exists.
        let value = headers.get(name)?;
        let is_all = trim_ows(value) == session.as_str().as_bytes();
        is_all.then(|| (name.clone(), session.into_value().into_wire()))
    }

    /// Reads the headers of a request. An earlier layer may have read the metadata in
    /// `earlier` from it.
    pub(crate) fn read(
        &self,
        headers: &HeaderMap,
        trust: Option<&Trust>,
        earlier: Option<&Metadata>,
        limits: RequestLimits,
        followup: &mut Followup,
    ) -> Extracted {
        let mut reading = self.reading(headers, trust, earlier, limits);
        match self.read_lines(headers, &mut reading, followup) {
            Ok(()) => reading.finish(),
            Err(reason) => {
                // The pass ended early, so any other header may be owned or sensitive.
                followup.to_strip = followup.to_strip.take().map(|_| Removal::partial());
                followup.to_mark_sensitive = Hidden::ANY;
                Extracted::nothing(reason)
            }
        }
    }

    fn reading<'h>(
        &'h self,
        headers: &'h HeaderMap,
        trust: Option<&'h Trust>,
        earlier: Option<&'h Metadata>,
        limits: RequestLimits,
    ) -> Reading<'h> {
        Reading::new(
            headers,
            trust,
            earlier,
            &self.clients,
            &self.vendors,
            limits,
        )
    }

    /// Reads every header.
    ///
    /// # Errors
    ///
    /// Returns an error if the headers exceed the limits.
    fn read_lines<'h>(
        &self,
        headers: &'h HeaderMap,
        reading: &mut Reading<'h>,
        followup: &mut Followup,
    ) -> Result<(), Reason> {
        let nominated = OnceCell::new();
        for line in lines(headers, |name| self.names.might_contain(name)) {
            if *line.name == USER_AGENT {
                reading.agent.set(line);
            } else {
                self.read_line(line, headers, reading, &nominated, followup)?;
            }
        }
        Ok(())
    }

    /// Reads a header that passed the prefilter.
    ///
    /// # Errors
    ///
    /// Returns an error if the header exceeds the limits.
    // Out of line, so that the loop over all headers keeps its values in registers. Most
    // headers do not pass the prefilter, and each of them costs one instruction less.
    #[inline(never)]
    fn read_line<'h>(
        &self,
        line: Line<'h>,
        headers: &'h HeaderMap,
        reading: &mut Reading<'h>,
        nominated: &OnceCell<Option<HashSet<HeaderName>>>,
        followup: &mut Followup,
    ) -> Result<(), Reason> {
        let Some(found) = self.names.find(line.name.as_str()) else {
            if let Some(removal) = &mut followup.to_strip {
                removal.add_unmatched(line.name);
            }
            return Ok(());
        };
        let is_removed = match &mut followup.to_strip {
            Some(removal) => removal.add(&self.names, &found, line.name),
            None => false,
        };
        if is_sensitive(&found) && !is_removed {
            followup.to_mark_sensitive.add(line);
        }
        let nominated = nominated.get_or_init(|| {
            let is_ours = |name: &HeaderName| self.names.contains(name);
            headers
                .contains_key(CONNECTION)
                .then(|| connection::nominated(headers, is_ours))
        });
        if nominated
            .as_ref()
            .is_some_and(|nominated| nominated.contains(line.name))
        {
            if !is_removed {
                followup.to_mark_sensitive.add(line);
            }
            nominated_header(&found, line, reading);
            return Ok(());
        }
        header(&found, line, reading)
    }

    /// Marks the values of sensitive fields that stay on the request, so that `Debug` does
    /// not show them.
    pub(crate) fn mark_sensitive(&self, hidden: Hidden, headers: &mut HeaderMap) {
        if hidden.is_certain() {
            hidden.mark(headers);
            return;
        }
        for (name, value) in headers.iter_mut() {
            let found = self.names.find(name.as_str());
            if found.is_some_and(|found| is_sensitive(&found)) {
                value.set_sensitive(true);
            }
        }
    }
}

/// Reads a header of the conventions.
///
/// # Errors
///
/// Returns an error if the header exceeds the limits.
fn header<'h>(
    found: &Found<'_, 'h>,
    line: Line<'h>,
    reading: &mut Reading<'h>,
) -> Result<(), Reason> {
    match *found {
        Match::Prefix(prefix) => {
            reading.sent_by(prefix.client);
            if let Some(reader) = &prefix.properties {
                // The name has the prefix.
                let key = line.name.as_str().get(prefix.len..).unwrap_or_default();
                reading.property(reader, key, line)?;
            }
        }
        Match::Exact(readers) => {
            if readers.is_passed_on {
                reading.pass_on(line);
            }
            if let Some(reader) = reader(readers, line, reading) {
                reading.sent_by(reader.client);
                if let Some(content) = &reader.content {
                    if !reader.is_shared {
                        reading.take(line)?;
                    }
                    reading.content(content, line);
                }
            }
        }
        Match::Vendor { vendor, prefix } => {
            reading.sent_by(prefix.and_then(|prefix| prefix.client));
            reading.take(line)?;
            reading.vendor(vendor, line);
        }
        Match::LookAlike(readers) => look_alike(readers, line, reading),
    }
    Ok(())
}

/// Reports a header of the conventions that is nominated by `Connection`. A look-alike
/// carries no field, so it is reported as a look-alike.
fn nominated_header<'h>(found: &Found<'_, 'h>, line: Line<'h>, reading: &mut Reading<'h>) {
    match *found {
        Match::Exact(readers) => {
            if readers.is_passed_on {
                reading.vendor_fault(line.name, Reason::Nominated);
            } else if let Some(reader) = reader(readers, line, reading) {
                reading.nominated(reader.content.as_ref(), line);
            }
        }
        Match::Vendor { vendor, .. } => reading.nominated_vendor(vendor, line),
        Match::LookAlike(readers) => look_alike(readers, line, reading),
        Match::Prefix(_) => reading.nominated(None, line),
    }
}

/// Reports a look-alike, unless other software uses the header that it resembles too.
fn look_alike<'h>(readers: Option<&Readers>, line: Line<'h>, reading: &mut Reading<'h>) {
    let owned = readers
        .into_iter()
        .flat_map(Readers::iter)
        .find(|reader| !reader.is_shared);
    // A look-alike of a shared header is not removed, like the header, so it is not reported.
    if readers.is_none() || owned.is_some() {
        reading.look_alike(owned.and_then(|reader| reader.content.as_ref()), line);
    }
}

/// Returns the reader that applies to a request. Readers for another `User-Agent`, or beside
/// a header that the request does not have, do not apply. Of the others, the first that accepts
/// the value applies. If none accepts it, the first that reads the header applies, so that the
/// value is reported.
#[inline]
fn reader<'p>(
    readers: &'p Readers,
    line: Line<'_>,
    reading: &mut Reading<'_>,
) -> Option<&'p HeaderReader> {
    if readers.first.is_always {
        return Some(&readers.first);
    }
    reader_of_several(readers, line, reading)
}

#[inline(never)]
fn reader_of_several<'p>(
    readers: &'p Readers,
    line: Line<'_>,
    reading: &mut Reading<'_>,
) -> Option<&'p HeaderReader> {
    let mut fallback: Option<&HeaderReader> = None;
    for reader in readers.iter() {
        if !reader.agents.is_empty() && !reading.agent.begins_with(&reader.agents) {
            continue;
        }
        if !reader.applies_beside(reading.headers) {
            continue;
        }
        if reader.fits(line.value) {
            return Some(reader);
        }
        if fallback.is_none_or(|fallback| fallback.content.is_none()) {
            fallback = Some(reader);
        }
    }
    fallback
}

/// Returns true if the value of a matched header must be hidden.
const fn is_sensitive(found: &Found<'_, '_>) -> bool {
    match found {
        Match::Exact(readers) | Match::LookAlike(Some(readers)) => readers.is_sensitive,
        Match::Prefix(prefix) => prefix.properties.is_some(),
        Match::LookAlike(None) | Match::Vendor { .. } => false,
    }
}
