/* The documents as points of the plane; pointing at one tells which it is, choosing it opens it. */
const SIDE = 260, EDGE = 10, NEAR = 14;
// Drawn about a point, so that groups differ in shape as well as in colour.
const SHAPES = ["m-2.4 0a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0", "m0-3l2.8 4.9h-5.6z", "m-2.1-2.1h4.2v4.2h-4.2z",
  "m0-3.2l3.2 3.2l-3.2 3.2l-3.2-3.2z", "m-.8-2.8h1.6v2h2v1.6h-2v2h-1.6v-2h-2v-1.6h2z", "m0 3l2.8-4.9h-5.6z",
  "m0-1.2l1.8-1.8l1.2 1.2l-1.8 1.8l1.8 1.8l-1.2 1.2l-1.8-1.8l-1.8 1.8l-1.2-1.2l1.8-1.8l-1.8-1.8l1.2-1.2z", "m-.9-3h1.8v6h-1.8z"];
const cloud = { panels: [], points: [], only: null };

function shape(svg, name, attributes) {
  const node = document.createElementNS(svg.namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

const place = ([xs, ys], i) => [SIDE / 2 + xs[i] * (SIDE / 2 - EDGE), SIDE / 2 - ys[i] * (SIDE / 2 - EDGE)];

async function drawCloud() {
  cloud.points = await readPoints();
  cloud.panels = [...document.querySelectorAll("#clouds svg")].map((svg, p) => {
    const dots = index.cloud.groups.map(() => []);
    index.cloud.of.forEach((g, i) => dots[g].push("M" + place(cloud.points[p], i).map((v) => v.toFixed(1)).join(" ") + SHAPES[g]));
    const paths = dots.map((some, g) => shape(svg, "path", { class: "dots g" + g, d: some.join("") }));
    const rings = ["open", "near"].map((name) => shape(svg, "circle", { class: "ring " + name, r: name === "open" ? 6 : 5, visibility: "hidden" }));
    svg.replaceChildren(...paths, ...rings);
    return { svg, paths, open: rings[0], near: rings[1], at: null };
  });
  drawLegend();
  markPoint(list.open);
}

function drawLegend() {
  const [{ svg }] = cloud.panels;
  byId("groups").replaceChildren(...index.cloud.groups.map((name, g) => {
    const icon = shape(svg, "svg", { viewBox: "-4 -4 8 8", "aria-hidden": "true" });
    icon.append(shape(svg, "path", { class: "dots g" + g, d: "M0 0" + SHAPES[g] }));
    const members = index.cloud.of.filter((of) => of === g).length;
    const button = el("button", { type: "button", class: "chip", "aria-pressed": "false", "data-g": g });
    button.append(icon, " ", bdi(name), ` (${count(members)})`);
    return button;
  }));
}

/* Show one group alone, or all. */
function only(g) {
  cloud.only = cloud.only === g ? null : g;
  for (const { paths } of cloud.panels) paths.forEach((path, k) => path.classList.toggle("dim", cloud.only !== null && k !== cloud.only));
  for (const button of byId("groups").children) button.setAttribute("aria-pressed", String(Number(button.dataset.g) === cloud.only));
}

function moveRing(name, i) {
  cloud.panels.forEach((panel, p) => {
    const ring = panel[name];
    ring.setAttribute("visibility", i === null || i === undefined ? "hidden" : "visible");
    if (ring.getAttribute("visibility") === "hidden") return;
    const [x, y] = place(cloud.points[p], i);
    ring.setAttribute("cx", x);
    ring.setAttribute("cy", y);
  });
}

/* Mark the open document in every panel. */
const markPoint = (i) => moveRing("open", i);

/* Tell of document `i` beside its point in panel `p`. */
function tellPoint(p, i) {
  moveRing("near", i);
  cloud.panels[p].at = i;
  const box = cloud.panels[p].svg.getBoundingClientRect(), scale = box.width / SIDE;
  const [x, y] = place(cloud.points[p], i).map((value) => value * scale);
  const truth = index.labelled ? ["true ", el("b", {}, bdi(index.labels[index.truth[i]])), ", "] : [];
  const parts = [...truth, "predicted ", el("b", {}, bdi(index.labels[index.predicted[i]])), el("br"), bdi(index.snippet[i] || "(empty)")];
  showTip({ left: box.left + x, width: 0, top: box.top + y - 8, bottom: box.top + y + 8 }, ...parts);
}

function nearest(p, event) {
  const box = cloud.panels[p].svg.getBoundingClientRect(), scale = SIDE / box.width;
  const at = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  let best = null, least = NEAR;
  index.cloud.of.forEach((g, i) => {
    if (cloud.only !== null && cloud.only !== g) return;
    const [x, y] = place(cloud.points[p], i), distance = Math.hypot(x - at[0], y - at[1]);
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

/* The documents of a panel that are not dimmed, from left to right. */
function inOrder(p) {
  const xs = cloud.points[p][0];
  return index.cloud.of.map((_, i) => i).filter((i) => cloud.only === null || index.cloud.of[i] === cloud.only).sort((a, b) => xs[a] - xs[b]);
}

function stepPoint(p, key) {
  const order = inOrder(p), at = order.indexOf(cloud.panels[p].at ?? list.open);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: order.length - 1 }[key];
  if (to === undefined || !order.length) return false;
  const i = order[Math.min(Math.max(to, 0), order.length - 1)];
  tellPoint(p, i);
  say(byId("tip").textContent);
  return true;
}

function openPoint(i) {
  openDocument(i).then(() => refresh({ keep: true })).then(() => {
    byId("document").scrollIntoView();
    byId("document").focus({ preventScroll: true });
  });
}

/* Drawn when everything else stands: thousands of points take a moment. */
function startCloud() {
  if (!index.cloud) return;
  const away = () => { hideTip(); moveRing("near", null); };
  [...document.querySelectorAll("#clouds svg")].forEach((svg, p) => {
    svg.addEventListener("pointermove", (event) => {
      const i = cloud.panels.length ? nearest(p, event) : null;
      if (i === null) away(); else tellPoint(p, i);
    });
    svg.addEventListener("pointerleave", away);
    svg.addEventListener("blur", away);
    svg.addEventListener("click", (event) => { const i = nearest(p, event); if (i !== null) openPoint(i); });
    svg.addEventListener("keydown", (event) => {
      const { at } = cloud.panels[p] ?? {};
      if (event.key === "Enter" && at !== null && at !== undefined) openPoint(at);
      else if (!stepPoint(p, event.key)) return;
      event.preventDefault();
    });
  });
  byId("groups").addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) only(Number(button.dataset.g)); });
  drawCloud();
}
