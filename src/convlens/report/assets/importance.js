/* The words that matter to the whole model: a table sorted by any of its columns. */
const MEASURES = ["printed", "slots", "evidence"];
const important = { key: "evidence", down: true, rows: [] };

/* What a word is sorted by; what it lacks is null and comes last, whatever the direction. */
function wordKey([word, , places, uses, label], key) {
  const m = MEASURES.indexOf(key);
  if (m >= 0) return places[m] ? -places[m] : null;
  return { word, occurrences: uses, label: uses ? label : null }[key];
}

function compareWords(a, b) {
  const [one, other] = [a, b].map((found) => wordKey(found, important.key));
  const evidence = ([, , [, , place]]) => place || Infinity;
  const tie = () => evidence(a) - evidence(b) || 0;
  if (one === null || other === null) return (one === null) - (other === null) || tie();
  const way = typeof one === "string" ? one.localeCompare(other) : one - other;
  return (important.down ? -way : way) || tie();
}

function wordRow([word, values, places, uses, label, adds], largest) {
  const cell = (...children) => el("td", { role: "cell" }, ...children);
  const measured = MEASURES.map((name, m) => places[m]
    ? cell(el(places[m] <= index.importanceTop ? "b" : "span", {}, signed(values[m], values[m]).replace("+", "")), " ", el("small", {}, `#${count(places[m])}`))
    : cell("–"));
  const speaks = uses ? [bdi(index.labels[label]), " ", el("small", {}, signed(adds, largest, 3))] : ["–"];
  return el("tr", { role: "row" },
    el("th", { role: "rowheader", scope: "row" }, el("button", { type: "button", "data-word": word, tabindex: -1 }, bdi(word))),
    ...measured, cell(...speaks), cell(count(uses)));
}

function sortWords() {
  important.rows.sort(([a], [b]) => compareWords(a, b));
  byId("important").tBodies[0].replaceChildren(...important.rows.map(([, row]) => row));
  if (important.rows.length) reachWord(0);
}

const wordButton = (at) => important.rows[at][1].querySelector("button");

/* Of all words only one is reached by Tab. */
function reachWord(at) {
  important.rows.forEach((_, i) => { wordButton(i).tabIndex = i === at ? 0 : -1; });
}

function onWordKey(event) {
  const at = important.rows.findIndex((_, i) => wordButton(i) === event.target), last = important.rows.length - 1;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  reachWord(Math.min(Math.max(to, 0), last));
  byId("important").querySelector("tbody [tabindex='0']").focus();
}

function startImportance() {
  const largest = Math.max(...index.importance.map(([, , , , , adds]) => Math.abs(adds)), 0);
  important.rows = index.importance.map((found) => [found, wordRow(found, largest)]);
  sortWords();
  byId("important").tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    turnTo(button, important, [...MEASURES, "occurrences"]);
    sortWords();
    byId("important-rows").scrollTop = 0;
  });
  byId("important").addEventListener("keydown", onWordKey);
}
