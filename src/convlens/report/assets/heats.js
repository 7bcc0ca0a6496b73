/* Heatmaps of the open document: one method, one class or several side by side on one scale. */
const BESIDE = 4; // heatmaps at most
const FAINT = 0.02; // share of the largest score, below which a word stays uncoloured
const heat = { doc: null, method: 0, target: 0, beside: new Set(), panels: [], largest: 0 };

const chosen = () => index.methods[heat.method];
const fromDocument = () => heat.doc.heats[heat.method];
/* Scores of all methods but the first are rounded in the page; they are shown to as many digits as hold. */
const score = (value) => {
  const text = signed(value, heat.largest, heat.method ? 2 : 4);
  return chosen().signed ? text : text.replace("+", "");
};

function shownClasses() {
  return [heat.target, ...[...heat.beside].filter((c) => c !== heat.target)].slice(0, BESIDE);
}

function drawHeats() {
  const { doc } = heat, part = fromDocument(), classes = shownClasses();
  const sizes = classes.filter(part.has).flatMap((c) => doc.spans.map((_, w) => Math.abs(part.score(w, c))));
  heat.largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  heat.panels = classes.map((c, k) => drawPanel(c, k, classes.length > 1));
  byId("heats").replaceChildren(...heat.panels.map((panel) => panel.figure));
  byId("heats").classList.toggle("several", classes.length > 1);
  drawScale(classes);
  byId("about").textContent = `${chosen().about} ${SUMS[chosen().sums]}`;
  byId("unknown").hidden = !doc.unknown.length;
  byId("unknown-count").textContent = `${count(doc.unknown.length)} of ${count(doc.shown)} words shown`;
  byId("cut").hidden = !doc.cut;
  byId("cut").textContent = doc.words > doc.shown
    ? `First ${count(doc.shown)} of ${count(doc.words)} words shown; the rest adds ${signed(part.rest(heat.target), Math.abs(doc.logits[heat.target]))} to the sum.`
    : "The end of the text is not shown; its words count in full.";
  markFound();
}

const SUMS = {
  exact: "Scores and bias sum to the logit.",
  remainder: "The bias is what the scores leave of the logit.",
  none: "The scores are no parts of the logit.",
};

function drawPanel(c, k, several) {
  const { doc } = heat, part = fromDocument(), known = part.has(c);
  const { words, parts } = textParts(doc);
  if (known) words.forEach((word, w) => colour(word, heat.largest > 0 ? part.score(w, c) / heat.largest : 0));
  const label = `The text, coloured for ${index.labels[c]}`;
  const box = el("div", { class: "text", dir: "auto", role: "group", "aria-label": label, "data-c": c }, ...parts);
  const sum = el("p", { class: "proof" }, ...(known ? proof(doc, part, c) : notHere()));
  if (!k) { box.id = "text"; sum.id = "proof"; }
  const head = several ? [el("figcaption", {}, bdi(index.labels[c]))] : [];
  return { figure: el("figure", { class: "heat" }, ...head, box, sum), words };
}

function colour(word, share) {
  word.style.setProperty("--a", Math.abs(share).toFixed(3));
  const sign = share > FAINT ? "pro" : share < -FAINT ? "con" : "none";
  word.className = "word " + (chosen().signed || sign === "none" ? sign : "plain");
}

const notHere = () => [`This page has the scores of ${chosen().name} for the most probable classes of a document and the true one only.`];

/* What the scores sum to, and what that has to do with the logit. */
function proof(doc, part, c) {
  const logit = doc.logits[c], size = Math.max(Math.abs(logit), Math.abs(part.total(c)));
  const number = (value) => el("b", {}, value === 0 ? "0" : signed(value, size));
  const parts = ["The scores of all ", count(doc.words), " words sum to ", chosen().signed ? number(part.total(c)) : el("b", {}, signed(part.total(c), size).replace("+", ""))];
  const residual = Math.abs(part.total(c) + part.bias(c) - logit);
  if (chosen().sums === "exact") parts.push(", the bias adds ", number(part.bias(c)), "; the logit is ", number(logit),
    ". Difference: ", el("b", {}, residual.toExponential(1)), ".");
  else if (chosen().sums === "remainder") parts.push("; the logit is ", number(logit), ". They leave ", number(part.bias(c)), " to no word.");
  else parts.push(", which is no part of the logit, ", number(logit), ".");
  return parts;
}

function drawScale(classes) {
  const name = classes.length > 1 ? "the class" : bdi(index.labels[classes[0]]);
  const { signed: both } = chosen();
  byId("scale").classList.toggle("one", !both);
  byId("lowest").replaceChildren(...(both ? ["against ", name, " " + score(-heat.largest)] : ["0"]));
  byId("highest").replaceChildren(score(heat.largest), ...(both ? [" for ", name.cloneNode?.(true) ?? name] : []),
    classes.length > 1 ? ", on one scale" : "");
}

function tellScore(word) {
  const c = Number(word.closest(".text").dataset.c), part = fromDocument();
  if (!part.has(c)) return;
  const value = part.score(Number(word.dataset.w), c);
  const link = !chosen().signed ? " · " : value < 0 ? " against " : " for ";
  const unknown = "unknown" in word.dataset ? " · not in the vocabulary" : "";
  showTip(word, el("b", {}, score(value)), link, bdi(index.labels[c]), unknown);
}

function drawSides() {
  const { doc, target } = heat, part = fromDocument();
  const scored = part.has(target) ? doc.spans.map((_, w) => [w, part.score(w, target)]) : [];
  const sides = [["Words for ", scored.filter(([, s]) => s > 0).sort((a, b) => b[1] - a[1])],
    ["Words against ", scored.filter(([, s]) => s < 0).sort((a, b) => a[1] - b[1])]];
  const titled = chosen().signed ? sides : [["Greatest slopes for ", sides[0][1]]];
  byId("sides").replaceChildren(...titled.map(([title, words]) => drawSide(title, words)));
}

function drawSide(title, words) {
  const { doc } = heat;
  const items = words.map(([w, value]) => {
    const line = bar(value, heat.largest, false);
    line.classList.toggle("unsigned", !chosen().signed);
    return el("li", { "data-from": w, "data-to": w + 1 }, el("button", { type: "button" }, bdi(doc.text.slice(...doc.spans[w]).slice(0, 200))),
      line, el("span", { class: "value" }, score(value)));
  });
  const more = el("button", { type: "button", class: "link" });
  shorten(items, more, FEW, "words");
  const body = items.length ? el("ol", { class: "ranked" }, ...items) : el("p", { class: "aside" }, "none");
  return el("div", {}, el("h4", {}, title, bdi(index.labels[heat.target])), body, more);
}

function listenToHeats() {
  listenToText(byId("heats"), tellScore);
  listenToLines("sides");
  byId("methods").addEventListener("change", (event) => {
    heat.method = Number(event.target.value);
    drawHeats();
    drawSides();
    say(`${chosen().name}: ${byId("proof").textContent}`);
  });
}
