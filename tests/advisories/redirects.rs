//! Redirects to other hosts, and the headers that they receive.

use http::{
    HeaderMap, Response, StatusCode, Uri, Version,
    header::{HOST, LOCATION},
    request::Parts,
};
use hyper::body::Incoming;
use tower::ServiceExt;
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_metadata_headers::{Destinations, HostPolicy, MetadataHeadersLayer};

use crate::{
    common::{
        Body, RequestExt, VERSIONS,
        client::send,
        get, over_http,
        server::{Upstream, uri},
        session, zoo,
    },
    support::{Client, bare, with},
};

const SESSION: &str = "x-zoo-session-id";

/// Addresses of one hop of a redirect.
struct Hop<'a> {
    first: &'a Uri,
    from: &'a Uri,
    to: &'a Uri,
}

/// Function that removes headers as the client of the advisory does: it gets
/// the first request's headers, and removes some for the next hop.
type Strip = fn(&Hop<'_>, &mut HeaderMap);

/// The intended server, which responds to any name, and another server. Each
/// redirects to the address in the query.
struct Sites {
    shop: Upstream,
    other: Upstream,
}

impl Sites {
    async fn start() -> Self {
        let start = || {
            Upstream::answering(|parts| {
                let mut response = Response::default();
                if let Some(to) = parts.uri.query() {
                    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
                    let headers = response.headers_mut();
                    headers.try_insert(LOCATION, to.parse().unwrap()).unwrap();
                }
                response
            })
        };
        Self {
            shop: start().await,
            other: start().await,
        }
    }

    /// Returns the number of requests to other authorities than the first, and
    /// how many of them have the session. The first may get it.
    fn leaks(&self, first: &str) -> (usize, usize) {
        let requests = [self.shop.take(), self.other.take()].concat();
        let (meant, others): (Vec<_>, Vec<_>) =
            requests.iter().partition(|parts| authority(parts) == first);
        let has = |parts: &&&Parts| parts.headers.contains_key(SESSION);
        assert_eq!(meant.iter().filter(has).count(), 1);
        (others.len(), others.iter().filter(has).count())
    }

    /// Returns a client with our layer inside redirects. The layer writes to
    /// this host, and to hosts below the shop's name.
    fn client(&self, first: &str, version: Version) -> Client {
        let below = self.shop.named("*.shop.example");
        let destinations = Destinations::new()
            .host(first, over_http(zoo()))
            .and_then(|destinations| destinations.host(&below, over_http(zoo())))
            .unwrap();
        with(MetadataHeadersLayer::inject(destinations), version)
    }

    /// Follows these hops, which lead from the shop to others: first with
    /// headers set by hand, which `strip` removes, and then with our layer.
    async fn walk(hops: impl Fn(&Self) -> Vec<String>, strip: Strip) -> [(usize, usize); 2] {
        let mut leaks = Vec::new();
        for version in VERSIONS {
            let sites = Self::start().await;
            let hops = hops(&sites);
            let to = hops.iter().map(|authority| format!("http://{authority}/"));
            let uri: Uri = to.collect::<Vec<_>>().join("?").parse().unwrap();

            let by_hand = get(&uri).line(SESSION, "ses_1");
            follow(&bare(version), by_hand, strip).await;
            let naive = sites.leaks(&hops[0]);
            // The metadata stays on the request on every hop.
            let ours = get(&uri).metadata(session("ses_1"));
            follow(&sites.client(&hops[0], version), ours, strip).await;
            leaks.push([naive, sites.leaks(&hops[0])]);
        }
        assert_eq!(leaks[0], leaks[1], "HTTP/1.1 and HTTP/2");
        leaks[0]
    }
}

/// Returns the receiver of a request.
fn authority(parts: &Parts) -> &str {
    let host = parts.headers.get(HOST).map(|host| host.to_str().unwrap());
    host.unwrap_or_else(|| parts.uri.authority().unwrap().as_str())
}

/// Follows redirects as many clients do.
async fn follow(client: &Client, request: http::Request<Body>, strip: Strip) {
    let (parts, _) = request.into_parts();
    let mut next = http::Request::from_parts(parts.clone(), Body::default());
    loop {
        let from = next.uri().clone();
        let response = client.clone().oneshot(next).await.unwrap();
        let Some(to) = location(&response) else {
            break;
        };
        let hop = Hop {
            first: &parts.uri,
            from: &from,
            to: &to,
        };
        next = http::Request::from_parts(parts.clone(), Body::default());
        strip(&hop, next.headers_mut());
        *next.uri_mut() = to;
    }
}

fn location(response: &Response<Incoming>) -> Option<Uri> {
    let to = response.headers().get(LOCATION)?;
    Some(to.to_str().unwrap().parse().unwrap())
}

/// Returns the hops from the shop to another host, on the same port.
fn away(sites: &Sites) -> Vec<String> {
    let names = ["shop.example", "evil.example"];
    names.map(|name| sites.shop.named(name)).to_vec()
}

/// Returns the hops from the shop to another of its ports.
fn to_another_port(sites: &Sites) -> Vec<String> {
    vec![
        sites.shop.named("shop.example"),
        sites.other.named("shop.example"),
    ]
}

/// The one request to another authority leaks headers set by hand, and none of
/// our layer.
const ONE_LEAKS: [(usize, usize); 2] = [(1, 1), (1, 0)];

/// Curl sent headers that its user had set to every host of a redirect
/// (CVE-2018-1000007).
#[tokio::test]
async fn cve_2018_1000007_no_header_follows_a_redirect_to_another_host() {
    assert_eq!(Sites::walk(away, |_, _| {}).await, ONE_LEAKS);
}

/// Curl treated another service of the same host as the same destination
/// (CVE-2022-27774).
#[tokio::test]
async fn cve_2022_27774_another_service_of_the_host_is_another_destination() {
    let by_host: Strip = |hop, headers| {
        if hop.to.host() != hop.first.host() {
            headers.clear();
        }
    };
    assert_eq!(
        Sites::walk(away, by_host).await,
        [(1, 0), (1, 0)],
        "control"
    );
    assert_eq!(Sites::walk(to_another_port, by_host).await, ONE_LEAKS);
}

/// Curl also treated plain http as the same destination as https
/// (CVE-2022-27774).
#[tokio::test]
async fn cve_2022_27774_plain_http_is_another_destination_unless_it_is_allowed() {
    let upstream = Upstream::start().await;
    let sent = async |destination: HostPolicy| {
        let host = upstream.named("shop.example");
        let destinations = Destinations::new().host(&host, destination).unwrap();
        let secure = Uri::try_from(format!("https://{host}/")).unwrap();
        assert!(destinations.policy_for(&secure).is_some());
        let client = with(MetadataHeadersLayer::inject(destinations), Version::HTTP_11);
        send(&client, get(&uri(&host, "/")).metadata(session("ses_1"))).await;
        upstream.take_one().headers.contains_key(SESSION)
    };
    assert!(sent(over_http(zoo())).await, "control");
    assert!(!sent(zoo().into()).await);
    assert!(!sent(HostPolicy::new(zoo()).https_only()).await);
}

/// Curl treated another port of an address as the same destination, for headers
/// as for cookies (CVE-2022-27776).
#[tokio::test]
async fn cve_2022_27776_another_port_of_an_address_is_another_destination() {
    let by_host: Strip = |hop, headers| {
        if hop.to.host() != hop.from.host() {
            headers.clear();
        }
    };
    let addresses = |sites: &Sites| vec![sites.shop.authority(), sites.other.authority()];
    assert_eq!(Sites::walk(addresses, by_host).await, ONE_LEAKS);
}

/// Go read the zone of an IPv6 address as a subdomain of the first host
/// (CVE-2023-45289).
#[tokio::test]
async fn cve_2023_45289_ip_address_matches_no_wildcard() {
    let below: Strip = |hop, headers| {
        let name = |uri: &Uri| uri.host().unwrap().trim_matches(['[', ']']).to_owned();
        if !name(hop.to).ends_with(&format!(".{}", name(hop.first))) {
            headers.clear();
        }
    };
    assert_eq!(Sites::walk(away, below).await, [(1, 0), (1, 0)], "control");
    let zone = |sites: &Sites| {
        vec![
            sites.shop.named("shop.example"),
            sites.shop.named("[::1%25.shop.example]"),
        ]
    };
    assert_eq!(Sites::walk(zone, below).await, ONE_LEAKS);
}

/// Go removed the headers for another host, and restored them on the next hop
/// within that host (CVE-2024-45336).
#[tokio::test]
async fn cve_2024_45336_second_hop_restores_no_header() {
    let by_last_hop: Strip = |hop, headers| {
        if hop.to.host() != hop.from.host() {
            headers.clear();
        }
    };
    let twice = |sites: &Sites| {
        let evil = sites.shop.named("evil.example");
        vec![sites.shop.named("shop.example"), evil.clone(), evil]
    };
    assert_eq!(Sites::walk(twice, by_last_hop).await, [(2, 1), (2, 0)]);
}

/// Removes the credentials in a list of names.
fn listed(hop: &Hop<'_>, headers: &mut HeaderMap, list: &[&str]) {
    if hop.to.authority() != hop.first.authority() {
        for name in list {
            headers.remove(*name);
        }
    }
}

/// Go's list of headers to remove lacked the proxy's credentials
/// (CVE-2025-4673).
#[tokio::test]
async fn cve_2025_4673_list_without_proxy_credentials_leaks_no_header_of_ours() {
    let go: Strip = |hop, headers| {
        let list = ["authorization", "www-authenticate", "cookie"];
        listed(hop, headers, &list);
    };
    assert_eq!(Sites::walk(away, go).await, ONE_LEAKS);
}

/// The list of follow-redirects lacked the proxy's credentials too
/// (CVE-2024-28849).
#[tokio::test]
async fn cve_2024_28849_list_of_three_names_leaks_no_header_of_ours() {
    let follow_redirects: Strip =
        |hop, headers| listed(hop, headers, &["authorization", "cookie", "host"]);
    assert_eq!(Sites::walk(away, follow_redirects).await, ONE_LEAKS);
}

/// With the proxy's credentials, the list of follow-redirects still lacked
/// every name that an app chooses (GHSA-r4q5-vmmm-2653).
#[tokio::test]
async fn ghsa_r4q5_vmmm_2653_list_of_standard_names_leaks_no_header_of_ours() {
    let standard: Strip = |hop, headers| {
        let list = [
            "authorization",
            "proxy-authorization",
            "cookie",
            "www-authenticate",
        ];
        listed(hop, headers, &list);
    };
    assert_eq!(Sites::walk(away, standard).await, ONE_LEAKS);
}

/// Tower-http's policy has such a list (`FilterCredentials` in 0.7). Our layer
/// inside redirects needs no list.
#[tokio::test]
async fn tower_http_filter_credentials_with_the_layer_inside_leaks_no_header() {
    for version in VERSIONS {
        let sites = Sites::start().await;
        let [shop, other] = <[String; 2]>::try_from(away(&sites)).unwrap();
        let start = uri(&format!("{shop}/?http://{other}"), "/");

        let redirects = FollowRedirectLayer::new();
        let by_hand = get(&start).line(SESSION, "ses_1");
        send(&with(redirects.clone(), version), by_hand).await;
        assert_eq!(sites.leaks(&shop), (1, 1));

        let client = tower::Layer::layer(&redirects, sites.client(&shop, version));
        send(&client, get(&start).metadata(session("ses_1"))).await;
        assert_eq!(sites.leaks(&shop), (1, 0));
    }
}

/// Reqwest has such a list, which can't be extended, and follows redirects
/// inside, where no layer is (seanmonstar/reqwest#3091). If its redirects are
/// off, the layer writes each hop separately.
#[tokio::test]
async fn reqwest_issue_3091_redirects_are_followed_outside_of_reqwest() {
    let sites = Sites::start().await;
    let resolve = |builder: reqwest::ClientBuilder| {
        builder
            .no_proxy()
            .resolve("shop.example", sites.shop.addr())
            .resolve("evil.example", sites.shop.addr())
            .build()
            .unwrap()
    };
    let [shop, other] = <[String; 2]>::try_from(away(&sites)).unwrap();
    let start = format!("http://{shop}/?http://{other}/");

    let reqwest = resolve(reqwest::Client::builder());
    let request = reqwest.get(&start).header(SESSION, "ses_1");
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(sites.leaks(&shop), (1, 1));

    let reqwest = resolve(reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()));
    let destinations = Destinations::new().host(&shop, over_http(zoo())).unwrap();
    let metadata = session("ses_1");
    let mut next = Some(start);
    while let Some(to) = next {
        let mut headers = HeaderMap::new();
        destinations.write(&to.parse().unwrap(), &metadata, &mut headers);
        let response = reqwest.get(&to).headers(headers).send().await.unwrap();
        let location = response.headers().get(LOCATION);
        next = location.map(|to| to.to_str().unwrap().to_owned());
    }
    assert_eq!(sites.leaks(&shop), (1, 0));
}
