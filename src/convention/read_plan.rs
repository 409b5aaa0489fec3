use std::{cell::LazyCell, collections::HashSet};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONNECTION, USER_AGENT},
};

use super::{
    ConventionBuilder, Extracted, RequestLimits,
    clients::Clients,
    connection,
    lines::{Hidden, Line, lines},
    names::{Found, Names},
    reading::Reading,
    table::{Content, Table, Target, VendorReader},
};
use crate::{
    Fault, Field, Metadata, Reason,
    field::{Wire, trim_ows},
};

/// Plan for reading the headers of some conventions: the readers of each name.
pub(super) struct ReadPlan {
    names: Names,
    targets: Vec<Target>,
    vendors: Vec<VendorReader>,
    clients: Clients,
}

/// Trust in what the sender of a request says of identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    CorrelationOnly,
    Identity,
}

/// Work that is left to do with the headers of a request that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Followup {
    /// There may be something for [`ConventionSet::remove_from`].
    pub(crate) to_strip: bool,
    /// The lines for [`ConventionSet::mark_sensitive`].
    pub(crate) to_mark_sensitive: Hidden,
}

impl ReadPlan {
    /// Creates a plan for these conventions, in order of precedence.
    pub(super) fn new<'a>(builders: impl IntoIterator<Item = &'a ConventionBuilder>) -> Self {
        let mut table = Table::default();
        for builder in builders {
            table.add(builder);
        }
        let vendors = table.vendors.iter().map(|vendor| vendor.pattern);
        let mut names = Names::new(table.names, table.families, vendors);
        if !table.clients.is_empty() {
            names.also_match(&USER_AGENT);
        }
        Self {
            names,
            targets: table.targets,
            vendors: table.vendors,
            clients: table.clients,
        }
    }

    /// Returns the header that [`Metadata::session`] comes in, with the session,
    /// if it is all of the header's value.
    pub(super) fn session_header(
        &self,
        headers: &HeaderMap,
        limits: RequestLimits,
    ) -> Option<(HeaderName, HeaderValue)> {
        let mut reading = self.reading(headers, Trust::CorrelationOnly, None, limits);
        self.read_lines(headers, &mut reading).ok()?;
        let session = reading.finish().metadata.session()?;
        let name = reading.session_header()?;
        let value = headers.get(name)?;
        let is_all = trim_ows(value) == session.as_str().as_bytes();
        is_all.then(|| (name.clone(), session.into_value().into_wire()))
    }

    /// Reads the headers of a request of which an earlier layer may know this
    /// metadata.
    pub(super) fn read(
        &self,
        headers: &HeaderMap,
        trust: Trust,
        earlier: Option<&Metadata>,
        limits: RequestLimits,
    ) -> (Extracted, Followup) {
        let mut reading = self.reading(headers, trust, earlier, limits);
        match self.read_lines(headers, &mut reading) {
            Ok(followup) => (reading.finish(), followup),
            Err(reason) => Self::over_limits(reason),
        }
    }

    fn reading<'h>(
        &'h self,
        headers: &'h HeaderMap,
        trust: Trust,
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
    /// Returns an error if that would exceed the limits.
    fn read_lines<'h>(
        &self,
        headers: &'h HeaderMap,
        reading: &mut Reading<'h>,
    ) -> Result<Followup, Reason> {
        let names = &self.names;
        let mut followup = Followup::default();
        let nominated = LazyCell::new(|| {
            let is_ours = |name: &HeaderName| names.find(name.as_str()).is_some();
            let is_there = headers.contains_key(CONNECTION);
            is_there.then(|| connection::nominated(headers, is_ours))
        });
        for line in lines(headers, |name| names.might_contain(name)) {
            if *line.name == USER_AGENT {
                reading.agent.came(line);
                continue;
            }
            let Some(found) = names.find(line.name.as_str()) else {
                followup.to_strip |= *line.name == CONNECTION;
                continue;
            };
            followup.to_strip = true;
            if self.is_sensitive(found) {
                followup.to_mark_sensitive.add(line);
            }
            let nominates = |names: &HashSet<HeaderName>| names.contains(line.name);
            if nominated.as_ref().is_some_and(nominates) {
                followup.to_mark_sensitive.add(line);
                self.nominated(found, line, reading);
            } else {
                self.header(found, line, reading)?;
            }
        }
        Ok(followup)
    }

    /// Reads a header that is one of ours.
    ///
    /// # Errors
    ///
    /// Returns an error if that would exceed the limits.
    fn header<'h>(
        &self,
        found: Found<'h>,
        line: Line<'h>,
        reading: &mut Reading<'h>,
    ) -> Result<(), Reason> {
        match found {
            Found::Family(client) => reading.sent_by(self.client(client)),
            Found::Name(first) => {
                if let Some(target) = self.target(first, line, reading) {
                    reading.sent_by(target.client);
                    reading.header(target, line)?;
                }
            }
            Found::Vendor(vendor) => {
                let family = self.names.family(line.name.as_str());
                reading.sent_by(family.and_then(|client| self.client(client)));
                reading.vendor(vendor, line)?;
            }
            Found::LookAlike(first) => self.look_alike(first, line, reading),
        }
        Ok(())
    }

    /// Reports a header of ours that `Connection` names. A look-alike carries
    /// nothing that could be invalid, so it is reported as what it is.
    fn nominated<'h>(&self, found: Found<'h>, line: Line<'h>, reading: &mut Reading<'h>) {
        match found {
            Found::Name(first) => {
                if let Some(target) = self.target(first, line, reading) {
                    reading.nominated(target, line);
                }
            }
            Found::Vendor(vendor) => reading.nominated_vendor(vendor, line),
            Found::LookAlike(first) => self.look_alike(first, line, reading),
            Found::Family(_) => {
                let fault = Fault::new(Reason::Nominated);
                reading.faults.push(fault.header(line.name));
            }
        }
    }

    fn look_alike<'h>(&self, first: Option<usize>, line: Line<'h>, reading: &mut Reading<'h>) {
        let mut owned = first.into_iter().flat_map(|first| self.chain(first));
        let target = owned.find(|target| !target.is_shared);
        // A look-alike of what is only others' is others' too.
        if first.is_none() || target.is_some() {
            reading.look_alike(target.map(|target| &target.content), line);
        }
    }

    /// Returns the result for a request with too much metadata: nothing, as no part
    /// counts for more than another.
    fn over_limits(reason: Reason) -> (Extracted, Followup) {
        let mut extracted = Extracted::default();
        extracted.faults.push(Fault::new(reason));
        // What was not looked at may be anything.
        let followup = Followup {
            to_strip: true,
            to_mark_sensitive: Hidden::ANY,
        };
        (extracted, followup)
    }

    /// Marks the values of sensitive fields that stay on the request, so that
    /// no `Debug` shows them.
    pub(super) fn mark_sensitive(&self, hidden: Hidden, headers: &mut HeaderMap) {
        if hidden.is_certain() {
            hidden.mark(headers);
            return;
        }
        for (name, value) in headers.iter_mut() {
            let found = self.names.find(name.as_str());
            if found.is_some_and(|found| self.is_sensitive(found)) {
                value.set_sensitive(true);
            }
        }
    }

    /// Returns true if the value of a header that was found is to be hidden.
    fn is_sensitive(&self, found: Found<'_>) -> bool {
        let target = found.target();
        let target = target.and_then(|target| self.targets.get(target));
        target.is_some_and(|target| target.is_sensitive)
    }

    /// Returns what a name carries in this request: of the conventions that know
    /// it, the first whose client sent it and that takes the value; where none
    /// takes it, the first that reads it.
    fn target(&self, first: usize, line: Line<'_>, reading: &mut Reading<'_>) -> Option<&Target> {
        let head = self.targets.get(first)?;
        if head.is_always {
            return Some(head);
        }
        let mut refused: Option<&Target> = None;
        for target in self.chain(first) {
            if !target.agents.is_empty() && !reading.agent.begins_with(target.agents) {
                continue;
            }
            if target.fits(line.value) {
                return Some(target);
            }
            let is_better = |other: &&Target| matches!(other.content, Content::Nothing);
            if refused.as_ref().is_none_or(is_better) {
                refused = Some(target);
            }
        }
        refused
    }

    /// All that a name carries, in one convention or another.
    fn chain(&self, first: usize) -> impl Iterator<Item = &Target> {
        std::iter::successors(self.targets.get(first), |target| {
            self.targets.get(target.next?)
        })
    }

    fn client(&self, index: usize) -> Option<usize> {
        self.clients.get(index).map(|_| index)
    }
}
