/* Theme, keys that work everywhere, and the start. */
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", theme === "dark" ? "Switch to light colours" : "Switch to dark colours");
}

function startTheme() {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const system = () => setTheme(query.matches ? "dark" : "light");
  byId("theme").hidden = false;
  byId("theme").addEventListener("click", () => {
    query.removeEventListener("change", system);
    setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  });
  query.addEventListener("change", system);
  system();
}

const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches?.("input:not([type=radio], [type=checkbox]), select, textarea");
  if (event.key === "Escape" && event.target.id === "query") { searchFor(""); return; }
  if (typing) return;
  const inList = event.target.id === "rows", by = STEPS[event.key];
  if (event.key === "/") byId("query").focus();
  else if (event.key === "j" || event.key === "k") (event.target.closest?.("#filters") ? stepFilter : step)(by);
  else if (inList && by) step(by);
  else if (inList && event.key === "PageDown") turn(1);
  else if (inList && event.key === "PageUp") turn(-1);
  else if (inList && event.key === "Home") step(-Infinity);
  else if (inList && event.key === "End") step(Infinity);
  else if (inList && event.key === "Enter") enter();
  else return;
  event.preventDefault();
}

/* Open the marked document, or the first on the page, and go to it. */
async function enter() {
  if (!list.found.includes(list.open)) step(0);
  byId("document").focus({ preventScroll: true });
  byId("document").scrollIntoView({ block: "start" });
}

async function start() {
  startTheme();
  byId("old").hidden = "DecompressionStream" in window;
  listenToList();
  listenToHeats();
  listenToDocument();
  listenToNgrams();
  listenToWords();
  listenToFilters();
  listenToCard();
  document.addEventListener("keydown", onKey);
  if (index.labels.length) drawTotals(0);
  startImportance();
  if (index.filters) {
    startCoverage();
    siftFilters();
  }
  index.snippet = await readSnippets();
  await refresh();
  const wanted = /^#document-(\d+)$/.exec(location.hash);
  const at = wanted ? index.number.indexOf(Number(wanted[1])) : -1;
  if (at >= 0) {
    await openDocument(at);
    await refresh({ keep: true });
    byId("document").scrollIntoView();
  } else if (list.found.length) await openDocument(list.found[0], { quiet: true });
  if (index.filters && showNamed() === null) openFilter(filters.found[0], { quiet: true });
  document.documentElement.dataset.ready = "yes";
  startMap();
  startCloud();
}

start();
