/* The card of a filter: what it passes, what it likes, what it detects, and what just misses (Jacovi et al. 2018, section 6.1). */
const readCards = (part) => once("card-" + part, (buffer) => JSON.parse(decode(buffer)));

/* Card `f`, with the largest number of any slot and the greatest score, which all strips are measured by. */
async function readCard(f) {
  const cards = await readCards(Math.floor(f / index.cards)), card = cards[f % index.cards];
  const every = [...card.natural, ...card.possible, ...card.clusters.flatMap((cluster) => cluster.examples.flatMap(withNegatives))];
  const sizes = [...every.flatMap(([, steps]) => steps), ...card.slots.flat().map(([, step]) => step)].map(Math.abs);
  return { ...card, f, region: index.regions[f], largest: Math.max(...sizes, 0) * card.step,
    most: Math.max(...every.map(([, steps]) => scoreOf(card, steps)), 0) };
}

const withNegatives = (example) => [example, ...(example[3] ? example[3][2] : [])];

async function openFilter(f, { quiet = false } = {}) {
  filters.open = f;
  markFilter();
  frameBar("open", f);
  const [card, found] = await Promise.all([readCard(f), readValues()]);
  if (filters.open !== f) return;
  byId("card").hidden = false;
  byId("card-title").textContent = `Filter ${f}`;
  if (!quiet) history.replaceState(null, "", "#filter-" + f);
  showFilterRow(f);
  drawVerdictOf(card);
  drawValues(card, found);
  byId("card-slots").replaceChildren(slotTable(card));
  byId("card-lowest").textContent = `against ${slotNumber(-card.largest, card)}`;
  byId("card-highest").textContent = `${slotNumber(card.largest, card)} for ${index.labels[index.filters.label[f]]}`;
  byId("card-natural").replaceChildren(strips(card, card.natural.map((ngram) => strip(card, ngram)), "Best n-grams of the texts"));
  byId("card-possible").replaceChildren(strips(card, card.possible.map((ngram) => strip(card, ngram)), "Best n-grams that words could form"));
  drawGap(card);
  drawClusters(card);
  if (!quiet) say(`Filter ${f}, for ${index.labels[index.filters.label[f]]}`);
}

function drawVerdictOf(card) {
  const { label, margin, threshold, purity, coverage } = index.filters, { f } = card, name = () => bdi(index.labels[label[f]]);
  const parts = [`Reads ${card.region} words and speaks for `, el("b", {}, name()), `: weight ${signed(card.weight, 1)}, ${margin[f].toFixed(3)} above the next class.`];
  if (threshold[f] !== null) parts.push(" It passes from ", el("b", {}, threshold[f].toFixed(3)), " on: ", el("b", {}, portion(coverage[f])),
    ` of the documents get so far, and ${portion(purity[f])} of those are predicted `, name(), ".");
  byId("card-verdict").replaceChildren(...parts);
  byId("card-never").hidden = threshold[f] !== null;
  byId("card-never").textContent = "It never reaches the purity: from no value on are enough of the documents predicted to be in its class. So "
    + "nothing passes, and there are no clusters and no n-grams that just miss.";
}

/* How far the best n-gram of the texts stays behind the best possible one. */
function drawGap(card) {
  byId("card-gap").hidden = card.gap === null;
  if (card.gap === null) return;
  const [best, possible] = [card.natural[0], card.possible[0]].map(([, steps]) => scoreOf(card, steps));
  byId("card-gap").replaceChildren("The best n-gram of the texts scores ", el("b", {}, slotNumber(best, card)), ", the best possible one ",
    el("b", {}, slotNumber(possible, card)), `: without the bias, ${signed(card.bias, card.largest, 3)}, a gap of `, el("b", {}, portion(card.gap)), ".");
}

function drawClusters(card) {
  byId("card-patterns").hidden = !card.clusters.length;
  const all = index.filters.groups[card.f], some = card.clusters.length;
  const sampled = card.sampled < 1 ? `, by a sample of ${percent(card.sampled)} of the n-grams` : "";
  const largest = some < all ? ` in ${count(all)} clusters, of which these are the largest` : all === 1 ? ", all of one kind" : ` in ${count(all)} clusters`;
  byId("card-groups").textContent = `What it detects: ${count(card.passing)} n-grams pass${largest}${sampled}`;
  byId("card-clusters").replaceChildren(...card.clusters.map((cluster, k) => drawCluster(card, cluster, k)));
}

function drawCluster(card, cluster, k) {
  const share = el("span", { class: "share" }, bar(cluster.share, 1, false), portion(cluster.share));
  const centroid = el("tr", { class: "centroid" }, ...cluster.centroid.map((steps) => slotCell(null, steps, card)),
    el("td", { class: "score" }, el("b", {}, slotNumber(scoreOf(card, cluster.centroid), card))), el("td", { class: "uses" }, "its centre"));
  const rows = cluster.examples.flatMap((example) => [strip(card, example), ...drawNegatives(card, example[3])]);
  return el("div", { class: "cluster" },
    el("h5", {}, `Cluster ${k + 1}`, share, el("small", {}, `${count(cluster.ngrams)} different n-grams, ${count(cluster.occurrences)} in all`)),
    strips(card, [centroid, ...rows], `Cluster ${k + 1}`));
}

/* The n-grams a word away that do not pass, the words that differ outlined. */
function drawNegatives(card, found) {
  if (!found) return [];
  const [total, cases, lowest] = found;
  const told = `${count(total)} in the texts ${total === 1 ? "is" : "are"} a word away and ${total === 1 ? "does" : "do"} not pass${cases ? `, ${count(cases)} of case 2` : ""}`;
  const rows = lowest.map(([words, steps, documents, changed, isCase]) => {
    const tag = isCase ? [el("span", { class: "tag" }, "case 2")] : [];
    const row = strip(card, [words, steps, documents], tag);
    row.classList.add("negative");
    for (const j of changed) row.cells[j].classList.add("culprit");
    return row;
  });
  const more = total > lowest.length ? `; the lowest ${lowest.length}` : "";
  return [el("tr", { class: "misses" }, el("td", { colspan: card.region + 2 }, told + more)), ...rows];
}

function listenToCard() {
  if (!index.filters) return;
  byId("card-previous").addEventListener("click", () => stepFilter(-1));
  byId("card-next").addEventListener("click", () => stepFilter(1));
  byId("card-back").addEventListener("click", () => {
    byId("filters").scrollIntoView();
    filterRow(filters.open).cells[0].firstElementChild.focus({ preventScroll: true });
  });
  listenToValues();
}
