/* Tables whose headings are buttons that sort them. */

/* Sort by the column of a heading's button, the other way round where it is sorted by it already; `falls` are the
   columns of which one wants to see the greatest first. */
function turnTo(button, order, falls) {
  const heading = button.closest("th"), key = button.dataset.key;
  order.down = key === order.key ? !order.down : falls.includes(key);
  order.key = key;
  const direction = order.down ? "descending" : "ascending";
  for (const one of heading.parentNode.querySelectorAll("[aria-sort]")) one.setAttribute("aria-sort", "none");
  heading.setAttribute("aria-sort", direction);
  say(`Sorted by ${button.textContent}, ${direction}`);
}
