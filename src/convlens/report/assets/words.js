/* The words that add most to a class, over all documents shown. */
function drawTotals(c) {
  const { positive, negative } = index.words[c];
  const largest = Math.max(...[...positive, ...negative].map(([, total]) => Math.abs(total)), 0);
  const side = (title, words) => {
    const items = words.map(([word, total, uses, documents]) => el("li", {},
      el("button", { type: "button", "data-word": word }, bdi(word)), bar(total, largest, false),
      el("span", { class: "value" }, signed(total, largest)),
      el("span", { class: "uses" }, `${count(uses)} × in ${count(documents)} doc${documents === 1 ? "" : "s"}`)));
    const body = items.length ? el("ol", { class: "ranked" }, ...items) : el("p", { class: "aside" }, "none");
    const more = el("button", { type: "button", class: "link" });
    shorten(items, more, 15, "words");
    return el("div", {}, el("h4", {}, title, bdi(index.labels[c])), body, more);
  };
  byId("totals").replaceChildren(side("Most for ", positive), side("Most against ", negative));
}

/* List the documents that hold a word. */
function findWord(word) {
  searchFor(word).then(() => { byId("documents").scrollIntoView(); byId("query").focus({ preventScroll: true }); });
}

function listenToWords() {
  byId("word-class").addEventListener("change", (event) => drawTotals(Number(event.target.value)));
  byId("words").addEventListener("click", (event) => {
    const button = event.target.closest("[data-word]");
    if (button) findWord(button.dataset.word);
  });
}
