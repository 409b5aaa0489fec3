//! Layer as a Tower service: futures, bounds, and parts of a request that stay
//! unchanged.

mod fallback;
mod reading_responses;
mod rejecting;
mod responses;
mod stacking;
mod unwritten;

use std::{
    cell::RefCell,
    convert::Infallible,
    fmt,
    future::{Ready, ready},
    mem::size_of,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use axum::{Router, routing::get_service};
use futures_util::FutureExt;
use http::{Request, Response, request::Parts};
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt, service_fn,
    util::{BoxCloneService, BoxCloneSyncService, BoxCloneSyncServiceLayer},
};
use tower_metadata_headers::{
    Convention, ConventionSet, Destinations, Metadata, MetadataHeaders, MetadataHeadersLayer,
    SessionId, conventions,
    layer::{Extract, FromExtension, FromParts, Inject, Reject, Respond, reject, response},
};

use crate::common::{RequestExt, client, lines, session, zoo};

/// Writing adds no future type, for any service, body and source. This function
/// compiles only if there are no bounds on `S` and `B`.
fn inject_is_the_inner_service<S, B>(
    service: MetadataHeaders<S, Inject>,
) -> impl Service<Request<B>, Response = S::Response, Error = S::Error, Future = S::Future>
where
    S: Service<Request<B>>,
{
    service
}

fn inject_from_a_type_is_the_inner_service<S, B, T>(
    service: MetadataHeaders<S, Inject<FromExtension<T>>>,
) -> impl Service<Request<B>, Response = S::Response, Error = S::Error, Future = S::Future>
where
    S: Service<Request<B>>,
    T: Into<Metadata> + Clone + Send + Sync + 'static,
{
    service
}

fn inject_from_a_closure_is_the_inner_service<S, B, F>(
    service: MetadataHeaders<S, Inject<FromParts<F>>>,
) -> impl Service<Request<B>, Response = S::Response, Error = S::Error, Future = S::Future>
where
    S: Service<Request<B>>,
    F: Fn(&Parts) -> Metadata,
{
    service
}

/// Reading adds no future type if it does not reject.
fn extract_is_the_inner_service<S, B>(
    service: MetadataHeaders<S, Extract>,
) -> impl Service<Request<B>, Response = S::Response, Error = S::Error, Future = S::Future>
where
    S: Service<Request<B>>,
{
    service
}

/// Rejecting has a future type, and requires a response that it can make.
fn reject_has_the_inner_services_response<S, B, R, T>(
    service: MetadataHeaders<S, Reject<R>>,
) -> impl Service<
    Request<B>,
    Response = S::Response,
    Error = S::Error,
    Future = reject::ResponseFuture<S::Future, S::Response, S::Error>,
>
where
    S: Service<Request<B>, Response = Response<T>>,
    R: Fn(tower_metadata_headers::Rejection) -> Response<T>,
{
    service
}

/// Service that is not `Clone`, `Debug` or `Send`, that borrows, and whose
/// error is not an error type.
struct Odd<'a> {
    log: &'a RefCell<Vec<String>>,
    _not_send: Rc<()>,
}

struct Broken<'a>(&'a str);

impl<'a> Service<Request<&'a str>> for Odd<'a> {
    type Response = Request<&'a str>;
    type Error = Broken<'a>;
    type Future = Ready<Result<Self::Response, Broken<'a>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken<'a>>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<&'a str>) -> Self::Future {
        self.log.borrow_mut().extend(lines(request.headers()));
        ready(match *request.body() {
            "break" => Err(Broken(request.body())),
            _ => Ok(request),
        })
    }
}

#[test]
fn layer_wraps_a_service_that_is_not_send() {
    let log = RefCell::new(Vec::new());
    let body = String::from("body");
    let odd = || Odd {
        log: &log,
        _not_send: Rc::new(()),
    };

    let inject = MetadataHeadersLayer::inject(zoo()).layer(odd());
    let mut inject = inject_is_the_inner_service(inject);
    let request = Request::new(body.as_str()).metadata(session("ses_1"));
    let answer = inject.call(request).now_or_never().unwrap();
    // The response may have any type. Here it is the request.
    assert_eq!(*answer.ok().unwrap().body(), "body");
    assert_eq!(log.take(), ["x-zoo-session-id: ses_1"]);

    let answer = inject.call(Request::new("break")).now_or_never().unwrap();
    assert_eq!(answer.err().unwrap().0, "break");

    let extract = MetadataHeadersLayer::extract(zoo()).strip().layer(odd());
    let mut extract = extract_is_the_inner_service(extract);
    let request = Request::new(body.as_str()).line("x-zoo-session-id", "ses_1");
    let answer = extract.call(request).now_or_never().unwrap();
    let extensions = answer.ok().unwrap();
    let metadata = extensions.extensions().get::<Metadata>();
    assert_eq!(metadata, Some(&session("ses_1")));
    assert!(log.take().is_empty());
}

