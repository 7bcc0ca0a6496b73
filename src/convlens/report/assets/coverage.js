/* The share of documents that reach each filter's threshold, a bar for each, by class (Jacovi et al. 2018, figure 2 a). */
const WIDE = 1000, TALL = 100, GAP = 12; // units of the picture, the gap where there are few classes
const bars = { found: [], most: 1 };

/* Where there are few classes each has a colour. */
const toneOfClass = (c) => index.labels.length > 8 ? "var(--g6)" : `var(--g${c})`;

/* The bars from left to right: class after class, the greatest first. */
function layBars() {
  const { label, coverage } = index.filters, classes = [...new Set(label)].sort((a, b) => a - b);
  const gap = Math.min(GAP, WIDE / 2 / classes.length), width = (WIDE - gap * (classes.length - 1)) / label.length;
  bars.most = Math.max(...coverage, 0.01);
  let x = 0;
  bars.found = classes.flatMap((c) => {
    const mine = label.map((_, f) => f).filter((f) => label[f] === c).sort((a, b) => coverage[b] - coverage[a] || a - b);
    const laid = mine.map((f, k) => ({ id: f, c, left: x + k * width, width, x: x + (k + 0.5) * width, y: TALL * (1 - coverage[f] / bars.most) }));
    x += mine.length * width + gap;
    return laid;
  });
}

function drawCoverage() {
  const svg = byId("coverage"), shown = new Set(filters.found);
  const paths = [...new Set(index.filters.label)].flatMap((c) => [true, false].map((on) => {
    const some = bars.found.filter((bar) => bar.c === c && shown.has(bar.id) === on);
    const fill = some.map(({ left, width, y }) => `M${left.toFixed(2)} ${TALL}V${Math.min(y, TALL - 1).toFixed(2)}h${(0.86 * width).toFixed(2)}V${TALL}z`);
    const path = shape(svg, "path", { class: on ? "" : "dim", d: fill.join("") });
    path.style.setProperty("fill", toneOfClass(c));
    return path;
  }));
  svg.replaceChildren(...paths, ...["open", "near"].map((name) => shape(svg, "rect", { class: name, y: 0, height: TALL, visibility: "hidden" })));
  frameBar("open", filters.open);
}

function frameBar(name, f) {
  const rect = byId("coverage").querySelector("." + name), bar = bars.found.find(({ id }) => id === f);
  rect?.setAttribute("visibility", bar ? "visible" : "hidden");
  if (rect && bar) for (const [key, value] of [["x", bar.left - 0.07 * bar.width], ["width", bar.width]]) rect.setAttribute(key, value);
}

function tellBar(mark) {
  const { id } = mark, { threshold, coverage, label } = index.filters;
  frameBar("near", id);
  const words = filterRow(id).querySelector(".gram bdi")?.textContent;
  const told = threshold[id] === null ? "never pure enough" : `${portion(coverage[id])} of the documents`;
  tellMark(byId("coverage"), mark, el("b", {}, `Filter ${id}`), ", for ", bdi(index.labels[label[id]]), `: ${told}`,
    ...(words ? [el("br"), bdi(words)] : []));
}

function startCoverage() {
  layBars();
  const svg = byId("coverage");
  svg.parentNode.querySelector(".most").textContent = portion(bars.most);
  const { label } = index.filters;
  if (index.labels.length <= 8) byId("coverage-classes").append(...index.labels.map((name, c) => {
    const key = el("span", { class: "key" }, el("i", { "aria-hidden": "true" }), bdi(name), ` (${count(label.filter((one) => one === c).length)})`);
    key.firstChild.style.setProperty("background", toneOfClass(c));
    return key;
  }));
  listenToMarks(svg, { marks: () => bars.found, near: { flat: true, reach: Infinity }, at: () => filters.open, tell: tellBar,
    choose: ({ id }) => openFilter(id).then(goToCard), away: () => { hideTip(); frameBar("near", null); } });
}
