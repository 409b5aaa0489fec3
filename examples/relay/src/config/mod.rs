//! The relay's configuration file. `relay.example.toml` documents every key.

mod limits;

use std::{
    collections::BTreeSet,
    env, fmt, fs,
    path::{Path, PathBuf},
};

use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use ipnet::IpNet;
use serde::Deserialize;
use tower_metadata_headers::{AffinityKeys, Convention, conventions, serde::Configuration};

use self::limits::{LimitsTable, TimeoutsTable};
use super::{
    Settings,
    affinity::Affinity,
    base_url::BaseUrl,
    host_names::HostNames,
    keys::Keys,
    settings::{LogFormat, Route},
    telemetry::CollectorUrl,
};

/// Environment variable with the secret of pseudonyms, which a file should not have.
pub(crate) const PSEUDONYM_SECRET: &str = "RELAY_PSEUDONYM_SECRET";

/// Configuration from a file.
#[derive(Debug, Default)]
pub struct Config {
    /// The address to listen on.
    pub listen: Option<String>,
    /// The format of the log.
    pub log: LogFormat,
    /// The collector of spans.
    pub collector: Option<CollectorUrl>,
    /// The relay's behaviour.
    pub settings: Settings,
    /// The operator's own conventions.
    pub conventions: Vec<Convention>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Returns an error if a file can't be read, or if a key or a value is invalid.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = text_of(path)?;
        let file: File = toml::from_str(&text).map_err(|error| ConfigError::new(path, error))?;
        file.config(path)
            .map_err(|problem| ConfigError::new(path, problem))
    }

    /// Reads a file with conventions and destinations alone, as `tower_metadata_headers`
    /// defines it.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read, or if a key or a value is invalid.
    pub fn read_metadata(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = text_of(path)?;
        let metadata = toml::from_str(&text).map_err(|error| ConfigError::new(path, error))?;
        self.set_metadata(&metadata)
            .map_err(|problem| ConfigError::new(path, problem))
    }

    fn set_metadata(&mut self, metadata: &Configuration) -> Result<(), String> {
        if let Some(read) = metadata.read() {
            self.settings.read = read.clone();
        }
        self.conventions = metadata.conventions().to_vec();
        let mut destinations = metadata.destinations().clone();
        if let Some(secret) = env::var_os(PSEUDONYM_SECRET) {
            destinations = destinations
                .pseudonym_secret(secret.as_encoded_bytes())
                .map_err(|error| format!("{PSEUDONYM_SECRET}: {error}"))?;
        }
        self.settings.destinations = destinations;
        Ok(())
    }

    /// Returns the convention with this name: the operator's own, or a built-in one.
    ///
    /// # Errors
    ///
    /// Returns an error that names all known conventions.
    pub fn convention(&self, name: &str) -> Result<Convention, String> {
        if let Some(own) = self.conventions.iter().find(|own| own.name() == name) {
            return Ok(own.clone());
        }
        Convention::by_name(name).map_err(|error| {
            let known = self.conventions.iter().cloned().chain(conventions::all());
            let known: Vec<String> = known
                .map(|convention| convention.name().to_owned())
                .collect();
            format!("{error}\nknown conventions: {}", known.join(", "))
        })
    }
}

