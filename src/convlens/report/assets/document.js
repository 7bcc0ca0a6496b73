/* An open document: its verdict, its classes, and which view of it is shown. */
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
  heat.doc = doc;
  drawVerdict(i);
  drawClasses(doc);
  drawMarks(doc);
  pick(index.predicted[i]);
  markPoint(i);
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
  const first = new Set([...order.slice(0, FEW), index.truth[doc.i]]), more = byId("more-classes");
  const draw = (chosen) => { // lines of thousands of classes are made when they are asked for
    const shown = showsAllClasses ? order : order.filter((c) => first.has(c) || chosen.includes(c));
    byId("choices").replaceChildren(...shown.map((c) => classLine(doc, c, chances[c], largest)));
    more.textContent = showsAllClasses ? "Show fewer classes" : `Show all ${count(order.length)} classes`;
    more.setAttribute("aria-expanded", String(showsAllClasses));
  };
  more.hidden = order.length <= FEW;
  more.onclick = () => { showsAllClasses = !showsAllClasses; draw(shownClasses()); check(); };
  draw([...heat.beside]);
}

function classLine(doc, c, chance, largest) {
  const input = el("input", { type: "radio", name: "target", value: c });
  const who = el("span", { class: "who" }, input, bdi(index.labels[c]));
  if (index.labelled && index.truth[doc.i] === c) who.append(el("span", { class: "tag" }, "true"));
  const plain = bar(chance, 1, false);
  plain.classList.add("plain");
  const beside = el("input", { type: "checkbox", value: c, "aria-label": `Compare ${index.labels[c]}` });
  return el("div", { class: "line" }, el("label", { class: "choice" }, who,
    el("span", { class: "gauge" }, bar(doc.logits[c], largest, true), el("b", {}, signed(doc.logits[c], largest))),
    el("span", { class: "gauge chance" }, plain, el("b", {}, percent(chance)))), el("label", { class: "beside" }, beside));
}

/* Mark the class in focus, and those that are compared. */
function check() {
  document.querySelector(`#choices [type="radio"][value="${heat.target}"]`).checked = true;
  drawChecks();
}

/* Show what speaks for and against class `c`. */
function pick(c) {
  heat.target = c;
  check();
  drawHeats();
  drawSides();
  drawNgrams(heat.doc, c);
}

/* Which classes are compared; no more than there is room for. */
function drawChecks() {
  const shown = shownClasses();
  for (const box of document.querySelectorAll('#choices [type="checkbox"]')) {
    const c = Number(box.value), on = shown.includes(c);
    box.checked = on;
    box.disabled = c === heat.target || (!on && shown.length >= BESIDE);
    box.title = !on && box.disabled ? `${BESIDE} classes at most are compared: clear another first` : "";
  }
}

/* Take class `c` to the compared ones, or away; the class in focus is always among them. */
function compare(c, on) {
  if (on) heat.beside.add(heat.target).add(c);
  else heat.beside.delete(c);
  if (shownClasses().length === 1) heat.beside.clear();
  drawChecks();
  drawHeats();
  say(`${shownClasses().length} classes side by side`);
}

function showView(name) {
  for (const view of ["words", "ngrams"]) byId("view-" + view).hidden = view !== name;
}

function listenToDocument() {
  byId("choices").addEventListener("change", (event) => {
    const { type, value, checked } = event.target;
    if (type === "radio") pick(Number(value));
    else compare(Number(value), checked);
  });
  byId("views").addEventListener("change", (event) => showView(event.target.value));
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("back").addEventListener("click", () => { byId("documents").scrollIntoView(); byId("rows").focus({ preventScroll: true }); });
}
