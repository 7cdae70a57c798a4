"use strict";

// Sort the table by a column, and narrow it by what is searched.

const body = document.querySelector("tbody");
const rows = [...body.rows];

function sortBy(column, heading) {
  const falls = heading.getAttribute("aria-sort") === "ascending";
  const keys = new Map(rows.map((row) => [row, row.cells[column].dataset.by]));
  const isNumber = [...keys.values()].every((key) => key !== "" && Number.isFinite(Number(key)));
  const order = isNumber ? (one, other) => Number(keys.get(one)) - Number(keys.get(other)) : (one, other) => keys.get(one).localeCompare(keys.get(other));
  // What is equal stays in the order of what needs a person first.
  rows.sort((one, other) => (falls ? -1 : 1) * order(one, other) || one.dataset.place - other.dataset.place);
  for (const each of document.querySelectorAll("th")) each.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", falls ? "descending" : "ascending");
  body.append(...rows);
}

document.querySelectorAll("th").forEach((heading, column) => {
  heading.querySelector("button").addEventListener("click", () => sortBy(column, heading));
});

document.querySelector("input").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  document.querySelector("[role=status]").textContent = `${shown} of ${rows.length}`;
});