/// Service that is pending, then ready, then broken. It panics if it is called
/// before it is ready.
#[derive(Default)]
struct Readiness {
    polls: usize,
    ready: bool,
}

impl<B> Service<Request<B>> for Readiness {
    type Response = Response<()>;
    type Error = &'static str;
    type Future = Ready<Result<Response<()>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        self.polls += 1;
        match self.polls {
            1 => Poll::Pending,
            2 => {
                self.ready = true;
                Poll::Ready(Ok(()))
            }
            _ => Poll::Ready(Err("broken")),
        }
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        assert!(
            std::mem::take(&mut self.ready),
            "called before it was ready"
        );
        ready(Ok(Response::new(())))
    }
}

fn tells_the_inner_services_readiness<M>(layer: &MetadataHeadersLayer<M>)
where
    M: Clone,
    MetadataHeaders<Readiness, M>:
        Service<Request<()>, Response = Response<()>, Error = &'static str>,
{
    let mut service = layer.layer(Readiness::default());
    let cx = &mut Context::from_waker(Waker::noop());
    assert_eq!(service.poll_ready(cx), Poll::Pending);
    assert_eq!(service.poll_ready(cx), Poll::Ready(Ok(())));
    let request = Request::new(()).line("x-zoo-session-id", "ses_1");
    let answer = service.call(request).now_or_never().unwrap();
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(service.poll_ready(cx), Poll::Ready(Err("broken")));
    assert_eq!(service.get_ref().polls, 3);
}

#[test]
fn readiness_is_that_of_the_inner_service() {
    tells_the_inner_services_readiness(&MetadataHeadersLayer::inject(zoo()));
    let extract = MetadataHeadersLayer::extract(zoo());
    tells_the_inner_services_readiness(&extract);
    tells_the_inner_services_readiness(&extract.reject_with(|_| Response::new(())));
    tells_the_inner_services_readiness(&MetadataHeadersLayer::response(zoo()));
}

