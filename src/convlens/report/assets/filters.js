/* The table of filters: sort by a column, show the first rows. */
const FILTERS = 20;

function drawFilters() {
  if (!byId("filter-table")) return;
  const rows = [...byId("filter-table").tBodies[0].rows];
  shorten(rows, byId("more-filters"), FILTERS, "filters");
}

function sortFilters(button) {
  const heading = button.closest("th"), body = byId("filter-table").tBodies[0], key = button.dataset.key;
  const first = key === "mean" || key === "active" ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const direction = heading.getAttribute("aria-sort") === first ? other : first;
  for (const one of heading.parentNode.querySelectorAll("[aria-sort]")) one.setAttribute("aria-sort", "none");
  heading.setAttribute("aria-sort", direction);
  const sign = direction === "ascending" ? 1 : -1;
  const compare = key === "label" ? (a, b) => a.localeCompare(b) : (a, b) => a - b;
  const rows = [...body.rows].sort((a, b) => sign * compare(a.dataset[key], b.dataset[key]) || a.dataset.number - b.dataset.number);
  body.replaceChildren(...rows);
  drawFilters();
  say(`Sorted by ${button.textContent}, ${direction}`);
}

/* A link to a filter must not lead to a row that is not shown. */
function showFilter() {
  const row = /^#filter-\d+$/.test(location.hash) ? byId(location.hash.slice(1)) : null;
  if (!row) return;
  row.hidden = false;
  row.scrollIntoView({ block: "center" });
}

function listenToFilters() {
  if (!byId("filter-table")) return;
  byId("filter-table").tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) sortFilters(button);
  });
  window.addEventListener("hashchange", showFilter);
}
