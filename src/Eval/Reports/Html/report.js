// Lets tables be sorted and filtered. Written without the signs that XML would read as its own, so that the page stays well-formed.
(() => {
  "use strict";
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : cell.dataset.v === "" ? NaN : Number(cell.dataset.v);
  };
  // What is no number comes last in both directions.
  const compare = (a, b, direction) =>
    typeof a === "string" ? direction * a.localeCompare(b)
      : Number.isNaN(a) || Number.isNaN(b) ? Number.isNaN(a) - Number.isNaN(b)
        : direction * (a - b);

  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const first = head.classList.contains("n") ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const order = head.getAttribute("aria-sort") === first ? other : first;
        heads.forEach(each => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const direction = order === "ascending" ? 1 : -1;
        const rows = [...body.rows].sort((a, b) => compare(valueOf(a, column), valueOf(b, column), direction));
        body.append(...rows);
      });
    });
  }

  const filter = document.querySelector(".filter");
  if (filter) {
    const rows = [...document.querySelector("#categories table").tBodies[0].rows];
    const output = filter.querySelector("output");
    filter.hidden = false;
    filter.querySelector("input").addEventListener("input", event => {
      const wanted = event.target.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
        shown += row.hidden ? 0 : 1;
      }
      output.textContent = wanted === "" ? "" : `${shown} of ${rows.length}`;
    });
  }
})();
