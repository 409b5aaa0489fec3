//! Headless Chromium, driven through its driver.

use std::process::{Command, Stdio};

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::process::{Process, find_line, first_of_attempts};

/// Browser with one page.
pub(crate) struct Browser {
    page: Client,
    _driver: Process,
}

impl Browser {
    /// Starts a browser with a window of a desktop.
    pub(crate) async fn start() -> Self {
        Self::with(&["--window-size=1100,770"], json!({})).await
    }

    /// Starts a browser for a user who prefers dark pages.
    pub(crate) async fn dark() -> Self {
        let dark = "--blink-settings=preferredColorScheme=0";
        Self::with(&["--window-size=1100,770", dark], json!({})).await
    }

    /// Starts a browser with the screen of a small phone.
    pub(crate) async fn phone() -> Self {
        let metrics = json!({ "width": 360, "height": 740, "pixelRatio": 2 });
        let options = json!({ "mobileEmulation": { "deviceMetrics": metrics } });
        Self::with(&[], options).await
    }

    /// Starts a browser that runs no script of a page.
    pub(crate) async fn without_scripts() -> Self {
        let setting = json!({ "profile.managed_default_content_settings.javascript": 2 });
        Self::with(&["--window-size=1100,770"], json!({ "prefs": setting })).await
    }

    /// Starts a browser for which `evil.example` is this machine.
    pub(crate) async fn with_rebound_name() -> Self {
        let name = "--host-resolver-rules=MAP evil.example 127.0.0.1";
        Self::with(&[name], json!({})).await
    }

    async fn with(arguments: &[&str], mut options: Value) -> Self {
        // It chooses a free port of IPv4, which can be in use with IPv6.
        let (driver, port) = first_of_attempts(|| {
            let mut driver = Command::new("chromedriver");
            driver.arg("--port=0").stdout(Stdio::piped());
            let mut driver = Process::start(&mut driver);
            let port = find_line(driver.stdout(), |line| {
                let (_, port) = line.split_once("successfully on port ")?;
                Some(port.trim_end_matches('.').to_owned())
            });
            Some((driver, port?))
        });

        let fixed = [
            "--headless",
            // The tests also run as root, for whom Chromium has no sandbox.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            // Connects to no other host.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        options["args"] = fixed.iter().chain(arguments).copied().collect();
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let page = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self {
            page,
            _driver: driver,
        }
    }

    pub(crate) async fn open(&self, url: &str) {
        self.page.goto(url).await.unwrap();
    }

    /// Waits until the page has an element.
    pub(crate) async fn wait_for(&self, xpath: &str) {
        let found = self.page.wait().for_element(Locator::XPath(xpath)).await;
        found.unwrap_or_else(|error| panic!("{xpath}: {error}"));
    }

    /// Waits until the page has an address. The driver can return from a click before the browser
    /// has begun to leave the page.
    pub(crate) async fn wait_for_url(&self, url: &str) {
        let found = self.page.wait().for_url(&url.parse().unwrap()).await;
        found.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Returns the result of a function's body.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.page.execute(script, Vec::new()).await.unwrap()
    }

    /// Returns the visible text of each element, read at once, because a refresh replaces elements.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map(found => found.innerText)";
        let texts = self.page.execute(script, vec![json!(css)]).await.unwrap();
        serde_json::from_value(texts).unwrap()
    }

    pub(crate) async fn select(&self, css: &str, value: &str) {
        let select = self.page.find(Locator::Css(css)).await.unwrap();
        select.select_by_value(value).await.unwrap();
    }

    pub(crate) async fn click(&self, css: &str) {
        let element = self.page.find(Locator::Css(css)).await.unwrap();
        element.click().await.unwrap();
    }

    /// Returns a picture of the window as PNG.
    pub(crate) async fn screenshot(&self) -> Vec<u8> {
        self.page.screenshot().await.unwrap()
    }

    pub(crate) async fn url(&self) -> String {
        self.page.current_url().await.unwrap().to_string()
    }

    /// Stops the browser. If a test fails before, the end of its driver does.
    pub(crate) async fn close(self) {
        self.page.close().await.unwrap();
    }
}
