/* Words, important words and slots of filters as one map; each kind can be switched off. */
const RIM = 14, NAMED = 70, TALLEST = 680; // pixels: around the marks, and of the width for each name
const KINDS = [{ name: "other words", shape: 0, tone: 4 }, { name: "most important words", shape: 3, tone: 1 }, { name: "slots of filters", shape: 4, tone: 0 }];
const plane = { names: null, points: null, kinds: [], marks: [], off: new Set() };

/* The kind of every point, and its place among those of its kind. */
function kindsOfPoints({ words, important: best, filters: slots }) {
  return [words, best, slots].flatMap((some, kind) => some.map((_, i) => ({ kind, i })));
}

/* Where the points stand in the picture, whose units are pixels; both axes have one scale. */
function layMap(svg) {
  const width = svg.clientWidth, [xs, ys] = plane.points;
  const [left, right, low, high] = [xs, ys].flatMap((axis) => [axis.reduce((a, b) => Math.min(a, b)), axis.reduce((a, b) => Math.max(a, b))]);
  const height = Math.round(Math.min(Math.max((width - 2 * RIM) * (high - low) / (right - left || 1) + 2 * RIM, 0.4 * width), TALLEST));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.style.setProperty("aspect-ratio", `${width} / ${height}`);
  const scale = Math.min((width - 2 * RIM) / (right - left || 1), (height - 2 * RIM) / (high - low || 1));
  const every = plane.kinds.map((of, id) => ({ ...of, id, x: width / 2 + (xs[id] - (left + right) / 2) * scale, y: height / 2 - (ys[id] - (low + high) / 2) * scale }));
  plane.marks = every.filter(({ kind }) => !plane.off.has(kind)).sort((a, b) => a.x - b.x || a.id - b.id);
}

function drawMap() {
  const svg = byId("marks-map");
  layMap(svg);
  const paths = [0, 2, 1].map((kind) => {
    const d = plane.marks.filter((mark) => mark.kind === kind).map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}${SHAPES[KINDS[kind].shape]}`);
    return shape(svg, "path", { class: "dots g" + KINDS[kind].tone, d: d.join("") });
  });
  svg.replaceChildren(...paths, ...mapNames(svg), shape(svg, "circle", { class: "ring near", r: 6, visibility: "hidden" }));
}

/* The names of the most important words, where they have room. */
function mapNames(svg) {
  const { clientWidth: width } = svg, taken = [], named = [];
  for (const { i, x, y } of plane.marks.filter(({ kind }) => kind === 1).sort((a, b) => a.i - b.i)) {
    const name = plane.names.important[i], size = 7 * name.length + 6, right = x + size < width;
    const from = right ? x : x - size;
    if (named.length >= width / NAMED) break;
    if (name.length > 20 || from < 0 || taken.some(([a, b, at]) => from < b && a < from + size && Math.abs(at - y) < 15)) continue;
    taken.push([from, from + size, y]);
    named.push(textAt(svg, right ? x + 6 : x - 6, y + 4, name, right ? {} : { "text-anchor": "end" }));
  }
  return named;
}

/* What a mark is, for a tip. */
function mapTold({ kind, i }) {
  const { words, important: best, filters: owners, slots } = plane.names;
  if (kind < 2) return [el("b", {}, bdi([words, best][kind][i])), kind ? ", among the most important 5%" : ", a word"];
  const f = owners[i], told = [el("b", {}, `Filter ${f}, slot ${slots[i] + 1}`)];
  if (!index.filters) return told;
  const ngram = filterRow(f).querySelector(".gram bdi")?.textContent;
  return [...told, ", for ", bdi(index.labels[index.filters.label[f]]), ...(ngram ? [el("br"), bdi(ngram)] : [])];
}

function tellMap(mark) {
  const svg = byId("marks-map"), ring = svg.querySelector(".ring");
  ring.setAttribute("visibility", "visible");
  ring.setAttribute("cx", mark.x);
  ring.setAttribute("cy", mark.y);
  tellMark(svg, mark, ...mapTold(mark));
}

function chooseOnMap({ kind, i }) {
  const { words, important: best, filters: owners } = plane.names;
  if (kind < 2) findWord([words, best][kind][i]);
  else if (index.filters) openFilter(owners[i]).then(goToCard);
}

function drawKinds() {
  const svg = byId("marks-map"), { words, important: best, slots } = plane.names;
  byId("kinds").replaceChildren(...KINDS.map(({ name, shape: form, tone }, kind) => {
    const icon = shape(svg, "svg", { viewBox: "-4 -4 8 8", "aria-hidden": "true" });
    icon.append(shape(svg, "path", { class: "dots g" + tone, d: "M0 0" + SHAPES[form] }));
    const shown = [words, best, slots][kind].length, every = index.mapTotals[kind];
    const button = el("button", { type: "button", class: "chip", "aria-pressed": "true", "data-kind": kind });
    button.append(icon, ` ${name} (${count(shown)}${shown < every ? ` of ${count(every)}` : ""})`);
    return button;
  }));
}

function switchKind(button) {
  const kind = Number(button.dataset.kind), on = plane.off.delete(kind);
  if (!on) plane.off.add(kind);
  button.setAttribute("aria-pressed", String(on));
  drawMap();
}

async function startMap() {
  [plane.names, plane.points] = await readMap();
  plane.kinds = kindsOfPoints(plane.names);
  const svg = byId("marks-map");
  let width = 0;
  drawKinds();
  byId("kinds").addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) switchKind(button); });
  new ResizeObserver(() => {
    if (!svg.clientWidth || svg.clientWidth === width) return;
    width = svg.clientWidth;
    drawMap();
  }).observe(svg);
  listenToMarks(svg, { marks: () => plane.marks, near: { reach: 10 }, at: () => null, tell: tellMap, choose: chooseOnMap,
    away: () => { hideTip(); svg.querySelector(".ring")?.setAttribute("visibility", "hidden"); } });
}
