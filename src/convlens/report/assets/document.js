/* An open document: classes, proof, words and n-grams. */
const FEW = 8;
let showsAllClasses = false;

async function openDocument(i, { quiet = false } = {}) {
  list.open = i;
  select();
  const doc = await readDocument(i);
  if (list.open !== i) return;
  byId("document").hidden = false;
  byId("document-title").textContent = `Document ${count(index.number[i])}`;
  if (!quiet) history.replaceState(null, "", "#document-" + index.number[i]);
  drawVerdict(i);
  drawText(doc);
  drawClasses(doc);
  pick(index.predicted[i]);
  say(`Document ${index.number[i]}, predicted ${index.labels[index.predicted[i]]}`);
}

/* Where list and document lie below each other, bring the document into view. */
function showOnPhone() {
  if (matchMedia("(max-width: 1000px)").matches) {
    byId("document").scrollIntoView();
    byId("document").focus({ preventScroll: true });
  }
}

function drawVerdict(i) {
  const parts = ["Predicted ", el("b", {}, bdi(index.labels[index.predicted[i]])), ` with ${percent(index.probability[i])}`];
  if (!index.labelled) parts.push(".");
  else if (right(i)) parts.push(", which is right.");
  else parts.push("; the true class is ", el("b", {}, bdi(index.labels[index.truth[i]])), ".");
  byId("verdict").replaceChildren(...parts);
}

function probabilities(logits) {
  const most = Math.max(...logits);
  const raised = logits.map((logit) => Math.exp(logit - most));
  const total = raised.reduce((sum, value) => sum + value, 0);
  return raised.map((value) => value / total);
}

/* One line per class, the most probable first; choosing one colours the words for it. */
function drawClasses(doc) {
  const chances = probabilities(doc.logits);
  const largest = Math.max(...doc.logits.map(Math.abs));
  const order = index.labels.map((_, c) => c).sort((a, b) => doc.logits[b] - doc.logits[a] || a - b);
  const lines = order.map((c) => classLine(doc, c, chances[c], largest));
  byId("choices").replaceChildren(...lines);
  const more = byId("more-classes");
  const truth = index.truth[doc.i];
  const hide = () => {
    lines.forEach((line, k) => { line.hidden = !showsAllClasses && k >= FEW && order[k] !== truth; });
    more.textContent = showsAllClasses ? "Show fewer classes" : `Show all ${lines.length} classes`;
    more.setAttribute("aria-expanded", String(showsAllClasses));
  };
  more.hidden = lines.length <= FEW;
  more.onclick = () => { showsAllClasses = !showsAllClasses; hide(); };
  hide();
}

function classLine(doc, c, chance, largest) {
  const input = el("input", { type: "radio", name: "target", value: c });
  const who = el("span", { class: "who" }, input, bdi(index.labels[c]));
  if (index.labelled && index.truth[doc.i] === c) who.append(el("span", { class: "tag" }, "true"));
  const plain = bar(chance, 1, false);
  plain.classList.add("plain");
  return el("label", { class: "choice" }, who,
    el("span", { class: "gauge" }, bar(doc.logits[c], largest, true), el("b", {}, signed(doc.logits[c], largest))),
    el("span", { class: "gauge chance" }, plain, el("b", {}, percent(chance))));
}

/* Show what speaks for and against class `c`. */
function pick(c) {
  const input = document.querySelector(`#choices input[value="${c}"]`);
  input.checked = true;
  colourText(c);
  drawProof(heat.doc, c);
  drawSides(heat.doc, c);
  drawNgrams(heat.doc, c);
}

