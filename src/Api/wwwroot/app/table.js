// Tables that are sorted by their heads.

import { h, say } from "./dom.js";

let tables = 0;

/**
 * A table in a region that scrolls by itself.
 * columns: {label, value: row => what it is sorted by, text?: row => string or Node, numeric?, header? (names the row), sortable? (false for none), hint?}
 * sort: {column: index, descending?}; rows keep their order without it. empty: what stands there without rows. hideCaption: only told to screen readers.
 * The element has update(rows).
 */
export function table({ caption, columns, rows, sort = null, empty = "There is nothing here yet.", hideCaption = false }) {
  const id = `table-${++tables}`;
  const body = h("tbody");
  const heads = columns.map((column, index) => head(column, index));
  const region = h("div", { class: "table-scroll", role: "region", "aria-labelledby": id },
    h("table", null,
      h("caption", { id, class: hideCaption ? "visually-hidden" : null }, h("span", null, caption)),
      h("thead", null, h("tr", null, heads)),
      body));
  focusWhereItScrolls(region);
  region.update = next => {
    rows = next;
    fill();
  };
  fill();
  return region;

  function head(column, index) {
    const cell = h("th", { scope: "col", class: column.numeric ? "numeric" : null, title: column.hint });
    if (column.sortable === false || !column.value) cell.append(column.label);
    else cell.append(h("button", { type: "button", onclick: () => sortBy(index) }, column.label, h("span", { class: "arrow", "aria-hidden": "true" })));
    return cell;
  }

  function sortBy(column) {
    const descending = sort?.column === column ? !sort.descending : Boolean(columns[column].numeric);
    sort = { column, descending };
    fill();
    say(`Sorted by ${columns[column].label}, ${descending ? "falling" : "rising"}.`);
  }

  function fill() {
    heads.forEach((cell, index) => {
      if (sort?.column === index) cell.setAttribute("aria-sort", sort.descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    body.replaceChildren(...(rows.length > 0
      ? sorted().map(row => h("tr", null, columns.map(column => dataCell(column, row))))
      : [h("tr", null, h("td", { class: "empty", colSpan: columns.length }, empty))]));
  }

  function sorted() {
    if (!sort) return rows;
    const { value } = columns[sort.column];
    const sign = sort.descending ? -1 : 1;
    // What has no value comes last whichever way.
    return rows.toSorted((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x == null || y == null) return (x == null) - (y == null);
      return sign * (typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y);
    });
  }
}

function dataCell(column, row) {
  const content = column.text ? column.text(row) : column.value(row);
  return h(column.header ? "th" : "td", { scope: column.header ? "row" : null, class: column.numeric ? "numeric" : null }, content ?? "–");
}

// Only what scrolls is a stop of the keyboard.
function focusWhereItScrolls(region) {
  new ResizeObserver(() => {
    if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  }).observe(region);
}
