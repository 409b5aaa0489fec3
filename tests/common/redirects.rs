//! Hosts that redirect to each other.

use http::{Request, Response, StatusCode, header::LOCATION, uri::Authority};
use tower::Service;
use tower_http::follow_redirect::{FollowRedirectLayer, policy};
use tower_metadata_headers::Destinations;

use super::{
    Body, RequestExt, ZOO_LINES, client::send, get, lines, metadata, server::Upstream, zoo,
};

/// Two hosts that redirect these paths of the first host:
///
/// - `/here`: to its own `/end`.
/// - `/away`: to the other host's `/end`.
/// - `/around`: to the other host's `/back`, which redirects to the first
///   host's `/end`.
/// - `/long`: to its own `/around`.
pub(crate) struct Hosts {
    pub(crate) first: Upstream,
    pub(crate) other: Upstream,
}

impl Hosts {
    pub(crate) async fn start() -> Self {
        let back = |path: &str| (path == "/back").then(|| "/end".to_owned());
        let other = Upstream::answering(move |parts| {
            // The query has the first host's name.
            let to = back(parts.uri.path()).zip(parts.uri.query());
            redirect(to.map(|(path, host)| format!("http://{host}{path}")))
        })
        .await;
        let authority = other.authority();
        let first = Upstream::answering(move |parts| {
            let host = parts.headers.get("host").map(|host| host.to_str().unwrap());
            let host = host.or_else(|| parts.uri.authority().map(Authority::as_str));
            redirect(match parts.uri.path() {
                "/here" => Some("/end".into()),
                "/long" => Some("/around".into()),
                "/away" => Some(format!("http://{authority}/end")),
                "/around" => Some(format!("http://{authority}/back?{}", host.unwrap())),
                _ => None,
            })
        })
        .await;
        Self { first, other }
    }

    /// Returns the lines that each host receives from this path on, hop by hop.
    pub(crate) async fn walk<S>(&self, stack: &S, path: &str) -> [Vec<Vec<String>>; 2]
    where
        S: Service<Request<Body>, Response = Response<hyper::body::Incoming>> + Clone,
        S::Error: std::fmt::Debug,
    {
        let request = get(&self.first.uri(path)).metadata(metadata());
        assert_eq!(send(stack, request).await.status(), 200);
        [&self.first, &self.other].map(|host| {
            let requests = host.take();
            requests.iter().map(|parts| lines(&parts.headers)).collect()
        })
    }

    /// Asserts that the headers that `stack` writes outside its redirects stay with their
    /// origin, and that those of `bare`, which has no policy, do not.
    pub(crate) async fn assert_stay_with_origin<S, T>(&self, stack: &S, bare: &T)
    where
        S: Service<Request<Body>, Response = Response<hyper::body::Incoming>> + Clone,
        S::Error: std::fmt::Debug,
        T: Service<Request<Body>, Response = Response<hyper::body::Incoming>> + Clone,
        T::Error: std::fmt::Debug,
    {
        let all = ZOO_LINES.map(str::to_owned).to_vec();
        let here = [vec![all.clone(), all.clone()], vec![]];
        assert_eq!(self.walk(stack, "/here").await, here);

        let leaked = [vec![all.clone()], vec![all.clone()]];
        assert_eq!(self.walk(bare, "/away").await, leaked, "control");
        let away = [vec![all.clone()], vec![vec![]]];
        assert_eq!(self.walk(stack, "/away").await, away);

        // The hops: the first host twice, the other host, and the first host.
        let leaked = [vec![all.clone(); 3], vec![all.clone()]];
        assert_eq!(self.walk(bare, "/long").await, leaked, "control");
        let long = [vec![all.clone(), all, vec![]], vec![vec![]]];
        assert_eq!(self.walk(stack, "/long").await, long);
    }

    /// Returns destinations with only the first host.
    pub(crate) fn destinations(&self) -> Destinations {
        Destinations::new()
            .host(&self.first.authority(), zoo())
            .unwrap()
    }
}

fn redirect(to: Option<String>) -> Response<Body> {
    let mut response = Response::default();
    if let Some(to) = to {
        *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
        let location = to.try_into().unwrap();
        response
            .headers_mut()
            .try_insert(LOCATION, location)
            .unwrap();
    }
    response
}

/// Returns a layer that follows redirects to every origin and removes nothing.
pub(crate) fn careless() -> FollowRedirectLayer<policy::Limited> {
    FollowRedirectLayer::with_policy(policy::Limited::default())
}
