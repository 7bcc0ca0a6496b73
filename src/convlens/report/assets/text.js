/* A text as words and what stands between them; boxes of it that the keyboard can walk through. */

/* The children of a text's box, and its words. `gap` makes what stands between words. */
function textParts(doc, gap = (text) => text) {
  const words = [], parts = [], unknown = new Set(doc.unknown);
  let at = 0;
  doc.spans.forEach(([start, end], w) => {
    if (start > at) parts.push(gap(doc.text.slice(at, start), w));
    words.push(el("span", { class: "word", "data-w": w, tabindex: w ? "-1" : "0" }, doc.text.slice(start, end)));
    if (unknown.has(w)) words[w].dataset.unknown = "";
    parts.push(words[w]);
    at = end;
  });
  if (doc.text.length > at) parts.push(gap(doc.text.slice(at), words.length));
  return { words, parts: doc.text ? parts : [el("span", { class: "aside" }, "(an empty document)")] };
}

/* Outline words `from` to `to`, not included, or none, wherever the text is shown. */
const outlined = new Set();
function markWords(from, to) {
  for (const word of outlined) word.classList.remove("marked");
  outlined.clear();
  for (const words of [...heat.panels.map((panel) => panel.words), marks.words])
    for (const word of words.slice(from, to)) outlined.add(word.classList.add("marked") ?? word);
}

/* Scroll boxes of the text to word `w`. */
function showWord(w) {
  for (const words of [...heat.panels.map((panel) => panel.words), marks.words]) {
    const word = words[w], box = word?.closest(".text");
    if (!box) continue;
    const top = word.offsetTop;
    if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 40) box.scrollTop = top - box.clientHeight / 3;
  }
}

/* Mark what is searched for in the open document and the list, by highlights of the browser: no element changes. */
function markFound() {
  if (!("highlights" in CSS)) return;
  const marked = new Highlight();
  if (list.query)
    for (const box of document.querySelectorAll("#document .text, #rows .snippet"))
      for (const range of rangesOf(box, list.query)) marked.add(range);
  CSS.highlights.set("found", marked);
}

/* The places of `query` in a box, each a range that may go over several words. */
function rangesOf(box, query) {
  const nodes = [], starts = [], ranges = [], walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  let text = "";
  while (walker.nextNode()) {
    nodes.push(walker.currentNode);
    starts.push(text.length);
    text += walker.currentNode.data;
  }
  const folded = lowered(text);
  let first = 0, last = 0;
  for (let at = folded.indexOf(query); at >= 0; at = folded.indexOf(query, at + query.length)) {
    while (starts[first + 1] <= at) first += 1;
    while (starts[last + 1] < at + query.length) last += 1;
    const range = new Range();
    range.setStart(nodes[first], at - starts[first]);
    range.setEnd(nodes[last], at + query.length - starts[last]);
    ranges.push(range);
  }
  return ranges;
}

/* A text in lower case with every character in its place. */
function lowered(text) {
  const folded = text.toLowerCase();
  if (folded.length === text.length) return folded;
  return [...text].map((c) => c.toLowerCase().length === c.length ? c.toLowerCase() : c).join("");
}

/* Show `parts` beside `target`, an element or the place {left, top, bottom, width} of one. */
function showTip(target, ...parts) {
  const tip = byId("tip"), box = target.getClientRects?.()[0] ?? target;
  tip.replaceChildren(...parts);
  tip.hidden = false;
  const size = tip.getBoundingClientRect();
  const left = Math.min(Math.max(box.left + box.width / 2 - size.width / 2, 8), innerWidth - size.width - 8);
  const top = box.top > size.height + 12 ? box.top - size.height - 7 : box.bottom + 7;
  tip.style.transform = `translate(${Math.max(left, 8)}px, ${top}px)`;
}

const hideTip = () => { byId("tip").hidden = true; };

/* Lines of a list that belong to words: pointing at one outlines them, choosing it scrolls to them. */
function listenToLines(id) {
  if (!byId(id)) return;
  const line = (event) => event.target.closest?.("[data-from]");
  const mark = (event) => { if (line(event)) markWords(Number(line(event).dataset.from), Number(line(event).dataset.to)); };
  const unmark = () => markWords(0, 0);
  byId(id).addEventListener("pointerover", mark);
  byId(id).addEventListener("pointerleave", unmark);
  byId(id).addEventListener("focusin", mark);
  byId(id).addEventListener("focusout", unmark);
  byId(id).addEventListener("click", (event) => { if (event.target.closest("button") && line(event)) showWord(Number(line(event).dataset.from)); });
}

/* Within `box` arrows move from word to word; `tell` is called with the word under pointer or focus. */
function listenToText(box, tell) {
  const wordAt = (event) => event.target.closest?.(".word");
  const told = (word) => { tell(word); word.setAttribute("aria-describedby", "tip"); };
  box.addEventListener("pointerover", (event) => wordAt(event) ? told(wordAt(event)) : hideTip());
  box.addEventListener("pointerleave", hideTip);
  box.addEventListener("focusin", (event) => { if (wordAt(event)) told(wordAt(event)); });
  box.addEventListener("focusout", hideTip);
  box.addEventListener("scroll", hideTip, true);
  box.addEventListener("keydown", (event) => {
    const word = wordAt(event);
    if (!word) return;
    const words = word.closest(".text").getElementsByClassName("word"), w = Number(word.dataset.w);
    const next = words[{ ArrowRight: w + 1, ArrowLeft: w - 1, Home: 0, End: words.length - 1 }[event.key]];
    if (!next) return;
    event.preventDefault();
    word.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}
