/* N-grams as strips: a cell for each slot, coloured by what its word gives it, on one scale for the whole card. */

/* Colour a cell for `value`, blue for and orange against, centred at zero. */
function shadeSlot(cell, value, largest) {
  const share = largest > 0 ? value / largest : 0;
  cell.style.setProperty("--a", Math.min(Math.abs(share), 1).toFixed(3));
  cell.classList.add("slot", share > FAINT ? "pro" : share < -FAINT ? "con" : "none");
  return cell;
}

const slotNumber = (value, card) => signed(value, card.largest, 3);

function slotCell(word, steps, card, name = "td") {
  const value = steps * card.step, parts = word === null ? [] : [el("span", { class: "what" }, bdi(word))];
  return shadeSlot(el(name, {}, ...parts, el("small", {}, slotNumber(value, card))), value, card.largest);
}

const scoreOf = (card, steps) => steps.reduce((sum, step) => sum + step, 0) * card.step + card.bias;

/* A row: the words in their slots, the score with its bar, and in how many texts the n-gram is. */
function strip(card, [words, steps, documents], more = []) {
  const score = scoreOf(card, steps);
  const cells = words.map((word, j) => slotCell(word, steps[j], card));
  const sum = el("td", { class: "score" }, el("b", {}, slotNumber(score, card)), bar(score, card.most, false));
  const from = documents ? `${count(documents)} text${documents === 1 ? "" : "s"}` : "no text";
  return el("tr", {}, ...cells, sum, el("td", { class: "uses" }, from, ...more));
}

function strips(card, rows, name) {
  const slots = Array.from({ length: card.region }, (_, j) => el("th", { scope: "col" }, `slot ${j + 1}`));
  const head = el("thead", {}, el("tr", {}, ...slots, el("th", { scope: "col", class: "score" }, "score"), el("th", { scope: "col" }, "")));
  return el("table", { class: "strips", "aria-label": name }, head, el("tbody", {}, ...rows));
}

/* The words that each slot likes best, slot beside slot. */
function slotTable(card) {
  const slots = card.slots.map((_, j) => el("th", { scope: "col" }, `slot ${j + 1}`));
  const ranks = card.slots[0].map((_, k) => el("tr", {}, ...card.slots.map((words) => slotCell(words[k][0], words[k][1], card))));
  return el("table", { class: "strips best", "aria-label": "Words that each slot likes best" }, el("thead", {}, el("tr", {}, ...slots)), el("tbody", {}, ...ranks));
}
