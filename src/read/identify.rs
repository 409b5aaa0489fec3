use super::{decoded::Value, pass::Reading};
use crate::{ClientName, ClientVersion, FieldKey, SessionId, header_set::vendors::VendorSession};

impl<'h> Reading<'h> {
    /// Sets the client's name and version.
    ///
    /// The sources of the name, in order of precedence: a header with the name, the
    /// `User-Agent`, a header that only one client sends, the title that is shown to
    /// people, and the vendor in the name of the session's header.
    pub(super) fn identify(&mut self) {
        let name = FieldKey::of::<ClientName>();
        let title = self.candidates.take_low_precedence(name);
        let vendor = self.session_vendor();
        if self.clients.is_empty() && vendor.is_none() && title.is_none() {
            return;
        }
        let by_agent = self.agent.client(self.clients);
        if self.candidates.is_vacant(name) {
            let client = by_agent
                .map(|(client, _)| client)
                .or_else(|| self.clients.get(self.client?))
                .map(|client| Value::Borrowed(&client.name))
                .or(title)
                // A vendor's name is letters, digits and hyphens, so it is invalid only if
                // it is too long. Then the client stays unknown.
                .or_else(|| Some(self.candidates.intern(name.parse(vendor?).ok()?)));
            if let Some(client) = client {
                self.candidates.set(name, client);
            }
        }
        // The version in the `User-Agent` belongs to the client that the `User-Agent` names,
        // so it is read only if that client counts. An invalid version is ignored without a
        // fault, because `User-Agent` is not a metadata header.
        let version = FieldKey::of::<ClientVersion>();
        if let Some((client, prefix)) = by_agent
            && self.candidates.value(name) == Some(&client.name)
            && self.candidates.is_vacant(version)
            && let Some(value) = self.agent.version(prefix)
        {
            let value = self.candidates.intern(value);
            self.candidates.set(version, value);
        }
    }

    /// Returns the vendor in the name of the session's header, if it is the client's name.
    fn session_vendor(&self) -> Option<&'h str> {
        let session = self.candidates.counted(FieldKey::of::<SessionId>())?;
        self.vendors
            .iter()
            .find(|vendor| vendor.names_client(session.sender))?;
        VendorSession::parse(session.header.as_str()).map(|session| session.vendor)
    }
}
