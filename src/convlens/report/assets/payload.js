/* Data of the page: an index read at the start, compressed groups read when they are needed. */
const index = JSON.parse(byId("index").textContent);
const groups = new Map();

async function inflate(id) {
  const raw = atob(byId(id).textContent);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

function once(id, read) {
  if (!groups.has(id)) groups.set(id, inflate(id).then(read));
  return groups.get(id);
}

const decode = (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const readTexts = (part) => once("text-" + part, (buffer) => JSON.parse(decode(buffer)));

const readSnippets = () => once("snippets", (buffer) => JSON.parse(decode(buffer)));

/* Takes whole numbers of `size` bytes one after another, the lowest bytes of all `length` of them first. */
function taker(bytes, at) {
  return (length, size, signed = false) => {
    const found = new Int32Array(length), spare = signed ? 32 - 8 * size : 0;
    for (let b = 0; b < size; b++) for (let k = 0; k < length; k++) found[k] |= bytes[at++] << (8 * b);
    return signed ? found.map((value) => (value << spare) >> spare) : found;
  };
}

/* The documents of a part: their heads, and numbers of each kind, document after document; the layout is that of `payload.py`. */
const readDetails = (part) => once("detail-" + part, (buffer) => {
  const length = new DataView(buffer).getUint32(0, true);
  const heads = JSON.parse(decode(new Uint8Array(buffer, 4, length)));
  const take = taker(new Uint8Array(buffer, 4 + length), 0);
  const section = (size, bytes, isSigned) => {
    const numbers = take(heads.reduce((total, head) => total + size(head), 0), bytes, isSigned);
    return (k) => {
      const from = heads.slice(0, k).reduce((total, head) => total + size(head), 0);
      return numbers.subarray(from, from + size(heads[k]));
    };
  };
  const filters = () => index.regions.length, words = (head) => head.shown;
  const heats = index.methods.map((_, m) => section((head) => head.shown * (m ? head.few : index.labels).length, m ? 1 : 2, true));
  return { heads, heats, gaps: section(words, 2), lengths: section(words, 2), pooled: section(filters, 2, true), positions: section(filters, 3) };
});

/* What one method says of a document for `classes`: steps, totals, biases, and what words not shown add. */
function readHeat([steps, totals, bias, rest], classes, scores, words) {
  const row = (c) => classes.indexOf(c);
  return {
    has: (c) => row(c) >= 0,
    score: (w, c) => scores[row(c) * words + w] * steps[row(c)],
    total: (c) => totals[row(c)],
    bias: (c) => bias ? bias[row(c)] : 0,
    rest: (c) => rest ? rest[row(c)] : 0,
  };
}

/* Everything about document `i`. */
async function readDocument(i) {
  const part = Math.floor(i / index.group), k = i % index.group;
  const [texts, found] = await Promise.all([readTexts(part), readDetails(part)]);
  const head = found.heads[k], all = index.labels.map((_, c) => c);
  const heats = head.heats.map((facts, m) => readHeat(facts, m ? head.few : all, found.heats[m](k), head.shown));
  const gaps = found.gaps(k), lengths = found.lengths(k), spans = [];
  for (let w = 0, end = 0; w < head.shown; w++) {
    const start = end + gaps[w];
    end = start + lengths[w];
    spans.push([start, end]);
  }
  const pooled = Array.from(found.pooled(k), (value) => value * head.step);
  const positions = Array.from(found.positions(k), (value) => value - 1);
  return { ...head, i, heats, spans, pooled, positions, text: texts[k] };
}

/* The points of the cloud: [x, y] of each panel, -1 to 1. */
const readPoints = () => once("points", (buffer) => {
  const count = index.number.length, panels = index.cloud.panels;
  const take = taker(new Uint8Array(buffer), 0);
  const axes = [0, 1].map(() => Array.from(take(count * panels.length, 2, true), (value) => value / 32767));
  return panels.map((_, p) => axes.map((axis) => axis.slice(p * count, (p + 1) * count)));
});

/* What the points of the map are, and where: [x, y], -1 to 1. */
const readMap = () => Promise.all([once("map-names", (buffer) => JSON.parse(decode(buffer))), once("map-points", (buffer) => {
  const take = taker(new Uint8Array(buffer), 0), count = buffer.byteLength / 4, every = Array.from(take(2 * count, 2, true), (value) => value / 32767);
  return [every.slice(0, count), every.slice(count)];
})]);

/* The texts in lower case, for the search. */
let folded = null;
function foldedTexts() {
  const parts = Math.ceil(index.number.length / index.group);
  folded ??= Promise.all(Array.from({ length: parts }, (_, part) => readTexts(part)))
    .then((all) => all.flat().map((text) => text.toLowerCase()));
  return folded;
}
