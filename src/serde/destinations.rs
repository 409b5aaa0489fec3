//! Destinations.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    checks::{check_headers, is_default},
    item::Item,
    list::List,
    located::{Located, quoted},
    names::Names,
};
use crate::{
    Destinations, HostPolicy,
    destination::{Identity, Schemes},
};

/// Maximum number of hosts.
const MAX_HOSTS: usize = 16_384;

/// Maximum number of proxies.
const MAX_PROXIES: usize = 1_024;

/// Maximum number of providers.
const MAX_PROVIDERS: usize = 1_024;

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DestinationsDocument {
    #[serde(default, skip_serializing_if = "is_default")]
    known_providers: bool,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    proxies: List<String, MAX_PROXIES>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fallback: Option<PolicyDocument>,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    hosts: List<HostDocument, MAX_HOSTS>,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    providers: List<ProviderDocument, MAX_PROVIDERS>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyDocument {
    convention: Item,
    #[serde(default, skip_serializing_if = "is_default")]
    http: Http,
    #[serde(default, skip_serializing_if = "is_default")]
    identity: IdentityDocument,
}

// serde's `flatten` does not report unknown fields, so the fields of a policy are repeated.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HostDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    convention: Item,
    #[serde(default, skip_serializing_if = "is_default")]
    http: Http,
    #[serde(default, skip_serializing_if = "is_default")]
    identity: IdentityDocument,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderDocument {
    name: String,
    convention: Item,
    #[serde(default, skip_serializing_if = "is_default")]
    http: Http,
    #[serde(default, skip_serializing_if = "is_default")]
    identity: IdentityDocument,
}

/// Hosts to which metadata is written over plain `http`.
#[derive(Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Http {
    /// As by default.
    #[default]
    Loopback,
    /// As by [`HostPolicy::https_only`].
    Never,
    /// As by [`HostPolicy::allow_http`].
    Always,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum IdentityDocument {
    /// As by default.
    #[default]
    Send,
    /// As by [`HostPolicy::without_identity`].
    Omit,
    /// As by `HostPolicy::pseudonyms_for` this audience.
    Pseudonyms(String),
}

impl DestinationsDocument {
    pub(super) fn is_empty(&self) -> bool {
        self.hosts.is_empty()
            && self.providers.is_empty()
            && self.proxies.is_empty()
            && self.fallback.is_none()
    }

    pub(super) fn build(self, names: &Names) -> Result<Destinations, Located> {
        let mut destinations = Destinations::new();
        for (index, proxy) in self.proxies.into_iter().enumerate() {
            let located = |error| Located::new(error).at(index).within("proxies");
            destinations = destinations.proxy(&proxy).map_err(located)?;
        }
        for (index, entry) in self.hosts.into_iter().enumerate() {
            let located = |error: Located| error.at(index).within("hosts");
            let policy = PolicyDocument {
                convention: entry.convention,
                http: entry.http,
                identity: entry.identity,
            };
            let policy = policy.build(names).map_err(located)?;
            destinations =
                add_host(destinations, entry.host.as_deref(), policy).map_err(located)?;
        }
        check_repeats(destinations.hosts(), "hosts")?;
        for (index, entry) in self.providers.into_iter().enumerate() {
            let located = |error: Located| error.at(index).within("providers");
            let policy = PolicyDocument {
                convention: entry.convention,
                http: entry.http,
                identity: entry.identity,
            };
            let policy = policy.build(names).map_err(located)?;
            destinations = destinations.provider(&entry.name, policy);
        }
        check_repeats(destinations.providers(), "providers")?;
        if self.known_providers {
            destinations = destinations.with_known_providers();
        }
        if let Some(fallback) = self.fallback {
            let policy = fallback.build(names);
            destinations = destinations.fallback(policy.map_err(|error| error.within("fallback"))?);
        }
        check_headers(destinations.conventions())?;
        Ok(destinations)
    }

    pub(super) fn new(destinations: &Destinations, names: &Names) -> Self {
        Self {
            // The known providers are among the hosts and providers.
            known_providers: false,
            proxies: destinations.proxies().map(str::to_owned).collect(),
            fallback: destinations
                .fallback_policy()
                .map(|policy| PolicyDocument::new(policy, names)),
            hosts: first_of_each(destinations.hosts())
                .map(|(host, policy)| {
                    let policy = PolicyDocument::new(policy, names);
                    HostDocument {
                        host: Some(host.to_owned()),
                        convention: policy.convention,
                        http: policy.http,
                        identity: policy.identity,
                    }
                })
                .collect(),
            providers: first_of_each(destinations.providers())
                .map(|(name, policy)| {
                    let policy = PolicyDocument::new(policy, names);
                    ProviderDocument {
                        name: name.to_owned(),
                        convention: policy.convention,
                        http: policy.http,
                        identity: policy.identity,
                    }
                })
                .collect(),
        }
    }
}

/// Adds a host, or the hosts of the policy's convention.
fn add_host(
    destinations: Destinations,
    host: Option<&str>,
    policy: HostPolicy,
) -> Result<Destinations, Located> {
    let added = match host {
        Some(host) => destinations.host(host, policy),
        None if policy.convention().hosts().len() == 0 => {
            let problem = "has no `host`, and its convention has no hosts";
            return Err(Located::new(problem));
        }
        None => destinations.hosts_of(policy),
    };
    added.map_err(Located::new)
}

/// Checks that no host or provider is repeated, because only the first would count.
fn check_repeats<'d>(
    entries: impl Iterator<Item = (&'d str, &'d HostPolicy)>,
    member: &str,
) -> Result<(), Located> {
    let mut known = BTreeSet::new();
    for (name, _) in entries {
        if !known.insert(name) {
            let problem = format!("{} is repeated", quoted(name));
            return Err(Located::new(problem).within(member));
        }
    }
    Ok(())
}

