use super::{candidates::Value, pass::Reading};
use crate::{ClientName, ClientVersion, FieldKey, SessionId, header_set::vendors::VendorSession};

impl<'h> Reading<'h> {
    /// Adds the program that sent the request. The first of these counts: a header for the
    /// client's name, the `User-Agent`, a header that only one client sends, a title for
    /// people, the vendor in the session's header.
    pub(super) fn identify(&mut self) {
        let name = FieldKey::of::<ClientName>();
        let title = self.candidates.take_low_precedence(name);
        let vendor = self.session_vendor();
        if self.clients.is_empty() && vendor.is_none() && title.is_none() {
            return;
        }
        let by_agent = self.agent.client(self.clients);
        if self.candidates.is_vacant(name) {
            let by_header = || self.clients.get(self.client?);
            let client = by_agent.or_else(by_header);
            let client = client.map(|client| Value::Borrowed(&client.name));
            // Fails only if the vendor's name is too long for a text.
            let vendor = || name.parse(vendor?).ok();
            let client = client.or(title);
            let client = client.or_else(|| Some(self.candidates.intern(vendor()?)));
            if let Some(client) = client {
                self.candidates.set(name, client);
            }
        }
        // `User-Agent` has the version of the program that it names.
        let version = FieldKey::of::<ClientVersion>();
        let named = by_agent.map(|client| &client.name);
        if named.is_some()
            && self.candidates.value(name) == named
            && self.candidates.is_vacant(version)
            && let Some(Ok(text)) = self.agent.version().map(|text| version.parse(text))
        {
            let text = self.candidates.intern(text);
            self.candidates.set(version, text);
        }
    }

    /// Returns the vendor in the name of the session's header.
    fn session_vendor(&mut self) -> Option<&'h str> {
        let (header, sender) = self.candidates.header(FieldKey::of::<SessionId>())?;
        let mut vendors = self.vendors.iter();
        vendors.find(|vendor| vendor.names_client(sender))?;
        let session = VendorSession::parse(header.as_str());
        session.map(|session| session.vendor)
    }
}
