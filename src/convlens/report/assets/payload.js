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

const readDetails = (part) => once("detail-" + part, (buffer) => {
  const length = new DataView(buffer).getUint32(0, true);
  const heads = JSON.parse(decode(new Uint8Array(buffer, 4, length)));
  return { heads, numbers: buffer.slice(4 + length) };
});

/* Everything about document `i`; the layout is that of `payload.py`. */
async function readDocument(i) {
  const part = Math.floor(i / index.group);
  const [texts, { heads, numbers }] = await Promise.all([readTexts(part), readDetails(part)]);
  const head = heads[i % index.group];
  const classes = index.labels.length, filters = index.regions.length;
  let at = head.at;
  const take = (length) => { at += length; return new Uint16Array(numbers, 2 * (at - length), length); };
  const scores = new Int16Array(take(head.shown * classes));
  const gaps = take(head.shown), lengths = take(head.shown);
  const pooled = new Int16Array(take(filters)), low = take(filters), high = take(filters);
  const spans = [];
  for (let w = 0, end = 0; w < head.shown; w++) {
    const start = end + gaps[w];
    end = start + lengths[w];
    spans.push([start, end]);
  }
  return {
    ...head, i, spans, text: texts[i % index.group],
    score: (word, label) => scores[label * head.shown + word] * head.steps[label],
    pooled: Array.from(pooled, (value) => value * head.step),
    positions: Array.from(low, (value, f) => value + 65536 * high[f] - 1),
  };
}

/* The texts in lower case, for the search. */
let folded = null;
function foldedTexts() {
  const parts = Math.ceil(index.number.length / index.group);
  folded ??= Promise.all(Array.from({ length: parts }, (_, part) => readTexts(part)))
    .then((all) => all.flat().map((text) => text.toLowerCase()));
  return folded;
}
