use std::sync::OnceLock;

use http::{HeaderMap, Uri};

use super::{
    host::{Host, Port},
    index::Index,
    policy::HostPolicy,
    target::{Kind, Target},
};
use crate::{
    Convention, Metadata, Reason, WriteReport,
    write::{Existing, OwnedHeaders, owned_headers},
};

/// Policies of all hosts, and the headers that belong to their conventions.
#[derive(Debug, Default)]
pub(super) struct Policies {
    /// Policies by host pattern, in the order in which they were added.
    hosts: Vec<(String, HostPolicy)>,
    /// Index of each host in `hosts`.
    index: Index,
    fallback: Option<HostPolicy>,
    /// Policies by provider.
    providers: Vec<(String, HostPolicy)>,
    /// Hosts of proxies, behind which the provider decides, and not the host.
    proxies: Vec<String>,
    proxy_index: Index,
    /// Headers that belong to any of the conventions, computed on first use.
    owned: OnceLock<OwnedHeaders>,
}

impl Policies {
    pub(super) fn add(&mut self, host: Host, port: Port, policy: HostPolicy) {
        let pattern = format!("{host}{port}");
        self.index.add(host, port, self.hosts.len());
        self.hosts.push((pattern, policy));
        // The cached headers do not include those of the new convention.
        self.owned = OnceLock::new();
    }

    pub(super) fn set_fallback(&mut self, policy: HostPolicy) {
        self.fallback = Some(policy);
        self.owned = OnceLock::new();
    }

    pub(super) fn add_provider(&mut self, name: &str, policy: HostPolicy) {
        self.providers.push((name.to_owned(), policy));
        self.owned = OnceLock::new();
    }

    pub(super) fn add_proxy(&mut self, host: Host, port: Port) {
        let pattern = format!("{host}{port}");
        self.proxy_index.add(host, port, self.proxies.len());
        self.proxies.push(pattern);
    }

    pub(super) fn proxies(&self) -> &[String] {
        &self.proxies
    }

    /// Replaces each policy with the result of the closure. The conventions stay.
    #[cfg(feature = "hmac")]
    pub(super) fn try_map<E>(
        &mut self,
        change: impl Fn(&HostPolicy) -> Result<HostPolicy, E>,
    ) -> Result<(), E> {
        let named = self.hosts.iter_mut().chain(&mut self.providers);
        let named = named.map(|(_, policy)| policy);
        for policy in named.chain(&mut self.fallback) {
            *policy = change(policy)?;
        }
        Ok(())
    }

    pub(super) fn hosts(&self) -> &[(String, HostPolicy)] {
        &self.hosts
    }

    pub(super) fn providers(&self) -> &[(String, HostPolicy)] {
        &self.providers
    }

    pub(super) const fn fallback(&self) -> Option<&HostPolicy> {
        self.fallback.as_ref()
    }

    #[inline]
    pub(super) fn owned(&self) -> &OwnedHeaders {
        self.owned.get_or_init(|| {
            owned_headers(self.conventions().into_iter().map(Convention::definition))
        })
    }

    /// Returns the conventions of all policies. One that several policies share is in the
    /// list once.
    pub(super) fn conventions(&self) -> Vec<&Convention> {
        let mut conventions: Vec<&Convention> = Vec::new();
        let named = self.hosts.iter().chain(&self.providers);
        let named = named.map(|(_, policy)| policy);
        for policy in named.chain(&self.fallback) {
            let convention = policy.convention();
            if !conventions.iter().any(|earlier| earlier.is(convention)) {
                conventions.push(convention);
            }
        }
        conventions
    }

    /// Prepares the headers for writing.
    #[inline]
    pub(super) fn prepare(&self, headers: &mut HeaderMap, existing: Existing) {
        match existing {
            Existing::Removed => self.owned().remove_from(headers),
            Existing::Kept => self.owned().unlist_from_connection(headers),
        }
    }

    /// Returns the policy for a request to this URI, which may name its provider, or the
    /// reason why it gets no metadata.
    #[inline]
    pub(super) fn policy_for(
        &self,
        uri: &Uri,
        provider: Option<&str>,
    ) -> Result<&HostPolicy, Reason> {
        if !self.proxies.is_empty() && self.proxy_index.find(uri).is_some() {
            let policy = provider.map(|name| self.policy_for_provider(name));
            return match policy {
                Some(Ok(policy)) if !policy.accepts(uri) => Err(Reason::InsecureScheme),
                Some(policy) => policy,
                None => Err(Reason::UnknownDestination),
            };
        }
        let host = if self.hosts.is_empty() {
            None
        } else {
            let host = self.index.find(uri).and_then(|at| self.hosts.get(at));
            host.map(|(_, policy)| policy)
        };
        match host.or(self.fallback.as_ref()) {
            Some(policy) if policy.accepts(uri) => Ok(policy),
            Some(_) => Err(Reason::InsecureScheme),
            None => Err(Reason::UnknownDestination),
        }
    }

    /// Returns the policy for a provider, or the reason why it gets no metadata.
    fn policy_for_provider(&self, name: &str) -> Result<&HostPolicy, Reason> {
        let mut providers = self.providers.iter();
        providers
            .find(|(provider, _)| provider == name)
            .map(|(_, policy)| policy)
            .ok_or(Reason::UnknownDestination)
    }

    pub(super) fn decide_target(&self, target: Target<'_>) -> Decision<'_> {
        let policy = match target.0 {
            Kind::Uri(uri, provider) => self.policy_for(uri, provider),
            Kind::Provider(name) => self.policy_for_provider(name),
        };
        Decision {
            policies: self,
            policy,
        }
    }

    #[inline]
    pub(super) fn decide(&self, uri: &Uri, provider: Option<&str>) -> Decision<'_> {
        Decision {
            policies: self,
            policy: self.policy_for(uri, provider),
        }
    }

    #[inline]
    pub(super) const fn refuse(&self, reason: Reason) -> Decision<'_> {
        Decision {
            policies: self,
            policy: Err(reason),
        }
    }
}

/// The clone is about to be changed, so it does not copy the cached headers.
impl Clone for Policies {
    fn clone(&self) -> Self {
        Self {
            hosts: self.hosts.clone(),
            index: self.index.clone(),
            fallback: self.fallback.clone(),
            providers: self.providers.clone(),
            proxies: self.proxies.clone(),
            proxy_index: self.proxy_index.clone(),
            owned: OnceLock::new(),
        }
    }
}

/// Decision on a request: its host's policy, or the reason why it gets no metadata.
#[derive(Clone, Copy)]
pub(crate) struct Decision<'d> {
    policies: &'d Policies,
    policy: Result<&'d HostPolicy, Reason>,
}

impl Decision<'_> {
    #[inline]
    pub(crate) fn write<'m>(
        self,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
    ) -> WriteReport<'m> {
        self.policies.prepare(headers, existing);
        match self.policy {
            Ok(policy) => policy.fill(metadata, headers, existing),
            Err(reason) => WriteReport::nothing(metadata, reason),
        }
    }
}
