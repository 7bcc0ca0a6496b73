/* Pictures with marks that pointer and keys find: arrows walk along them, Enter or a click chooses. */

/* `marks()` gives {x, y, id} from left to right in units of the picture; `near` is how close a pointer must come, in those units. */
function listenToMarks(svg, { marks, near, at, tell, choose, away }) {
  let told = null;
  const leave = () => { told = null; away(); };
  const show = (mark) => { told = mark.id; tell(mark); };
  const under = (event) => {
    const box = svg.getBoundingClientRect(), { width, height } = svg.viewBox.baseVal;
    const x = (event.clientX - box.left) * width / box.width, y = (event.clientY - box.top) * height / box.height;
    const far = (mark) => Math.hypot(mark.x - x, near.flat ? 0 : mark.y - y);
    const best = marks().reduce((found, mark) => !found || far(mark) < far(found) ? mark : found, null);
    return best && far(best) <= near.reach ? best : null;
  };
  svg.addEventListener("pointermove", (event) => { const mark = under(event); if (mark) show(mark); else leave(); });
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);
  svg.addEventListener("click", (event) => { const mark = under(event); if (mark) choose(mark); });
  svg.addEventListener("keydown", (event) => {
    const every = marks(), from = every.findIndex((mark) => mark.id === (told ?? at()));
    if (event.key === "Enter" && told !== null && from >= 0) choose(every[from]);
    else {
      const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: every.length - 1 }[event.key];
      if (to === undefined || !every.length) return;
      show(every[Math.min(Math.max(to, 0), every.length - 1)]);
      say(byId("tip").textContent);
    }
    event.preventDefault();
  });
}

/* Show a tip at a mark of a picture. */
function tellMark(svg, { x, y }, ...parts) {
  const box = svg.getBoundingClientRect(), { width, height } = svg.viewBox.baseVal;
  const top = box.top + y * box.height / height;
  showTip({ left: box.left + x * box.width / width, width: 0, top: top - 6, bottom: top + 6 }, ...parts);
}
