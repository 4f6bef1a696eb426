// Tables that sort by a column, and a form that narrows one. Without JavaScript they are tables.
(function () {
  "use strict";

  function value(row, column) {
    var cell = row.cells[column], given = cell.dataset.v;
    var words = given === undefined ? cell.textContent.trim() : given;
    return words === "–" ? "" : words;
  }

  function compare(one, other) {
    var a = Number(one), b = Number(other);
    if (one !== "" && other !== "" && !isNaN(a) && !isNaN(b)) return a - b;
    return one.localeCompare(other, "en", { numeric: true });
  }

  function sort(table, column, ascending) {
    var body = table.tBodies[0];
    var rows = Array.from(body.rows).map(function (row) { return { row: row, value: value(row, column) }; });
    rows.sort(function (a, b) {
      if (a.value === "" || b.value === "") return (a.value === "") - (b.value === ""); // nothing comes last, always
      return ascending ? compare(a.value, b.value) : compare(b.value, a.value);
    });
    body.append.apply(body, rows.map(function (one) { return one.row; }));
  }

  document.querySelectorAll("table[data-sortable]").forEach(function (table) {
    var heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", function () {
        var numeric = head.classList.contains("num");
        var sorted = head.getAttribute("aria-sort");
        var ascending = sorted ? sorted === "descending" : !numeric; // of numbers the greatest are asked for first
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        sort(table, column, ascending);
      });
    });
  });

  document.querySelectorAll("form[data-filters]").forEach(function (form) {
    var table = document.getElementById(form.dataset.filters), output = form.querySelector("output");
    function narrow() {
      var words = form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      Array.from(table.tBodies[0].rows).forEach(function (row) {
        var text = (row.textContent + " " + (row.dataset.words || "")).toLowerCase();
        var fits = words.every(function (word) { return text.includes(word); });
        Array.from(form.querySelectorAll("select")).forEach(function (select) {
          var given = (row.dataset[select.name] || "").split("|");
          if (select.value && !given.includes(select.value)) fits = false;
        });
        row.hidden = !fits;
        if (fits) shown += 1;
      });
      output.textContent = shown + " of " + table.tBodies[0].rows.length + " shown";
    }
    form.addEventListener("input", narrow);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    narrow();
  });
})();
