//! Values with characters that are not ASCII.

use axum::{Router, extract::Request, response::IntoResponse};
use http::{Response, StatusCode, Version};
use tower_metadata_headers::{
    ClientName, Convention, Fault, Faults, Metadata, MetadataHeadersLayer, Mode, Reason, Rule,
    Tags, conventions, metadata_field,
};

use crate::{
    common::{
        RequestExt, VERSIONS, append,
        client::{send, text},
        get,
        server::{Server, Upstream},
        zoo,
    },
    support::{answers, ask, bare, field, first, forward, unescaped, with},
};

metadata_field! {
    /// A user's name.
    struct UserName("user-name"): Identity as Text;
}

const NAME: &str = "x-openwebui-user-name";

fn open_webui() -> Convention {
    Convention::builder("open-webui")
        .rule(Rule::header::<UserName>(NAME))
        .build()
        .unwrap()
}

/// Requests failed if the user's name was not ASCII
/// (open-webui/open-webui#15035).
#[tokio::test]
async fn open_webui_pr_15035_a_name_that_is_not_ascii_breaks_no_request() {
    let name = "Zoë 日本 100%";
    for version in VERSIONS {
        let naive = Router::new().fallback(async |request: Request| {
            let name = request.headers()[NAME].to_str();
            name.map(str::to_owned)
                .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
        });
        let server = Server::start(naive).await;
        let mut request = get(&server.uri("/"));
        append(request.headers_mut(), NAME, name);
        assert_eq!(send(&bare(version), request).await.status(), 500);

        let extract = MetadataHeadersLayer::extract(open_webui()).trust_identity_when(|_| true);
        let ours = Router::new()
            .fallback(async |request: Request| {
                let metadata = request.extensions().get::<Metadata>().unwrap();
                metadata.get::<UserName>().unwrap().as_str().to_owned()
            })
            .layer(extract);
        let server = Server::start(ours).await;
        let inject = with(MetadataHeadersLayer::inject(open_webui()), version);
        let metadata = Metadata::new().with(UserName::try_from(name).unwrap());
        let answer = send(&inject, get(&server.uri("/")).metadata(metadata)).await;
        assert_eq!((answer.status().as_u16(), text(&answer)), (200, name));
    }
}

/// Fifteen months later, the same defect was in another part of the program
/// that sets the header (open-webui/open-webui#29907).
#[tokio::test]
async fn open_webui_issue_29907_no_convention_writes_what_is_not_ascii() {
    let upstream = Upstream::start().await;
    let metadata = || {
        Metadata::new()
            .with(ClientName::try_from("Zoë's 日本").unwrap())
            .with(Mode::try_from("prüfen").unwrap())
            .with(Tags::new(["naïve", "日本"]).unwrap())
    };
    let is_ascii = |parts: &http::request::Parts| {
        let mut values = parts.headers.values();
        values.all(|value| value.to_str().is_ok())
    };
    let mut request = get(&upstream.uri("/"));
    append(request.headers_mut(), "x-zoo-mode", "prüfen");
    send(&bare(Version::HTTP_11), request).await;
    assert!(!is_ascii(&upstream.take_one()), "control");

    let mut escaped = 0;
    for version in VERSIONS {
        for convention in conventions::all().chain([zoo()]) {
            for inject in [
                MetadataHeadersLayer::inject(convention.clone()),
                MetadataHeadersLayer::inject(convention.clone()).if_not_present(),
            ] {
                let request = get(&upstream.uri("/")).metadata(metadata());
                send(&with(inject, version), request).await;
                let parts = upstream.take_one();
                assert!(
                    is_ascii(&parts),
                    "{}: {:?}",
                    convention.name(),
                    parts.headers
                );
                let values = parts.headers.values();
                let values = values.filter(|value| {
                    let value = value.to_str().unwrap();
                    value.contains("%C3") || value.contains("\\u00")
                });
                escaped += values.count();
            }
        }
    }
    assert!(escaped > 40, "only {escaped} values");
}

