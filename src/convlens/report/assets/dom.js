/* Elements and numbers. Data reach the page as text nodes and attribute values only. */
const byId = (id) => document.getElementById(id);

function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/* Text of unknown direction, which cannot reorder what stands around it. */
const bdi = (text) => el("bdi", {}, text);

const say = (message) => { byId("live").textContent = message; };
const count = (number) => number.toLocaleString("en-US");
const percent = (share) => share >= 0.9995 ? ">99.9%" : share < 0.0005 ? "<0.1%" : (100 * share).toFixed(1) + "%";
const portion = (share) => share === 0 || share === 1 ? 100 * share + "%" : percent(share); // counted, not estimated
const minus = (text) => text.replace("-", "\u2212");

/* A signed number; `largest` decides how many decimals give it so many digits. */
function signed(value, largest, digits = 4) {
  if (value === null || !Number.isFinite(value)) return "not a number";
  const decimals = largest > 0 ? Math.min(Math.max(digits - 1 - Math.floor(Math.log10(largest)), 1), 9) : 4;
  const text = value.toFixed(decimals);
  return minus(Number(text) === 0 ? (0).toFixed(decimals) : (value > 0 ? "+" : "") + text);
}

/* A bar from zero, in the middle or at the left. */
function bar(value, largest, middle) {
  const share = largest > 0 && Number.isFinite(value) ? Math.min(Math.abs(value) / largest, 1) : 0;
  const node = el("span", { class: "bar-line", "aria-hidden": "true" });
  node.classList.toggle("negative", value < 0);
  node.classList.toggle("middle", middle);
  const size = (middle ? 50 : 100) * share;
  node.style.setProperty("--size", size + "%");
  const from = !middle ? 0 : value < 0 ? 50 - size : 50; // where the bar starts, in % of the line
  node.style.setProperty("--from", from && 100 * from / (100 - size) + "%");
  return node;
}

/* `limit` items, and a button that shows the rest. */
function shorten(items, button, limit, name) {
  const hide = (hidden) => {
    items.forEach((item, i) => { item.hidden = hidden && i >= limit; });
    button.textContent = hidden ? `Show all ${count(items.length)} ${name}` : `Show fewer ${name}`;
    button.setAttribute("aria-expanded", String(!hidden));
  };
  let hidden = true;
  button.hidden = items.length <= limit;
  button.onclick = () => { hidden = !hidden; hide(hidden); };
  hide(hidden);
}
