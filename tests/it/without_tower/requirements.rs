use http::{HeaderMap, Request, Response, StatusCode};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_metadata_headers::{
    Metadata, MetadataHeadersLayer, ProjectId, Rejection, Requirements, SessionId, UserId,
    conventions,
};

use crate::{common::append, support::vectors};

fn read(headers: &HeaderMap, requirements: &Requirements) -> Result<Metadata, Rejection> {
    let extracted = conventions::clients().read(headers);
    extracted.into_result(requirements)
}

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        append(&mut headers, name, value);
    }
    headers
}

#[test]
fn session_required_takes_a_task_and_rejects_none() {
    let session = Requirements::new().session();
    let task = headers(&[("x-kilocode-taskid", "t-1")]);
    assert!(read(&task, &session).is_ok());
    let rejection = read(&HeaderMap::new(), &session).unwrap_err();
    assert_eq!(
        rejection.to_string(),
        "session-id: required field is missing"
    );
    assert_eq!(rejection.status(), StatusCode::BAD_REQUEST);

    let field = Requirements::new().field::<SessionId>();
    assert_eq!(read(&task, &field).unwrap_err().code(), "missing");
}

#[test]
fn faulty_header_is_reported_in_place_of_the_missing_field() {
    let session = Requirements::new().session();
    let twice = headers(&[("x-zoo-task-id", "a"), ("x-zoo-task-id", "b")]);
    let rejection = read(&twice, &session).unwrap_err();
    assert_eq!(rejection.code(), "repeated");
    assert_eq!(rejection.faults().len(), 1);
    // Without a requirement a faulty header rejects too.
    assert!(read(&twice, &Requirements::new()).is_err());
}

#[test]
fn untrusted_identity_rejects_only_on_request() {
    let user = headers(&[("x-openwebui-user-id", "ada@example.com")]);
    assert!(read(&user, &Requirements::new()).is_ok());
    let strict = Requirements::new().reject_untrusted_identity();
    let rejection = read(&user, &strict).unwrap_err();
    assert_eq!(rejection.status(), StatusCode::FORBIDDEN);
    // A required field from an untrusted sender is missing.
    let required = Requirements::new().field::<UserId>();
    assert_eq!(read(&user, &required).unwrap_err().code(), "missing");
}

#[test]
fn metadata_of_an_authenticating_layer_meets_a_requirement() {
    let required = Requirements::new().field::<ProjectId>();
    let mut extracted = conventions::clients().read(&HeaderMap::new());
    assert!(extracted.clone().into_result(&required).is_err());
    let project = ProjectId::try_from("acme/web").unwrap();
    extracted.metadata = Metadata::new().with(project);
    assert!(extracted.into_result(&required).is_ok());
}

/// The layer and the codec reject the same requests for the same faults.
#[tokio::test]
async fn layer_rejects_each_vector_as_the_codec_does() {
    let (mut served, mut rejected) = (0, 0);
    for needs_project in [false, true] {
        let mut layer = MetadataHeadersLayer::extract(conventions::clients()).require_session();
        let mut requirements = Requirements::new().session();
        if needs_project {
            layer = layer.require::<ProjectId>();
            requirements = requirements.field::<ProjectId>();
        }
        let gateway = ServiceBuilder::new()
            .layer(layer.reject_with(|rejection| rejection.to_response(rejection.to_string())))
            .service(service_fn(async |_: Request<()>| {
                Ok::<_, std::convert::Infallible>(Response::new(String::new()))
            }));
        let vectors = vectors::files().iter().flat_map(|file| &file.vectors);
        for read_vector in vectors.filter_map(|vector| vector.read.as_ref()) {
            let headers = read_vector.request();
            let expected = match read(&headers, &requirements) {
                Ok(_) => (StatusCode::OK, String::new()),
                Err(rejection) => (rejection.status(), rejection.to_string()),
            };
            let mut request = Request::new(());
            *request.headers_mut() = headers;
            let response = gateway.clone().oneshot(request).await.unwrap();
            assert_eq!((response.status(), response.body().clone()), expected);
            served += usize::from(expected.0 == StatusCode::OK);
            rejected += usize::from(expected.0 != StatusCode::OK);
        }
    }
    assert!(
        served > 100 && rejected > 100,
        "control: {served} served, {rejected} rejected"
    );
}
