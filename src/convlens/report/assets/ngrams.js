/* The n-grams of the open document: those that decide marked in the text, and all of them by filter. */
const LEVELS = 6; // lines under each other at most
const marks = { words: [], epsilon: 0 };

/* Row of matrix A of the n-gram of filter `f`: what it adds to each class. */
function rowOf(doc, f) {
  const filters = index.regions.length;
  return index.labels.map((_, c) => index.weights[f][c] * doc.pooled[f] + index.biases[c] / filters);
}

/* How far a row differs among the classes: Xu & Du 2020, equation 12. */
function variance(row) {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  return row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
}

/* The place after the last word of the n-gram of filter `f` from `at` on: padding is no word. */
const endOf = (doc, f, at) => Math.min(at + (doc.held[f] ?? index.regions[f]), doc.words);

const holdsPadding = (doc, f) => doc.held[f] < index.regions[f];

/* The windows of n-grams with a variance above `epsilon`, the greatest first, each with its filters. */
function windows(doc, epsilon) {
  const found = new Map();
  doc.positions.forEach((at, f) => {
    const row = rowOf(doc, f), size = variance(row);
    if (at < 0 || !(size > epsilon)) return;
    const key = [at, endOf(doc, f, at), index.regions[f]].join(" ");
    if (!found.has(key)) found.set(key, { at, to: endOf(doc, f, at), region: index.regions[f], filters: [], size: 0 });
    const window = found.get(key);
    window.filters.push({ f, size, row });
    window.size = Math.max(window.size, size);
  });
  const sorted = [...found.values()].sort((a, b) => b.size - a.size || a.at - b.at);
  for (const window of sorted) window.filters.sort((a, b) => b.size - a.size);
  return sorted;
}

/* Give each window the highest line that is free over all its words. */
function level(sorted) {
  const lines = [];
  for (const window of sorted) {
    let line = lines.findIndex((taken) => taken.every(([from, to]) => window.at >= to || window.to <= from));
    if (line < 0) line = lines.push([]) - 1;
    lines[line].push([window.at, window.to]);
    window.level = line < LEVELS ? line : null;
  }
  return Math.min(lines.length, LEVELS);
}

const toneOf = (region) => `var(--g${[...new Set(index.regions)].sort((a, b) => a - b).indexOf(region) % 8})`;

function drawMarks(doc) {
  if (!index.regions.length) return;
  const sorted = windows(doc, marks.epsilon), levels = level(sorted);
  const gaps = [];
  const { words, parts } = textParts(doc, (text, w) => gaps[w] = el("span", { class: "gap" }, text));
  marks.words = words;
  words.forEach((word, w) => underline(word, sorted.filter(({ at, to }) => at <= w && w < to), levels, w));
  gaps.forEach((gap, w) => underline(gap, sorted.filter(({ at, to }) => at < w && w < to), levels, null));
  sorted.forEach(({ at, level: line }, k) => {
    if (line === null || !words[at]) return;
    words[at].dataset.n = [words[at].dataset.n, k + 1].filter(Boolean).join(" ");
  });
  const box = byId("marked");
  box.style.setProperty("--levels", levels);
  box.replaceChildren(...parts);
  markFound();
  box.scrollTop = 0;
  const items = sorted.map((window, k) => markLine(doc, window, k + 1));
  byId("marks").replaceChildren(...(items.length ? items : [el("li", { class: "aside" }, "No n-gram of this text is above it.")]));
  shorten(items, byId("more-marks"), 12, "n-grams");
  const lower = sorted.filter((window) => window.level === null).length;
  byId("unmarked").hidden = !lower;
  byId("unmarked").textContent = `${lower} of them are listed only: there is no room for more lines under each other.`;
}