/// Returns an iterator over the entries that count: of those with one name, the first.
fn first_of_each<'d>(
    entries: impl Iterator<Item = (&'d str, &'d HostPolicy)>,
) -> impl Iterator<Item = (&'d str, &'d HostPolicy)> {
    let mut known = BTreeSet::new();
    entries.filter(move |(name, _)| known.insert(*name))
}

impl PolicyDocument {
    fn build(self, names: &Names) -> Result<HostPolicy, Located> {
        let convention = self.convention.build(names);
        let convention = convention.map_err(|error| error.within("convention"))?;
        let policy = HostPolicy::new(convention);
        let policy = match self.http {
            Http::Loopback => policy,
            Http::Never => policy.https_only(),
            Http::Always => policy.allow_http(),
        };
        match self.identity {
            IdentityDocument::Send => Ok(policy),
            IdentityDocument::Omit => Ok(policy.without_identity()),
            #[cfg(feature = "hmac")]
            IdentityDocument::Pseudonyms(audience) => Ok(policy.pseudonyms_for(audience)),
            #[cfg(not(feature = "hmac"))]
            IdentityDocument::Pseudonyms(_) => {
                Err(super::features::needs_hmac().within("identity"))
            }
        }
    }

    fn new(policy: &HostPolicy, names: &Names) -> Self {
        Self {
            convention: Item::new(policy.convention(), names),
            http: match policy.schemes() {
                Schemes::TlsOrLoopback => Http::Loopback,
                Schemes::Tls => Http::Never,
                Schemes::Any => Http::Always,
            },
            identity: match policy.identity() {
                Identity::Sent => IdentityDocument::Send,
                Identity::Omitted => IdentityDocument::Omit,
                #[cfg(feature = "hmac")]
                Identity::AwaitsSecret(audience) => IdentityDocument::Pseudonyms(audience.clone()),
                #[cfg(feature = "hmac")]
                Identity::Replaced(pseudonyms) => {
                    IdentityDocument::Pseudonyms(pseudonyms.audience().to_owned())
                }
            },
        }
    }
}

/// Serializes the hosts, the providers and the fallback, each with its convention and
/// policy. Entries that never count, because an earlier one has the same name, are left
/// out. Of pseudonyms, the audience is serialized and the secret is not.
impl Serialize for Destinations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        DestinationsDocument::new(self, &Names::new()).serialize(serializer)
    }
}

/// Deserializes hosts, providers and a fallback. If pseudonyms replace identity, set their
/// secret with `Destinations::pseudonym_secret`.
impl<'de> Deserialize<'de> for Destinations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = DestinationsDocument::deserialize(deserializer)?;
        document.build(&Names::new()).map_err(Located::into_error)
    }
}
