//! Set of cases that every harness measures.
//!
//! A case makes requests and does its work on them. Its baseline passes the
//! same requests to a service that drops them. The difference is reported. It
//! does not include making and dropping the request, and includes dropping what
//! the work added.

pub mod by_hand;
pub mod fields;
pub mod gateway;
#[cfg(feature = "peers")]
pub mod headers;
#[cfg(feature = "peers")]
pub mod opentelemetry;
pub mod ours;
pub mod request;
pub mod today;
#[cfg(feature = "peers")]
pub mod tower_http;

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use http::Response;
use tower_service::Service;

pub type Request = http::Request<()>;

/// Function that makes a request.
pub type Make = Box<dyn FnMut() -> Request>;

/// Function that does the work on a request, and passes it to the inner
/// service.
pub type Run = Box<dyn FnMut(Request)>;

pub struct Case {
    pub name: String,
    make: Box<dyn Fn() -> Make>,
    run: Box<dyn Fn(Inner) -> Run>,
}

impl Case {
    pub fn new<M, R>(
        name: impl Into<String>,
        make: impl Fn() -> M + 'static,
        run: impl Fn(Inner) -> R + 'static,
    ) -> Self
    where
        M: FnMut() -> Request + 'static,
        R: FnMut(Request) + 'static,
    {
        Self {
            name: name.into(),
            make: Box::new(move || Box::new(make())),
            run: Box::new(move |inner| Box::new(run(inner))),
        }
    }

    /// Returns the function that makes requests.
    pub fn make(&self) -> Make {
        (self.make)()
    }

    /// Returns the function that does the work.
    pub fn run(&self, inner: Inner) -> Run {
        (self.run)(inner)
    }

    /// Returns a function without work.
    pub fn baseline(&self) -> Run {
        Box::new(calling(Inner::DROP))
    }
}

/// Numbers of fields that are written.
pub const SIZES: [usize; 4] = [1, 5, 8, 16];

/// Returns every case. Ours is the last of each group.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for n in SIZES {
        cases.extend(by_hand::inject(n));
        cases.push(today::inject(n));
        #[cfg(feature = "peers")]
        {
            cases.extend(tower_http::inject(n));
            cases.extend(opentelemetry::inject(n));
        }
        cases.push(ours::inject(n));
    }
    #[cfg(feature = "peers")]
    {
        cases.extend(tower_http::request_id());
        cases.push(headers::inject());
    }
    cases.extend(ours::inject_otherwise());

    cases.push(by_hand::path());
    cases.push(today::path());
    #[cfg(feature = "peers")]
    {
        cases.extend(tower_http::path());
        cases.push(opentelemetry::path());
    }
    cases.extend(ours::path());

    cases.extend(by_hand::extract());
    #[cfg(feature = "peers")]
    cases.extend([opentelemetry::extract(), headers::extract()]);
    cases.extend(ours::extract());
    cases.extend(ours::extract_trusted());

    cases.extend(gateway::by_hand());
    cases.extend(gateway::ours());

    cases.extend(ours::read());
    cases.push(ours::look_up());

    #[cfg(feature = "peers")]
    cases.extend(tower_http::clone());
    cases.extend(ours::clone());
    cases
}

/// Inner service, which passes the request to a function that the compiler
/// can't inline.
#[derive(Clone, Copy, Debug)]
pub struct Inner(pub fn(Request));

impl Inner {
    pub const DROP: Self = Self(drop_request);
}

#[inline(never)]
fn drop_request(request: Request) {
    drop(request);
}

pub type Answer = Ready<Result<Response<()>, Infallible>>;

impl Service<Request> for Inner {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answer {
        (self.0)(request);
        ready(Ok(Response::new(())))
    }
}

/// Returns a function that calls a service, and takes its response.
pub fn calling<S>(mut service: S) -> impl FnMut(Request)
where
    S: Service<Request, Response = Response<()>, Error = Infallible, Future = Answer>,
{
    move |request| {
        let Ok(_) = service.call(request).into_inner();
    }
}
