// Dark or light: the system's choice, unless the reader made one. Runs before the page is drawn.
(function () {
  "use strict";
  var root = document.documentElement;
  function kept() { try { return localStorage.getItem("theme"); } catch (e) { return null; } }
  var choice = kept();
  if (choice === "dark" || choice === "light") root.dataset.theme = choice;
  document.addEventListener("DOMContentLoaded", function () {
    var button = document.querySelector("[data-theme-toggle]");
    if (!button) return;
    button.addEventListener("click", function () {
      var dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch (e) { /* file:// may forbid it: for this page only */ }
    });
  });
})();
