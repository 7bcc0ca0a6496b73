/* The pooled values of documents for a filter: those predicted to be in its class above, the others below (figure 2 b, c). */
const MARGIN = 10, FOOT = 24, HEADING = 20; // pixels
const values = { marks: [], card: null, every: null };

const readValues = () => once("values", (buffer) => taker(new Uint8Array(buffer), 0)(index.regions.length * index.points.number.length, 1));

/* Between -1 and 1, the same each time: so that points of one value lie apart. */
const jitter = (i) => ((i * 0.618034) % 1) * 2 - 1;

function drawValues(card, every) {
  const { number, predicted, step, total } = index.points, { f } = card;
  const c = index.filters.label[f], mine = every.subarray(f * number.length, (f + 1) * number.length);
  const threshold = index.filters.threshold[f], most = Math.max(...mine, 1) * step[f];
  const svg = byId("card-values"), field = measured(svg), end = Math.max(most, threshold ?? 0) * 1.02;
  const x = (value) => field.left + (field.right - field.left) * value / end;
  Object.assign(values, { card, every });
  values.marks = [...mine].map((steps, i) => {
    const agrees = predicted[i] === c;
    return { id: i, agrees, value: steps * step[f], x: x(steps * step[f]), y: field.rows[agrees ? 0 : 1] + field.tall * jitter(i) };
  }).sort((a, b) => a.x - b.x || a.id - b.id);
  svg.setAttribute("aria-label", `Values of ${number.length} documents for filter ${f}; arrows move, Enter opens a document`);
  svg.replaceChildren(...backdrop(svg, field, x, [end / 1.02, threshold]), ...[true, false].map((agrees) => dotsOf(svg, agrees)),
    ...rowNames(svg, field, c), shape(svg, "circle", { class: "ring near", r: 6, visibility: "hidden" }));
  const which = number.length < total ? `${count(number.length)} of ${count(total)} documents with words` : `All ${count(total)} documents with words`;
  byId("card-points").textContent = `${which}: the value of each one’s best n-gram.` + (threshold === null ? "" : " Right of the line it passes.");
}

/* Where things stand in the picture, whose units are pixels: so its letters are as large as those of the page. */
function measured(svg) {
  const { clientWidth: width, clientHeight: height } = svg, bottom = height - FOOT, tall = (bottom - 2 * HEADING) / 4 - 4;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return { left: MARGIN, right: width - MARGIN, bottom, foot: height - 7, tall, rows: [HEADING + tall + 2, bottom - tall - 6] };
}

function dotsOf(svg, agrees) {
  const dot = SHAPES[agrees ? 0 : 3], some = values.marks.filter((mark) => mark.agrees === agrees);
  return shape(svg, "path", { class: agrees ? "dots yes" : "dots no", d: some.map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}${dot}`).join("") });
}

function textAt(svg, x, y, content, attributes) {
  const node = shape(svg, "text", { x, y, ...attributes });
  node.textContent = content;
  return node;
}

/* The axis, its ends, and the threshold with what lies beyond it. */
function backdrop(svg, { left, right, bottom, foot }, x, [most, threshold]) {
  const ends = [shape(svg, "path", { class: "axis", d: `M${left} ${bottom}H${right}` }), textAt(svg, left, foot, "0", {}),
    textAt(svg, right, foot, most.toPrecision(3), { "text-anchor": "end" })];
  if (threshold === null) return ends;
  const at = x(threshold), middle = Math.min(Math.max(at, left + 65), right - 85);
  return [shape(svg, "rect", { class: "pass", x: at, y: 0, width: right + MARGIN - at, height: bottom }), ...ends,
    shape(svg, "path", { class: "threshold", d: `M${at} 0V${bottom}` }),
    textAt(svg, middle, foot, `threshold ${threshold.toFixed(3)}`, { "text-anchor": "middle" })];
}

function rowNames(svg, { right, rows, tall }, c) {
  const others = index.labels.length === 2 ? index.labels[1 - c] : "another class";
  return [["yes", index.labels[c]], ["no", others]].map(([name, of], k) =>
    textAt(svg, right, rows[k] - tall - 5, `predicted ${of.length > 40 ? of.slice(0, 39) + "…" : of}`, { class: "name " + name, "text-anchor": "end" }));
}

/* The place of a point's document among those of the page, or -1. */
const documentOf = (mark) => index.number.indexOf(index.points.number[mark.id]);

function tellValue(mark) {
  const svg = byId("card-values"), ring = svg.querySelector(".ring"), i = documentOf(mark);
  ring.setAttribute("visibility", "visible");
  ring.setAttribute("cx", mark.x);
  ring.setAttribute("cy", mark.y);
  const begins = i < 0 ? [] : [el("br"), bdi(index.snippet[i] || "(empty)")];
  tellMark(svg, mark, el("b", {}, signed(mark.value, values.card.largest, 3).replace("+", "")), `: document ${count(index.points.number[mark.id])}, predicted `,
    bdi(index.labels[index.points.predicted[mark.id]]), ...begins);
}

function listenToValues() {
  const svg = byId("card-values");
  let width = 0;
  new ResizeObserver(() => {
    if (!values.card || !svg.clientWidth || svg.clientWidth === width) return; // hidden, it has no width
    width = svg.clientWidth;
    drawValues(values.card, values.every);
  }).observe(svg);
  listenToMarks(svg, { marks: () => values.marks, near: { reach: 12 }, at: () => null, tell: tellValue,
    choose: (mark) => { if (documentOf(mark) >= 0) openPoint(documentOf(mark)); },
    away: () => { hideTip(); svg.querySelector(".ring")?.setAttribute("visibility", "hidden"); } });
}