fn text_of(path: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|error| ConfigError::new(path, error))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct File {
    listen: Option<String>,
    log: LogFormat,
    otlp: Option<String>,
    strict: bool,
    upstreams: Vec<UpstreamTable>,
    trust: TrustTable,
    limits: LimitsTable,
    timeouts: TimeoutsTable,
    affinity: Option<AffinityTable>,
    metadata: Option<Configuration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpstreamTable {
    name: String,
    urls: Vec<String>,
    send_as: String,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    models: Vec<String>,
    /// The environment variable with the upstream's key.
    key_env: Option<String>,
    /// The header of the key, if it is not a bearer token in `Authorization`.
    key_header: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct TrustTable {
    all: bool,
    peers: Vec<IpNet>,
    hosts: Vec<String>,
    keys: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AffinityTable {
    header: String,
    /// The environment variable with the secret.
    secret_env: String,
}

impl File {
    fn config(self, path: &Path) -> Result<Config, String> {
        let collector = self.otlp.map(|url| url.parse()).transpose();
        let mut config = Config {
            listen: self.listen,
            log: self.log,
            collector: collector.map_err(|error| format!("otlp: {error}"))?,
            ..Config::default()
        };
        if let Some(metadata) = &self.metadata {
            config.set_metadata(metadata)?;
        }
        let mut names = BTreeSet::new();
        let mut routes = Vec::new();
        for (index, upstream) in self.upstreams.into_iter().enumerate() {
            let located = |problem: String| format!("upstreams[{index}].{problem}");
            if !names.insert(upstream.name.clone()) {
                return Err(located("name: is repeated".to_owned()));
            }
            routes.push(upstream.route(&config).map_err(located)?);
        }
        let keys = self.trust.keys.map(|keys| {
            // Relative to the file that names it.
            let keys = path.parent().unwrap_or(Path::new("")).join(keys);
            let text = text_of(&keys).map_err(|error| format!("trust.keys: {error}"))?;
            let parsed = Keys::parse(&text);
            parsed.map_err(|error| format!("trust.keys: {}: {error}", keys.display()))
        });
        let hosts = HostNames::new(self.trust.hosts);
        let affinity = self.affinity.map(AffinityTable::affinity).transpose();
        config.settings = Settings {
            routes,
            affinity: affinity.map_err(|error| format!("affinity.{error}"))?,
            strict: self.strict,
            trust_identity: self.trust.all,
            trusted_peers: self.trust.peers,
            hosts: hosts.map_err(|error| format!("trust.hosts: {error}"))?,
            keys: keys.transpose()?,
            limits: limits::limits(&self.limits, &self.timeouts)?,
            ..config.settings
        };
        Ok(config)
    }
}

impl UpstreamTable {
    fn route(self, config: &Config) -> Result<Route, String> {
        if self.name.is_empty() {
            return Err("name: must not be empty".to_owned());
        }
        if self.urls.is_empty() {
            return Err("urls: must not be empty".to_owned());
        }
        let urls = self.urls.iter().map(|url| url.parse::<BaseUrl>());
        let urls: Result<Vec<BaseUrl>, _> = urls.collect();
        if let Some(path) = self.paths.iter().find(|path| !path.starts_with('/')) {
            return Err(format!("paths: {path:?} must begin with a slash"));
        }
        let is_pattern = |model: &String| {
            let start = model.strip_suffix('*').unwrap_or(model);
            !model.is_empty() && !start.contains('*')
        };
        if let Some(model) = self.models.iter().find(|model| !is_pattern(model)) {
            return Err(format!("models: {model:?} may have `*` at its end only"));
        }
        Ok(Route {
            urls: urls.map_err(|error| format!("urls: {error}"))?,
            send_as: config
                .convention(&self.send_as)
                .map_err(|error| format!("send_as: {error}"))?,
            key: key(self.key_env.as_deref(), self.key_header.as_deref())?,
            name: self.name.into(),
            paths: self.paths,
            models: self.models,
        })
    }
}

impl AffinityTable {
    fn affinity(self) -> Result<Affinity, String> {
        let header = HeaderName::try_from(self.header);
        let header = header.map_err(|_| "header: must be a valid header name".to_owned())?;
        let variable = self.secret_env;
        let invalid = |problem: &dyn fmt::Display| format!("secret_env: {variable}: {problem}");
        let secret = env::var_os(&variable).ok_or_else(|| invalid(&"not set"))?;
        let keys = AffinityKeys::new(secret.as_encoded_bytes());
        Ok(Affinity {
            keys: keys.map_err(|error| invalid(&error))?,
            header,
        })
    }
}

/// Returns the header with the key in an environment variable.
fn key(
    variable: Option<&str>,
    header: Option<&str>,
) -> Result<Option<(HeaderName, HeaderValue)>, String> {
    let Some(variable) = variable else {
        return match header {
            Some(_) => Err("key_header: needs `key_env`".to_owned()),
            None => Ok(None),
        };
    };
    let invalid = |problem| format!("key_env: {variable}: {problem}");
    let key = env::var(variable).map_err(|_| invalid("not set"))?;
    let (name, value) = match header {
        Some(name) => (HeaderName::try_from(name), key),
        None => (Ok(AUTHORIZATION), format!("Bearer {key}")),
    };
    let name = name.map_err(|_| "key_header: must be a valid header name".to_owned())?;
    let value = HeaderValue::try_from(value);
    let mut value = value.map_err(|_| invalid("not valid in a header"))?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

/// Error in a configuration file. It has no value of a key.
#[derive(Debug)]
pub struct ConfigError {
    path: PathBuf,
    problem: String,
}

impl ConfigError {
    fn new(path: &Path, problem: impl fmt::Display) -> Self {
        Self {
            path: path.to_owned(),
            problem: problem.to_string(),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for ConfigError {}
