/* The text of a document, its words on their colours. */
const heat = { words: [], doc: null, target: 0, largest: 0, over: new Set() };

function drawText(doc) {
  const box = byId("text");
  heat.doc = doc;
  heat.words = [];
  const parts = [];
  let at = 0;
  doc.spans.forEach(([start, end], w) => {
    if (start > at) parts.push(doc.text.slice(at, start));
    const word = el("span", { class: "word", "data-w": w, tabindex: w ? "-1" : "0" }, doc.text.slice(start, end));
    heat.words.push(word);
    parts.push(word);
    at = end;
  });
  parts.push(doc.text.slice(at));
  box.replaceChildren(...(doc.text ? parts : [el("span", { class: "aside" }, "(an empty document)")]));
  box.scrollTop = 0;
}

function colourText(target) {
  const { doc, words } = heat;
  heat.target = target;
  heat.largest = words.reduce((most, _, w) => Math.max(most, Math.abs(doc.score(w, target))), 0);
  words.forEach((word, w) => {
    const share = heat.largest > 0 ? doc.score(w, target) / heat.largest : 0;
    word.style.setProperty("--a", Math.abs(share).toFixed(3));
    word.className = "word " + (share > 0.02 ? "pro" : share < -0.02 ? "con" : "none");
  });
  byId("lowest").replaceChildren("against ", bdi(index.labels[target]), " " + signed(-heat.largest, heat.largest));
  byId("highest").replaceChildren(signed(heat.largest, heat.largest) + " for ", bdi(index.labels[target]));
}

/* Outline words `from` to `to`, not included, or none. */
function markWords(from, to) {
  for (const word of heat.over) word.classList.remove("marked");
  heat.over = new Set(heat.words.slice(from, to));
  for (const word of heat.over) word.classList.add("marked");
}

function showWord(w) {
  const word = heat.words[w], box = byId("text");
  if (!word) return;
  const top = word.offsetTop;
  if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 40) box.scrollTop = top - box.clientHeight / 3;
}

function showTip(word) {
  const tip = byId("tip"), score = heat.doc.score(Number(word.dataset.w), heat.target);
  tip.replaceChildren(el("b", {}, signed(score, heat.largest)), score < 0 ? " against " : " for ", bdi(index.labels[heat.target]));
  tip.hidden = false;
  word.setAttribute("aria-describedby", "tip");
  const box = word.getClientRects()[0], size = tip.getBoundingClientRect();
  const left = Math.min(Math.max(box.left + box.width / 2 - size.width / 2, 8), innerWidth - size.width - 8);
  const top = box.top > size.height + 12 ? box.top - size.height - 7 : box.bottom + 7;
  tip.style.transform = `translate(${Math.max(left, 8)}px, ${top}px)`;
}

const hideTip = () => { byId("tip").hidden = true; };

function listenToText() {
  const box = byId("text");
  const wordAt = (event) => event.target.closest?.(".word");
  box.addEventListener("pointerover", (event) => wordAt(event) ? showTip(wordAt(event)) : hideTip());
  box.addEventListener("pointerleave", hideTip);
  box.addEventListener("focusin", (event) => { if (wordAt(event)) showTip(wordAt(event)); });
  box.addEventListener("focusout", hideTip);
  box.addEventListener("scroll", hideTip);
  box.addEventListener("keydown", (event) => {
    const word = wordAt(event), last = heat.words.length - 1;
    const w = word ? Number(word.dataset.w) : -1;
    const to = { ArrowRight: w + 1, ArrowLeft: w - 1, Home: 0, End: last }[event.key];
    if (!word || to === undefined || !heat.words[to]) return;
    event.preventDefault();
    word.tabIndex = -1;
    heat.words[to].tabIndex = 0;
    heat.words[to].focus();
  });
}
