/* The table of filters: sorted by a column, sifted by words, class, size and purity; a row opens its card. */
const filters = { key: "margin", down: true, found: [], open: null };
const FALLS = ["margin", "purity", "coverage", "groups"]; // what one wants to see the greatest of first

const filterRows = () => [...byId("filter-table").tBodies[0].rows];
const filterRow = (f) => byId("filter-table").querySelector(`tr[data-f="${f}"]`);

/* What filter `f` is sorted by; those that never reach the purity come last, whatever the direction. */
function filterKey(f, key) {
  if (key === "number") return f;
  if (key === "region") return index.regions[f];
  return index.filters.threshold[f] === null && key !== "margin" && key !== "label" ? null : index.filters[key][f];
}

function compareFilters(a, b) {
  const [one, other] = [a, b].map((f) => filterKey(f, filters.key));
  if (one === null || other === null) return (one === null) - (other === null) || a - b;
  return (filters.down ? other - one : one - other) || a - b;
}

function sortFilters(button) {
  turnTo(button, filters, FALLS);
  const rows = new Map(filterRows().map((row) => [Number(row.dataset.f), row]));
  byId("filter-table").tBodies[0].append(...[...rows.keys()].sort(compareFilters).map((f) => rows.get(f)));
  siftFilters();
  byId("filter-rows").scrollTop = 0;
}

/* Show the rows that the form asks for. */
function siftFilters() {
  const { words, label, region, pure } = Object.fromEntries(new FormData(byId("sift")));
  const wanted = words.trim().toLowerCase();
  filters.found = [];
  for (const row of filterRows()) {
    const f = Number(row.dataset.f);
    row.hidden = (label && index.filters.label[f] !== Number(label)) || (region && index.regions[f] !== Number(region))
      || (pure && (index.filters.threshold[f] !== null) !== (pure === "yes"))
      || (wanted && !row.cells[8].textContent.toLowerCase().includes(wanted));
    if (!row.hidden) filters.found.push(f);
  }
  const some = filters.found.length, every = index.regions.length;
  byId("sifted").textContent = some < every ? `${count(some)} of ${count(every)} filters` : `${count(every)} filters`;
  byId("no-filters").hidden = some > 0;
  byId("filter-table").hidden = !some;
  markFilter();
  drawCoverage();
}

/* Mark the open filter's row; of all links only its own is reached by Tab. */
function markFilter() {
  const open = filters.found.includes(filters.open) ? filters.open : filters.found[0];
  for (const row of filterRows()) {
    const f = Number(row.dataset.f);
    row.setAttribute("aria-current", String(f === filters.open));
    row.cells[0].firstElementChild.tabIndex = f === open ? 0 : -1;
  }
}

/* Scroll the table, not the page, to a filter. */
function showFilterRow(f) {
  const row = filterRow(f), box = byId("filter-rows");
  if (row.hidden) return;
  const head = byId("filter-table").tHead.offsetHeight, top = row.offsetTop;
  if (top < box.scrollTop + head) box.scrollTop = top - head;
  if (top + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + row.offsetHeight - box.clientHeight;
}

/* Open the card of the filter `by` places further in the table. */
function stepFilter(by) {
  const { found } = filters, at = found.indexOf(filters.open);
  if (!found.length) return null;
  const f = found[at < 0 ? 0 : Math.min(Math.max(at + by, 0), found.length - 1)];
  openFilter(f);
  return f;
}

function goToCard() {
  byId("card").scrollIntoView();
  byId("card").focus({ preventScroll: true });
}

/* The filter that a link or the address names. */
function filterNamed(hash) {
  const f = Number(/^#filter-(\d+)$/.exec(hash)?.[1] ?? NaN);
  return index.filters && f < index.regions.length ? f : null;
}

function showNamed() {
  const f = filterNamed(location.hash);
  if (f !== null) openFilter(f).then(goToCard);
  return f;
}

function onFilterKey(event) {
  if (!event.target.matches("a[href^='#filter-']")) return;
  const by = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  const f = stepFilter(by);
  if (f !== null) filterRow(f).cells[0].firstElementChild.focus({ preventScroll: true });
}

function listenToFilters() {
  if (!index.filters) return;
  byId("filter-table").tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) sortFilters(button);
  });
  byId("sift").addEventListener("submit", (event) => event.preventDefault());
  byId("sift").addEventListener("input", siftFilters);
  byId("all-filters").addEventListener("click", () => { byId("sift").reset(); siftFilters(); });
  byId("filter-table").tBodies[0].addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row && !event.target.closest("a")) openFilter(Number(row.dataset.f)).then(goToCard);
  });
  byId("filter-table").addEventListener("keydown", onFilterKey);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#filter-']"), f = link && filterNamed(link.hash);
    if (f === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openFilter(f).then(goToCard);
  });
  window.addEventListener("hashchange", showNamed);
}