/// People saw percent escapes, because one side escaped the text and the other
/// did not decode it (open-webui/open-webui#18646).
#[tokio::test]
async fn open_webui_pr_18646_text_is_unchanged_after_two_hops() {
    let mode = "한국 100%25";
    let vendor = |name: &str| Convention::vendor(name).unwrap();
    for version in VERSIONS {
        let shows_header =
            Router::new().fallback(async |request: Request| first(request.headers(), "x-b-mode"));
        let shows_field = Router::new()
            .fallback(async |request: Request| {
                let metadata = request.extensions().get::<Metadata>().unwrap();
                metadata.get::<Mode>().unwrap().as_str().to_owned()
            })
            .layer(MetadataHeadersLayer::extract(vendor("b")));
        for (app, shown) in [
            (shows_header, "%ED%95%9C%EA%B5%AD 100%2525"),
            (shows_field, mode),
        ] {
            let app = Server::start(app).await;
            let translate = with(MetadataHeadersLayer::inject(vendor("b")), version);
            let extract = MetadataHeadersLayer::extract(vendor("a")).strip();
            let gateway = Server::start(forward(translate, &app).layer(extract)).await;
            let agent = with(MetadataHeadersLayer::inject(vendor("a")), version);
            let metadata = Metadata::new().with(Mode::try_from(mode).unwrap());
            let answer = send(&agent, get(&gateway.uri("/")).metadata(metadata)).await;
            assert_eq!(text(&answer), shown, "{version:?}");
        }
    }
}

/// LiteLLM responded with 500 to a header with Chinese, Japanese or Korean text
/// (BerriAI/litellm#34633).
#[tokio::test]
async fn litellm_issue_34633_raw_utf_8_in_a_request_is_no_error() {
    const AT_START: Reason = Reason::InvalidCharacter { at: 0 };
    let raw = [
        ("x-zoo-mode", "日本"),
        ("x-zoo-session-id", "日本"),
        ("x-zoo-task-id", "task_1"),
    ];
    let naive = Router::new().fallback(async |request: Request| {
        let mode = request.headers()["x-zoo-mode"].to_str();
        mode.map(str::to_owned)
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
    });
    assert!(
        answers(naive, &raw)
            .await
            .iter()
            .all(|answer| answer.status() == 500)
    );

    let ours = Router::new()
        .fallback(async |request: Request| {
            let faults = request.extensions().get::<Faults>().unwrap();
            let reasons = faults.iter().map(Fault::reason);
            let refused = reasons.filter(|reason| *reason == AT_START).count();
            format!(
                "{} of 2 refused, {} kept",
                refused,
                field(&request, "task-id")
            )
        })
        .layer(MetadataHeadersLayer::extract(conventions::clients()));
    assert_eq!(ask(ours, &raw).await, "2 of 2 refused, task_1 kept");
}

/// LiteLLM's response failed if one of LiteLLM's own headers had such a text
/// (BerriAI/litellm#39360).
#[tokio::test]
async fn litellm_pr_39360_value_in_a_response_is_ascii() {
    let sent = [("x-zoo-mode", "%E6%97%A5%E6%9C%AC 100%25")];
    let naive = Router::new().fallback(async |request: Request| {
        let mode = unescaped(&first(request.headers(), "x-zoo-mode"));
        [("x-mode", mode)].into_response()
    });
    let ours = Router::new()
        .fallback(async |request: Request| [("x-mode", field(&request, "mode"))].into_response())
        .layer(MetadataHeadersLayer::extract(conventions::clients()));
    let mode = |answer: &Response<_>| {
        let mode = answer.headers()["x-mode"].to_str();
        mode.map(str::to_owned).ok()
    };
    for answer in answers(naive, &sent).await {
        assert_eq!(mode(&answer), None);
    }
    for answer in answers(ours, &sent).await {
        assert_eq!(mode(&answer).as_deref(), Some(sent[0].1));
    }
}
