use std::borrow::Cow;

use super::{InvalidConvention, InvalidConventionKind, Subject, check::check_user_agents};
use crate::{ClientName, FieldKey};

/// Program that sends a convention's headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) name: Cow<'static, str>,
    /// Prefixes of its `User-Agent`, ignoring case.
    pub(crate) agents: Vec<Cow<'static, str>>,
}

/// Minimum length of a prefix of a client's `User-Agent`, in bytes. A shorter prefix would
/// match other clients by accident.
const MIN_AGENT_LEN: usize = 4;

impl Client {
    /// Checks the name and the prefixes.
    pub(super) fn check(&self) -> Result<(), InvalidConvention> {
        if FieldKey::of::<ClientName>().parse(&self.name).is_err() {
            let kind = InvalidConventionKind::InvalidText;
            return Err(InvalidConvention::new(Subject::Client, &self.name, kind));
        }
        check_user_agents(&self.agents, MIN_AGENT_LEN)
    }
}
