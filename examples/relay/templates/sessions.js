// Refreshes the page. Only what has changed is replaced, so that the scroll, the focus and a
// selection of text stay.
const INTERVAL = 5000;
const filter = document.getElementById("client");
const status = document.getElementById("status");
let updated = new Date();
let latest = null;

// Not relative, because the page's own URL may have a password, which `fetch` rejects.
function url() {
  const url = new URL(location.pathname, location.origin);
  if (filter.value) url.searchParams.set("client", filter.value);
  return url;
}

async function refresh() {
  latest?.abort();
  const request = latest = new AbortController();
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(INTERVAL)]);
  try {
    const response = await fetch(url(), { headers: { accept: "text/html" }, signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (request.signal.aborted) return;
    for (const id of ["client", "totals", "sessions", "others"]) {
      replaceChanged(document.getElementById(id), page.getElementById(id));
    }
    updated = new Date();
    status.textContent = "";
  } catch (error) {
    // A later request has taken its place.
    if (request.signal.aborted) return;
    status.textContent = `Not updated since ${updated.toLocaleTimeString()}: ${error.message}.`;
  }
}

function replaceChanged(old, now) {
  const nodes = [...now.childNodes];
  nodes.forEach((node, index) => {
    const current = old.childNodes[index];
    if (!current) old.append(node);
    else if (!current.isEqualNode(node)) current.replaceWith(node);
  });
  while (old.childNodes.length > nodes.length) old.lastChild.remove();
}

filter.addEventListener("change", () => {
  history.replaceState(null, "", url());
  refresh();
});
// Nobody sees a hidden page.
const refreshIfVisible = () => document.hidden || refresh();
document.addEventListener("visibilitychange", refreshIfVisible);
setInterval(refreshIfVisible, INTERVAL);
