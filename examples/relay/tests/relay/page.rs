//! The page at `/sessions` in Chromium, which `.ci/run` installs.

use std::{env, fs, path::PathBuf};

use relay::{serve::Server, upstream};
use serde_json::json;

use crate::{
    browser::Browser,
    support::{Protocol, ask, chat as request, client, keyed, relay, relay_with, text},
};

/// Sends a request of an agent, and waits for the response.
async fn chat(relay: &Server, headers: &[(&'static str, &str)]) {
    text(ask(Protocol::Http1, relay, headers).await).await;
}

fn url(relay: &Server) -> String {
    format!("http://{}/sessions", relay.address())
}

/// Starts a relay that has seen two sessions of two clients.
async fn two_clients() -> (Server, Server) {
    let upstream = upstream::start("127.0.0.1:0").await.unwrap();
    let relay = relay(&upstream).await;
    chat(&relay, &[("x-kilocode-taskid", "kilo-1")]).await;
    chat(&relay, &[("x-zoo-task-id", "zoo-1")]).await;
    (upstream, relay)
}

const IDS: &str = "#sessions .id";

#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn page_shows_new_requests_and_keeps_its_scroll_and_selection() {
    let (_upstream, relay) = two_clients().await;
    for at in 0..100 {
        chat(&relay, &[("x-zoo-task-id", &format!("zoo-at-{at}"))]).await;
    }
    let browser = Browser::start().await;
    browser.open(&url(&relay)).await;
    let before = browser
        .run(
            "scrollTo(0, 1000);
             window.isSamePage = true;
             getSelection().selectAllChildren(document.querySelector('h1'));
             return scrollY",
        )
        .await;
    assert_eq!(before, 1000, "the page is long enough");

    chat(&relay, &[("x-zoo-task-id", "zoo-new")]).await;
    browser.wait_for("//tr[1]/td[text()='zoo-new']").await;
    let after = "return [scrollY, window.isSamePage, String(getSelection())]";
    assert_eq!(browser.run(after).await, json!([1000, true, "Sessions"]));
    assert_eq!(browser.texts(IDS).await.len(), 103);
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn page_shows_the_sessions_of_one_client() {
    let (_upstream, relay) = two_clients().await;
    let browser = Browser::start().await;
    browser.open(&url(&relay)).await;
    assert_eq!(browser.texts(IDS).await, ["zoo-1", "kilo-1"], "control");
    let all = ["All clients", "kilo-code", "zoo-code"];
    assert_eq!(browser.texts("option").await, all);

    browser.run("window.isSamePage = true").await;
    browser.select("select", "kilo-code").await;
    browser.wait_for("//tbody[count(tr) = 1]").await;
    assert_eq!(browser.texts(IDS).await, ["kilo-1"]);
    assert_eq!(browser.texts("#totals dd").await[..2], ["1", "1"]);

    // A refresh keeps the filter, and offers new clients.
    chat(&relay, &[("x-grok-session-id", "grok-1")]).await;
    chat(&relay, &[("x-kilocode-taskid", "kilo-2")]).await;
    browser.wait_for("//td[text()='kilo-2']").await;
    assert_eq!(browser.texts(IDS).await, ["kilo-2", "kilo-1"]);
    let state = "return [document.querySelector('select').value, window.isSamePage]";
    assert_eq!(browser.run(state).await, json!(["kilo-code", true]));
    assert_eq!(browser.texts("option").await.len(), 4);

    // So does another visit of the address.
    assert_eq!(browser.url().await, url(&relay) + "?client=kilo-code");
    browser.open(&browser.url().await).await;
    assert_eq!(browser.texts(IDS).await, ["kilo-2", "kilo-1"]);
    browser.select("select", "").await;
    browser.wait_for("//tbody[count(tr) = 4]").await;
    assert_eq!(browser.url().await, url(&relay));
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn page_needs_no_script() {
    let (_upstream, relay) = two_clients().await;
    let browser = Browser::without_scripts().await;
    browser.open(&url(&relay)).await;
    assert_eq!(browser.texts(IDS).await, ["zoo-1", "kilo-1"]);
    browser.select("select", "zoo-code").await;
    browser.click("button").await;
    let filtered = url(&relay) + "?client=zoo-code";
    browser.wait_for_url(&filtered).await;
    assert_eq!(browser.texts(IDS).await, ["zoo-1"]);

    chat(&relay, &[("x-zoo-task-id", "zoo-2")]).await;
    browser.open(&filtered).await;
    assert_eq!(browser.texts(IDS).await, ["zoo-2", "zoo-1"]);
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn page_shows_markup_as_text_and_runs_no_foreign_script() {
    let (_upstream, relay) = two_clients().await;
    // A session can't have a quotation mark, and the name of a client can.
    let session = |at| format!("{at}<img/src=x/onerror=window.ran=1>'&lt{{{{1}}}}");
    let client = "\"><img/src=x/onerror=window.ran=1>";
    for at in ["a", "b"] {
        chat(
            &relay,
            &[("x-session-id", &session(at)), ("x-title", client)],
        )
        .await;
    }
    let browser = Browser::start().await;
    browser.open(&url(&relay)).await;
    assert_eq!(browser.texts(IDS).await[..2], [session("b"), session("a")]);
    // The refresh parses the page again, here with a filter.
    browser
        .run(
            "const select = document.querySelector('select');
             select.selectedIndex = [...select].findIndex(option => option.value.includes('<img'));
             select.dispatchEvent(new Event('change'))",
        )
        .await;
    browser.wait_for("//tbody[count(tr) = 2]").await;
    chat(
        &relay,
        &[("x-session-id", &session("c")), ("x-title", client)],
    )
    .await;
    browser.wait_for("//tbody[count(tr) = 3]").await;
    assert_eq!(browser.texts(IDS).await[0], session("c"));
    assert_eq!(browser.texts("option[selected]").await, [client]);
    let elements = "return [document.querySelectorAll('main img, main script').length, window.ran]";
    assert_eq!(browser.run(elements).await, json!([0, null]));

    // Controls: the id is markup, and the page's policy stops what it would do.
    let control = "const main = document.querySelector('main');
                   main.insertAdjacentHTML('beforeend', document.querySelector('.id').textContent);
                   const script = document.createElement('script');
                   script.textContent = 'window.ran = 2';
                   main.append(script);
                   return [document.querySelectorAll('main img, main script').length, window.ran]";
    assert_eq!(browser.run(control).await, json!([2, null]));
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn page_fits_a_phone() {
    let (_upstream, relay) = two_clients().await;
    let long = "a".repeat(256);
    chat(
        &relay,
        &[("x-session-id", &long), ("x-title", "My own agent")],
    )
    .await;
    let browser = Browser::phone().await;
    browser.open(&url(&relay)).await;
    let size = "return [innerWidth, document.documentElement.scrollWidth]";
    assert_eq!(browser.run(size).await, json!([360, 360]));
    let outside = "return [...document.querySelectorAll('h1, label, select, dd, td, footer')].filter(element => {
                       const box = element.getBoundingClientRect();
                       return box.left < 0 || box.right > innerWidth || box.width === 0
                           || element.scrollWidth > element.clientWidth;
                   }).map(element => element.outerHTML)";
    assert_eq!(browser.run(outside).await, json!([]));
    let names = "return getComputedStyle(document.querySelector('td[data-name=Requests]'), '::before').content";
    assert_eq!(browser.run(names).await, "\"Requests \"");
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn page_is_dark_for_users_who_prefer_it() {
    let (_upstream, relay) = two_clients().await;
    // The lightness of the page, of its text and of a field, from 0 to 255.
    let colors = "const red = color => Number(color.match(/\\d+/)[0]);
                  const body = getComputedStyle(document.body);
                  const select = getComputedStyle(document.querySelector('select'));
                  return [body.backgroundColor, body.color, select.backgroundColor].map(red)";
    let mut found = Vec::new();
    for browser in [Browser::start().await, Browser::dark().await] {
        browser.open(&url(&relay)).await;
        let colors = browser.run(colors).await;
        let is_light = |at: usize| colors[at].as_u64().unwrap() > 127;
        found.push([is_light(0), is_light(1), is_light(2)]);
        browser.close().await;
    }
    assert_eq!(found, [[true, false, true], [false, true, false]]);
}

#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn page_opened_with_an_operators_key_refreshes_itself() {
    let upstream = upstream::start("127.0.0.1:0").await.unwrap();
    let relay = relay_with(&upstream, keyed()).await;
    let session = |id| [("x-api-key", "example-key-1"), ("x-zoo-task-id", id)];
    chat(&relay, &session("zoo-1")).await;
    let with_key = |key| format!("http://any:{key}@{}/sessions", relay.address());
    // Control: a client's key is not enough.
    let browser = Browser::start().await;
    browser.open(&with_key("example-key-1")).await;
    let refused = browser.run("return document.body.innerText").await;
    assert!(refused.as_str().unwrap().contains("not_operator"));
    browser.close().await;
    // A browser of its own, because a browser keeps a password.
    let browser = Browser::start().await;
    browser.open(&with_key("example-key-2")).await;
    assert_eq!(browser.texts(IDS).await, ["zoo-1"]);
    chat(&relay, &session("zoo-2")).await;
    browser.wait_for("//td[text()='zoo-2']").await;
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn page_says_that_the_relay_does_not_answer() {
    let (_upstream, relay) = two_clients().await;
    let browser = Browser::start().await;
    browser.open(&url(&relay)).await;
    assert_eq!(browser.texts("#status").await, [""], "control");
    relay.stop().await;
    browser
        .wait_for("//*[starts-with(text(), 'Not updated since')]")
        .await;
    assert_eq!(browser.texts(IDS).await, ["zoo-1", "kilo-1"]);
    browser.close().await;
}

/// Agents: the `User-Agent`, the session, the number of requests, and the size of each in bytes.
const AGENTS: [(&str, (&str, &str), usize, usize); 6] = [
    (
        "evals/1.0",
        ("x-session-id", "nightly-evals-17"),
        212,
        6_400,
    ),
    (
        "opencode/1.2.27",
        ("x-session-id", "ses_01J5Z8K2M4NQRA6BCD8E9FGH0J"),
        9,
        48_200,
    ),
    (
        "Kilo-Code/4.99.0",
        ("x-kilocode-taskid", "4b8f6a0e-2f67-4a53-b4b3-6a2e7f1d9c05"),
        38,
        91_700,
    ),
    (
        "ZooCode/3.84.4",
        ("x-zoo-task-id", "c0a5e8d4-91b7-4f6c-8d23-0e9b7a64f158"),
        17,
        63_300,
    ),
    (
        "codex_cli_rs/0.131.0",
        ("session-id", "0199c2a4-7d1e-7b52-8f60-3a5de2c41b77"),
        54,
        120_900,
    ),
    (
        "claude-cli/2.1.266",
        (
            "x-claude-code-session-id",
            "7f3b0a52-5c1e-4d0f-9a86-1f0f4ab1c2d3",
        ),
        121,
        204_100,
    ),
];

/// `.ci/run screenshots` writes the pictures of README.
#[tokio::test]
#[ignore = "needs the programs `chromedriver` and `chromium`"]
async fn pictures_show_the_sessions_of_agents() {
    let upstream = upstream::start("127.0.0.1:0").await.unwrap();
    let relay = relay(&upstream).await;
    let client = client(Protocol::Http1);
    for (user_agent, session, requests, size) in AGENTS {
        let headers = [("user-agent", user_agent), session];
        let message = "a".repeat(size);
        let body = json!({ "messages": [{ "role": "user", "content": message }] }).to_string();
        for _ in 0..requests {
            let request = request(&relay, &headers, body.clone());
            text(client.request(request).await.unwrap()).await;
        }
    }
    let folder = env::var_os("SCREENSHOTS").unwrap_or(env!("CARGO_TARGET_TMPDIR").into());
    let folder = PathBuf::from(folder);
    for (name, browser) in [
        ("sessions-light.png", Browser::start().await),
        ("sessions-dark.png", Browser::dark().await),
    ] {
        browser.open(&url(&relay)).await;
        assert_eq!(browser.texts(IDS).await.len(), AGENTS.len());
        fs::write(folder.join(name), browser.screenshot().await).unwrap();
        browser.close().await;
    }
}
