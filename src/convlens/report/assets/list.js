/* The list of documents: search, filters, order, pages, keys. */
const PAGE = 25;
const list = { show: "all", order: "file", query: "", cell: null, found: [], page: 0, open: null };
const right = (i) => index.truth[i] === index.predicted[i];

async function refresh({ keep = false } = {}) {
  const query = list.query;
  const texts = query ? await foldedTexts() : null;
  if (query !== list.query) return;
  const sign = { most: -1, least: 1, file: 0 }[list.order];
  list.found = index.number.map((_, i) => i).filter((i) =>
    (list.show === "all" || right(i) === (list.show === "right"))
    && (!list.cell || (index.truth[i] === list.cell[0] && index.predicted[i] === list.cell[1]))
    && (!texts || texts[i].includes(query)));
  if (sign) list.found.sort((a, b) => sign * (index.probability[a] - index.probability[b]) || a - b);
  const at = list.found.indexOf(list.open);
  list.page = keep && at >= 0 ? Math.floor(at / PAGE) : 0;
  drawList();
  say(list.found.length ? `${count(list.found.length)} documents` : "No document matches");
  follow();
}

/* Show a document of the list beside it, or none where the list is empty. */
function follow() {
  if (list.open === null) return;
  byId("document").hidden = !list.found.length;
  if (list.found.length && !list.found.includes(list.open)) openDocument(list.found[0], { quiet: true });
}

function drawList() {
  const from = list.page * PAGE, pages = Math.ceil(list.found.length / PAGE);
  const rows = byId("rows");
  rows.replaceChildren(...list.found.slice(from, from + PAGE).map((i, k) => drawRow(i, from + k)));
  rows.scrollTop = 0;
  rows.hidden = byId("pager").hidden = !list.found.length;
  byId("none").hidden = list.found.length > 0;
  byId("count").textContent = list.found.length === 1 ? "1 document" : `${count(list.found.length)} documents`;
  byId("page").textContent = `Page ${count(list.page + 1)} of ${count(pages)}`;
  byId("before").disabled = list.page === 0;
  byId("after").disabled = list.page >= pages - 1;
  select();
  markFound();
}

function drawRow(i, place) {
  const labels = el("span");
  if (index.labelled) labels.append(el("span", { class: "truth" }, el("span", { class: "sr" }, "true "), bdi(index.labels[index.truth[i]])));
  const wrong = index.labelled && !right(i);
  const guess = el("span", { class: wrong ? "guess wrong" : "guess" }, wrong ? "✗ " : index.labelled ? "✓ " : "");
  guess.append(el("span", { class: "sr" }, "predicted "), bdi(index.labels[index.predicted[i]]));
  labels.append(guess);
  return el("div", { class: "row", role: "option", id: "row-" + i, "data-i": i, "aria-selected": "false",
    "aria-posinset": place + 1, "aria-setsize": list.found.length },
  el("span", { class: "snippet", dir: "auto" }, index.snippet[i] || "(empty)"), labels,
  el("span", { class: "chance" }, percent(index.probability[i])));
}

/* Mark the open document in the list. */
function select() {
  const rows = byId("rows");
  rows.removeAttribute("aria-activedescendant");
  for (const row of rows.children) {
    const open = Number(row.dataset.i) === list.open;
    row.setAttribute("aria-selected", String(open));
    if (!open) continue;
    rows.setAttribute("aria-activedescendant", row.id);
    const top = row.offsetTop;
    if (top < rows.scrollTop) rows.scrollTop = top;
    if (top + row.offsetHeight > rows.scrollTop + rows.clientHeight) rows.scrollTop = top + row.offsetHeight - rows.clientHeight;
  }
}

function turn(by) {
  const last = Math.ceil(list.found.length / PAGE) - 1;
  list.page = Math.min(Math.max(list.page + by, 0), Math.max(last, 0));
  drawList();
}

/* Open the document `by` places further in the list; from outside it, its first one. */
function step(by) {
  if (!list.found.length) return;
  const at = list.found.indexOf(list.open);
  const place = at < 0 ? list.page * PAGE : Math.min(Math.max(at + by, 0), list.found.length - 1);
  openDocument(list.found[place]);
  if (Math.floor(place / PAGE) !== list.page) turn(Math.floor(place / PAGE) - list.page);
}

function setCell(cell) {
  list.cell = cell;
  for (const button of document.querySelectorAll("#confusion button")) {
    const on = cell && Number(button.dataset.truth) === cell[0] && Number(button.dataset.predicted) === cell[1];
    button.setAttribute("aria-pressed", String(Boolean(on)));
  }
  const chip = byId("cell");
  chip.hidden = !cell;
  if (cell) {
    chip.replaceChildren("true ", bdi(index.labels[cell[0]]), ", predicted ", bdi(index.labels[cell[1]]), `${shareOf(cell)} ✕`);
    chip.setAttribute("aria-label", `Stop listing only true ${index.labels[cell[0]]}, predicted ${index.labels[cell[1]]}`);
  }
}

/* How many documents of a cell there are, where not all of them are on this page. */
function shareOf(cell) {
  const title = document.querySelector(`#confusion [data-truth="${cell[0]}"][data-predicted="${cell[1]}"]`)?.title ?? "";
  return title.includes(",") && title.includes("page") ? `: ${title}` : "";
}

function clearFilters() {
  Object.assign(list, { show: "all", query: "" });
  byId("controls").reset();
  list.order = "file";
  setCell(null);
  return refresh();
}

/* List only the documents that hold `query`. */
function searchFor(query) {
  byId("query").value = query;
  Object.assign(list, { query: query.toLowerCase(), page: 0 });
  return refresh();
}

function listenToList() {
  let timer = 0;
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  byId("query").addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => { list.query = event.target.value.toLowerCase(); refresh(); }, 120);
  });
  byId("controls").addEventListener("change", (event) => {
    if (event.target.type === "radio") { list[event.target.name] = event.target.value; refresh(); }
  });
  byId("confusion")?.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const again = button.getAttribute("aria-pressed") === "true";
    setCell(again ? null : [Number(button.dataset.truth), Number(button.dataset.predicted)]);
    refresh().then(() => { if (!again) byId("documents").scrollIntoView(); });
  });
  byId("cell").addEventListener("click", () => { setCell(null); refresh(); byId("query").focus(); });
  byId("clear").addEventListener("click", () => { clearFilters(); byId("query").focus(); });
  byId("before").addEventListener("click", () => turn(-1));
  byId("after").addEventListener("click", () => turn(1));
  byId("rows").addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (row) openDocument(Number(row.dataset.i)).then(showOnPhone);
  });
}