#[test]
fn rejected_request_leaves_the_inner_service_ready_for_the_next() {
    let strict = MetadataHeadersLayer::extract(zoo())
        .require::<SessionId>()
        .reject_with(|rejection| {
            let mut response = Response::new(());
            *response.status_mut() = rejection.status();
            response
        });
    let mut service = reject_has_the_inner_services_response(strict.layer(Readiness {
        polls: 1,
        ready: false,
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    assert_eq!(service.poll_ready(cx), Poll::Ready(Ok(())));
    let answer = service.call(Request::new(())).now_or_never().unwrap();
    assert_eq!(answer.unwrap().status(), 400);
    let request = Request::new(()).line("x-zoo-session-id", "ses_1");
    let answer = service.call(request).now_or_never().unwrap();
    assert_eq!(answer.unwrap().status(), 200);
}

#[test]
fn error_of_the_inner_service_passes_a_layer_that_rejects() {
    let failing = service_fn(async |_: Request<()>| Err::<Response<()>, _>("broken"));
    let strict = MetadataHeadersLayer::extract(zoo()).reject_with(|_| Response::new(()));
    let answer = strict.layer(failing).oneshot(Request::new(()));
    assert_eq!(answer.now_or_never().unwrap().unwrap_err(), "broken");
}

fn is_clone_debug_send_sync<T: Clone + fmt::Debug + Send + Sync + 'static>(_: &T) {}

#[test]
fn layers_and_services_are_clone_debug_send_and_sync() {
    let inject = MetadataHeadersLayer::inject(conventions::openrouter());
    let from_type = inject.clone().from_extension::<Metadata>();
    let from_closure = inject.clone().from_parts(|_| Metadata::new());
    let extract = MetadataHeadersLayer::extract(conventions::clients())
        .trust_identity_when(|_| false)
        .require::<SessionId>();
    let reject = extract.clone().reject_with(|_| Response::new(()));
    is_clone_debug_send_sync(&inject);
    is_clone_debug_send_sync(&inject.layer(1));
    is_clone_debug_send_sync(&(from_type.layer(1), from_type));
    is_clone_debug_send_sync(&(from_closure.layer(1), from_closure));
    is_clone_debug_send_sync(&(extract.layer(1), extract));
    is_clone_debug_send_sync(&(reject.layer(1), reject));
    let respond = MetadataHeadersLayer::response(zoo()).echo::<SessionId>();
    is_clone_debug_send_sync(&(respond.layer(1), respond));

    // `Debug` shows the settings.
    let shown = format!("{:?}", inject.layer(()));
    assert!(shown.contains("openrouter"), "{shown}");
    let extract = MetadataHeadersLayer::extract(conventions::openrouter());
    let shown = format!("{:?}", extract.layer(()));
    assert!(shown.contains("ConventionSet([\"openrouter\"])"), "{shown}");
}

fn is_send_sync_unpin<T: Send + Sync + Unpin>() {}

#[test]
fn future_is_send_sync_and_unpin_if_the_inner_one_is() {
    is_send_sync_unpin::<reject::ResponseFuture<Ready<()>, Response<()>, Infallible>>();
    is_send_sync_unpin::<response::ResponseFuture<Ready<()>>>();
}

#[test]
fn services_and_futures_are_small() {
    const WORD: usize = size_of::<usize>();
    type Answer = Response<()>;
    type Inner = Ready<Result<Answer, Infallible>>;

    // The destinations, the options, and the closure of `on_unwritten`.
    assert!(size_of::<MetadataHeaders<(), Inject>>() <= 4 * WORD);
    assert!(size_of::<MetadataHeaders<(), Extract>>() <= WORD);
    assert!(size_of::<MetadataHeaders<(), Reject<fn()>>>() <= WORD);
    assert!(size_of::<MetadataHeaders<(), Respond>>() <= WORD);
    assert!(
        size_of::<reject::ResponseFuture<Inner, Answer, Infallible>>() <= size_of::<Inner>() + WORD
    );
    // A layer adds at most one word to a large future.
    type Large = [u8; 1024];
    assert!(size_of::<reject::ResponseFuture<Large, Answer, Infallible>>() <= 1024 + WORD);
}

#[test]
fn inner_service_is_accessible() {
    let mut service = MetadataHeadersLayer::inject(zoo()).layer(1);
    assert_eq!(*service.get_ref(), 1);
    *service.get_mut() += 1;
    assert_eq!(service.into_inner(), 2);
}

#[test]
fn layer_takes_one_convention_or_several() {
    _ = MetadataHeadersLayer::inject(conventions::litellm());
    _ = MetadataHeadersLayer::inject(Destinations::new());
    _ = MetadataHeadersLayer::extract(conventions::litellm());
    _ = MetadataHeadersLayer::extract(conventions::clients());
    let several: ConventionSet = [conventions::codex(), conventions::litellm()]
        .into_iter()
        .collect();
    _ = MetadataHeadersLayer::extract(several);
    _ = MetadataHeadersLayer::extract(ConventionSet::new(Vec::<Convention>::new()));
}

/// Metadata that a client sends. The type is not `Metadata`, which the reader
/// would take for an earlier layer's.
#[derive(Clone)]
struct Outgoing(Metadata);

impl From<Outgoing> for Metadata {
    fn from(outgoing: Outgoing) -> Self {
        outgoing.0
    }
}

async fn session_of(request: Request<()>) -> Result<Response<Option<SessionId>>, Infallible> {
    let metadata = request.extensions().get::<Metadata>();
    Ok(Response::new(metadata.and_then(Metadata::get)))
}

#[tokio::test]
async fn layer_works_boxed_and_in_stacks() {
    let inject = MetadataHeadersLayer::inject(zoo()).from_extension::<Outgoing>();
    let extract = MetadataHeadersLayer::extract(zoo());
    let handler = || service_fn(session_of);
    let stack = ServiceBuilder::new()
        .option_layer(Some(inject.clone()))
        .layer(extract.clone());
    let layer = BoxCloneSyncServiceLayer::new(inject.clone());
    let dynamic = ServiceBuilder::new().layer(layer).layer(extract.clone());

    let services = [
        BoxCloneSyncService::new(inject.layer(extract.layer(handler()))),
        BoxCloneSyncService::new(stack.service(handler()).map_err(|error| match error {})),
        dynamic.service(handler()),
    ];
    let request = || {
        let mut request = Request::new(());
        request.extensions_mut().insert(Outgoing(session("ses_1")));
        request
    };
    for service in services {
        let answer = service.clone().oneshot(request()).await.unwrap();
        assert_eq!(answer.into_body(), SessionId::try_from("ses_1").ok());
        let boxed = BoxCloneService::new(service);
        let answer = boxed.oneshot(Request::new(())).await.unwrap();
        assert_eq!(answer.into_body(), None, "control");
    }
}

#[tokio::test]
async fn layer_wraps_axum_routers_and_routes() {
    let echo = service_fn(async |request: axum::extract::Request| {
        let metadata = request.extensions().get::<Metadata>().unwrap();
        let session = metadata.get::<SessionId>().unwrap().to_string();
        Ok::<_, Infallible>(Response::new(axum::body::Body::from(session)))
    });
    let extract = MetadataHeadersLayer::extract(conventions::clients());
    let strict = extract.clone().reject_with(|_| Response::default());
    let layers = [
        Router::new().fallback_service(echo).layer(extract.clone()),
        Router::new().fallback_service(echo).layer(strict),
        Router::new().route("/", get_service(echo).layer(extract.clone())),
        Router::new()
            .route("/", get_service(echo))
            .route_layer(extract),
    ];
    for app in layers {
        let request = Request::new(axum::body::Body::empty()).line("session-id", "ses_1");
        let response = app.oneshot(request).await.unwrap();
        let response = client::read(response).await;
        assert_eq!(client::text(&response), "ses_1");
    }
}

#[test]
fn every_source_wraps_any_service() {
    let inject = MetadataHeadersLayer::inject(zoo());
    let echo = || service_fn(|request: Request<()>| ready(Ok::<_, Infallible>(request)));
    let by_type = inject.clone().from_extension::<Metadata>().layer(echo());
    let by_type = inject_from_a_type_is_the_inner_service(by_type);
    // A closure that is not `Send` is allowed.
    let made = Rc::new(session("ses_1"));
    let by_closure = inject.from_parts(move |_| (*made).clone()).layer(echo());
    let by_closure = inject_from_a_closure_is_the_inner_service(by_closure);

    let request = Request::new(()).metadata(session("ses_1"));
    let answers = [
        by_type.oneshot(request).now_or_never().unwrap(),
        by_closure.oneshot(Request::new(())).now_or_never().unwrap(),
    ];
    for answer in answers {
        assert_eq!(
            lines(answer.unwrap().headers()),
            ["x-zoo-session-id: ses_1"],
        );
    }
}

#[test]
fn other_headers_and_parts_pass_unchanged() {
    let stack = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::extract(conventions::clients()).strip())
        .layer(MetadataHeadersLayer::inject(zoo()))
        .service_fn(|request: Request<&'static str>| ready(Ok::<_, Infallible>(request)));
    let mut request = Request::put("https://example.com/a?b=c")
        .version(http::Version::HTTP_2)
        .body("body")
        .unwrap()
        .line("accept", "*/*")
        .line("x-forwarded-for", "10.0.0.1")
        .line("cookie", "a=b")
        .line("cookie", "c=d")
        .line("authorization", "Bearer key");
    request.extensions_mut().insert(7_u8);

    let answer = stack.oneshot(request).now_or_never().unwrap().unwrap();
    assert_eq!(answer.method(), http::Method::PUT);
    assert_eq!(answer.uri(), "https://example.com/a?b=c");
    assert_eq!(answer.version(), http::Version::HTTP_2);
    assert_eq!(*answer.body(), "body");
    assert_eq!(answer.extensions().get(), Some(&7_u8));
    assert_eq!(
        lines(answer.headers()),
        [
            "accept: */*",
            "authorization: Bearer key",
            "cookie: a=b",
            "cookie: c=d",
            "x-forwarded-for: 10.0.0.1",
        ],
    );
}
