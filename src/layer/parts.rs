use std::mem::swap;

use http::{Request, request::Parts};

/// Calls the closure with the parts of a request. The body stays where it is, so the
/// request need not be taken apart and rebuilt.
pub(super) fn with_parts<B, T>(request: &mut Request<B>, inspect: impl FnOnce(&Parts) -> T) -> T {
    let (mut parts, ()) = Request::new(()).into_parts();
    swap_parts(request, &mut parts);
    let result = inspect(&parts);
    swap_parts(request, &mut parts);
    result
}

fn swap_parts<B>(request: &mut Request<B>, parts: &mut Parts) {
    swap(request.method_mut(), &mut parts.method);
    swap(request.uri_mut(), &mut parts.uri);
    swap(request.version_mut(), &mut parts.version);
    swap(request.headers_mut(), &mut parts.headers);
    swap(request.extensions_mut(), &mut parts.extensions);
}