function drawProof(doc, c) {
  const logit = doc.logits[c], residual = doc.residual[c], size = Math.abs(logit);
  const number = (value) => el("b", {}, signed(value, size));
  const parts = ["The scores of all ", count(doc.words), " words "];
  if (doc.bias[c] && index.exact) parts.push("and the bias ");
  if (index.exact) parts.push("sum to ", number(logit + residual), "; the logit is ", number(logit), ". Difference: ",
    el("b", {}, Math.abs(residual).toExponential(1)), ".");
  else parts.push("sum to ", number(logit - doc.bias[c]), "; the logit is ", number(logit), ". They leave ",
    number(doc.bias[c]), " to no word.");
  byId("proof").replaceChildren(...parts);
  byId("cut").hidden = !doc.cut;
  byId("cut").textContent = doc.words > doc.shown
    ? `First ${count(doc.shown)} of ${count(doc.words)} words shown; the rest adds ${signed(doc.rest[c], size)} to the logit.`
    : "The end of the text is not shown; its words count in full.";
}

function drawSides(doc, c) {
  const scored = heat.words.map((_, w) => [w, doc.score(w, c)]);
  const sides = [["Words for ", scored.filter(([, s]) => s > 0).sort((a, b) => b[1] - a[1])],
    ["Words against ", scored.filter(([, s]) => s < 0).sort((a, b) => a[1] - b[1])]];
  byId("sides").replaceChildren(...sides.map(([title, words]) => drawSide(doc, c, title, words)));
}

function drawSide(doc, c, title, words) {
  const items = words.map(([w, score]) => el("li", { "data-from": w, "data-to": w + 1 },
    el("button", { type: "button" }, bdi(doc.text.slice(...doc.spans[w]).slice(0, 200))),
    bar(score, heat.largest, false), el("span", { class: "value" }, signed(score, heat.largest))));
  const more = el("button", { type: "button", class: "link" });
  shorten(items, more, FEW, "words");
  const body = items.length ? el("ol", { class: "ranked" }, ...items) : el("p", { class: "aside" }, "none");
  return el("div", {}, el("h4", {}, title, bdi(index.labels[c])), body, more);
}

function drawNgrams(doc, c) {
  const filters = index.regions.length;
  if (!filters) return;
  const found = doc.positions.map((at, f) => [f, at, index.weights[f][c] * doc.pooled[f] + index.biases[c] / filters])
    .filter(([, at]) => at >= 0).sort((a, b) => Math.abs(b[2]) - Math.abs(a[2]));
  const largest = found.length ? Math.abs(found[0][2]) : 0;
  const rows = found.map(([f, at, score]) => ngramRow(doc, f, at, signed(score, largest)));
  byId("ngram-target").replaceChildren(bdi(index.labels[c]));
  byId("ngrams").replaceChildren(...rows);
  shorten(rows, byId("more-ngrams"), 12, "n-grams");
}

function ngramRow(doc, f, at, score) {
  const to = Math.min(at + index.regions[f], doc.words);
  const text = doc.hidden[f] ?? doc.text.slice(doc.spans[at][0], doc.spans[to - 1][1]).slice(0, 300).replace(/\s+/g, " ");
  return el("tr", { "data-from": at, "data-to": to },
    el("td", {}, el("button", { type: "button", class: "gram-text" }, bdi(text))),
    el("td", {}, el("a", { href: "#filter-" + f, "aria-label": "Filter " + f }, f)),
    el("td", {}, index.regions[f]), el("td", {}, count(at + 1)), el("td", {}, score));
}

function listenToDocument() {
  byId("choices").addEventListener("change", (event) => pick(Number(event.target.value)));
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("back").addEventListener("click", () => { byId("documents").scrollIntoView(); byId("rows").focus({ preventScroll: true }); });
  for (const id of ["sides", "ngrams"].filter(byId)) {
    const line = (event) => event.target.closest?.("[data-from]");
    const mark = (event) => { if (line(event)) markWords(Number(line(event).dataset.from), Number(line(event).dataset.to)); };
    const unmark = () => markWords(0, 0);
    byId(id).addEventListener("pointerover", mark);
    byId(id).addEventListener("pointerleave", unmark);
    byId(id).addEventListener("focusin", mark);
    byId(id).addEventListener("focusout", unmark);
    byId(id).addEventListener("click", (event) => { if (event.target.closest("button") && line(event)) showWord(Number(line(event).dataset.from)); });
  }
}