/* Lines of the windows that hold a word (place `w`) or a gap, with a stroke at both ends. */
function underline(node, held, levels, w) {
  const layers = held.filter((window) => window.level !== null).flatMap(({ at, to, region, level: line }) => {
    const tone = toneOf(region), fill = `linear-gradient(${tone}, ${tone})`, below = `bottom ${5 * (levels - 1 - line)}px`;
    const ends = [w === at ? "left" : null, w === to - 1 ? "right" : null].filter(Boolean);
    return [`${fill} left 0 ${below} / 100% 2px no-repeat`, ...ends.map((side) => `${fill} ${side} 0 ${below} / 2px 5px no-repeat`)];
  });
  if (layers.length) node.style.setProperty("background", layers.join(", "));
}

const ngramText = (doc, f, at, to) => doc.hidden[f] ?? doc.text.slice(doc.spans[at][0], doc.spans[to - 1][1]).slice(0, 300).replace(/\s+/g, " ");
const filterLink = (f) => el("a", { href: "#filter-" + f, "aria-label": "Filter " + f }, f);

function markLine(doc, { at, to, region, filters, size }, number) {
  const best = filters[0], label = index.labels[best.row.indexOf(Math.max(...best.row))];
  const links = filters.flatMap(({ f }, k) => [k ? ", " : "", filterLink(f)]);
  const tone = el("i", { class: "tone", "aria-hidden": "true" });
  tone.style.setProperty("background", toneOf(region));
  return el("li", { "data-from": at, "data-to": to },
    el("span", { class: "number" }, number), el("button", { type: "button", class: "gram-text" }, bdi(ngramText(doc, best.f, at, to))),
    el("small", {}, tone, `${region} words${holdsPadding(doc, best.f) ? ", some of them padding" : ""}, for `, bdi(label), `, variance ${size.toPrecision(2)}; filter${filters.length > 1 ? "s" : ""} `, ...links));
}

function drawNgrams(doc, c) {
  if (!index.regions.length) return;
  const found = doc.positions.map((at, f) => [f, at, rowOf(doc, f)[c]])
    .filter(([f, at]) => at >= 0 || f in doc.held).sort((a, b) => Math.abs(b[2]) - Math.abs(a[2]));
  const largest = found.length ? Math.abs(found[0][2]) : 0;
  const rows = found.map(([f, at, value]) => ngramRow(doc, f, at, signed(value, largest, 3)));
  byId("ngram-target").replaceChildren(bdi(index.labels[c]));
  byId("ngrams").replaceChildren(...rows);
  shorten(rows, byId("more-ngrams"), 12, "n-grams");
}

function ngramRow(doc, f, at, value) {
  if (at < 0) return el("tr", {}, el("td", { class: "aside" }, "padding alone"), el("td", {}, filterLink(f)), el("td", {}, index.regions[f]), el("td", {}, ""), el("td", {}, value));
  const to = endOf(doc, f, at);
  return el("tr", { "data-from": at, "data-to": to },
    el("td", {}, el("button", { type: "button", class: "gram-text" }, bdi(ngramText(doc, f, at, to)))),
    el("td", {}, filterLink(f)), el("td", {}, index.regions[f]), el("td", {}, count(at + 1)), el("td", {}, value));
}

/* What is left of the model when only n-grams above the chosen variance count. */
function pickCut(k) {
  const [epsilon, dropped, same, accuracy] = index.cuts[k];
  marks.epsilon = epsilon;
  const right = accuracy === null ? "" : `, and ${portion(accuracy)} of the documents are classified correctly`;
  byId("cut-facts").textContent = `Over all documents ${portion(dropped)} of the n-grams lie at or below this. Without them ${portion(same)} of the decisions stay as they are${right}.`;
}

function listenToNgrams() {
  if (!index.cuts.length) return;
  const pickFrom = byId("epsilon");
  pickFrom.append(...index.cuts.map(([epsilon], k) => el("option", { value: k }, epsilon === 0 ? "0" : epsilon.toPrecision(2))));
  pickFrom.value = index.fitCut;
  pickCut(index.fitCut);
  pickFrom.addEventListener("change", (event) => {
    pickCut(Number(event.target.value));
    drawMarks(heat.doc);
    say(byId("cut-facts").textContent);
  });
  listenToLines("marks");
  listenToLines("ngrams");
  listenToText(byId("marked"), () => {});
}
