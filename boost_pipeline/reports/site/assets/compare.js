// Compares two releases by the files in data/, which are loaded as scripts, since a page opened from a file may not fetch.
(function () {
  "use strict";
  var form = document.getElementById("comparison");
  if (!form) return;
  var files = JSON.parse(document.getElementById(form.dataset.files).textContent);
  var result = document.getElementById("comparison-result"), loaded = {}, waiting = {};
  var STANDARDS = ["98", "03", "11", "14", "17", "20", "23", "26"];

  window.boostRelease = function (release) { waiting.latest = release; };

  function load(place, then) {
    if (loaded[place]) return then(loaded[place]);
    var script = document.createElement("script");
    script.src = files[place];
    script.onload = function () { loaded[place] = waiting.latest; then(loaded[place]); };
    script.onerror = function () { result.textContent = "The data of this release are missing: " + files[place]; };
    document.head.append(script);
  }

  // A release with what is looked up in it.
  function indexed(release) {
    var modules = new Map(), libraries = new Map(), edges = new Set();
    release.modules.forEach(function (m) { modules.set(m[0], { level: m[1], whole: m[2], read: m[3] }); });
    release.libraries.forEach(function (l) { libraries.set(l[0], { module: l[1], own: l[2], effective: l[3], status: l[4] }); });
    release.edges.forEach(function (e) { edges.add(release.modules[e[0]][0] + " → " + release.modules[e[1]][0]); });
    return { tag: release.tag, day: release.day, modules: modules, libraries: libraries, edges: edges };
  }

  function without(one, other) { return Array.from(one.keys()).filter(function (key) { return !other.has(key); }); }

  function difference(a, b) {
    function wholeInBoth(name) {
      return [a, b].every(function (r) { return !r.modules.has(name) || r.modules.get(name).whole; });
    }
    function whole(edge) { return edge.split(" → ").every(wholeInBoth); }
    function known(name) { // what was not read has no level
      return [a, b].every(function (r) { return r.modules.has(name) && r.modules.get(name).level !== null; });
    }
    function readable(release, library) {
      var module = release.modules.get(library.module);
      return !module || module.read;
    }
    var both = Array.from(b.libraries.keys()).filter(function (key) { return a.libraries.has(key); });
    var levels = Array.from(b.modules.keys()).filter(function (name) {
      return known(name) && a.modules.get(name).level !== b.modules.get(name).level;
    });
    var comparable = a.modules.size > 0 && b.modules.size > 0;
    return {
      added: without(b.libraries, a.libraries).filter(function (key) { return readable(a, b.libraries.get(key)); }),
      removed: without(a.libraries, b.libraries).filter(function (key) { return readable(b, a.libraries.get(key)); }),
      modulesAdded: comparable ? without(b.modules, a.modules).filter(wholeInBoth) : [],
      modulesRemoved: comparable ? without(a.modules, b.modules).filter(wholeInBoth) : [],
      edgesAdded: comparable ? without(b.edges, a.edges).filter(whole) : [],
      edgesRemoved: comparable ? without(a.edges, b.edges).filter(whole) : [],
      levels: levels.map(function (name) { return [name, a.modules.get(name).level, b.modules.get(name).level]; }),
      standards: both.filter(function (key) {
        var one = a.libraries.get(key).effective, other = b.libraries.get(key).effective;
        return one && other && one !== other; // what was not said has not changed
      }).map(function (key) { return [key, a.libraries.get(key).effective, b.libraries.get(key).effective]; }),
      comparable: comparable
    };
  }

  function element(name, words) {
    var made = document.createElement(name);
    if (words !== undefined) made.textContent = words;
    return made;
  }

  function list(title, kind, names) {
    var part = element("section");
    part.append(element("h3", title + ": " + names.length));
    part.dataset.part = kind;
    if (!names.length) return part;
    var most = 30, items = element("ul");
    names.slice(0, most).forEach(function (name) { items.append(element("li", name)); });
    part.append(items);
    if (names.length > most) {
      var more = element("details"), rest = element("ul");
      more.append(element("summary", "and " + (names.length - most) + " more"));
      names.slice(most).forEach(function (name) { rest.append(element("li", name)); });
      more.append(rest);
      part.append(more);
    }
    return part;
  }

  function show(a, b) {
    a = indexed(a);
    b = indexed(b);
    var d = difference(a, b), columns = element("div"), nothing = [];
    columns.className = "columns";
    function level(one) { return one[0] + ": " + one[1] + " → " + one[2]; }
    function standard(one) {
      var raised = STANDARDS.indexOf(one[2]) > STANDARDS.indexOf(one[1]);
      return one[0] + ": C++" + one[1] + " → C++" + one[2] + (raised ? " (raised)" : " (lowered)");
    }
    [["Libraries added", "added", d.added], ["Libraries removed", "removed", d.removed],
     ["Modules added", "modulesAdded", d.modulesAdded], ["Modules removed", "modulesRemoved", d.modulesRemoved],
     ["Dependencies added", "edgesAdded", d.edgesAdded], ["Dependencies gone", "edgesRemoved", d.edgesRemoved],
     ["Levels changed", "levels", d.levels.map(level)],
     ["C++ minima changed", "standards", d.standards.map(standard)]
    ].forEach(function (part) {
      if (part[2].length) columns.append(list(part[0], part[1], part[2]));
      else nothing.push(part[0].replace(/^[A-Z](?=[a-z])/, function (letter) { return letter.toLowerCase(); }));
    });
    var lead = element("p", "From " + a.tag + " (" + (a.day || "?") + ") to " + b.tag + " (" + (b.day || "?") + ")."
      + (nothing.length ? " None: " + nothing.join(", ") + "." : ""));
    var parts = [lead, columns];
    if (!d.comparable) parts.push(element("p", "The dependency graph of one of the two is not here, so nothing is said of it."));
    result.replaceChildren.apply(result, parts);
    result.dataset.shown = a.tag + " " + b.tag;
  }

  function compare() {
    var from = form.elements.from.value, to = form.elements.to.value;
    load(from, function (a) {
      load(to, function (b) {
        // The reader may have chosen others meanwhile.
        if (form.elements.from.value === from && form.elements.to.value === to) show(a, b);
      });
    });
  }

  form.addEventListener("change", compare);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  compare();
})();
