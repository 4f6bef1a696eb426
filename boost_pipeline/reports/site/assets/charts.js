// Charts on Observable Plot. Each figure[data-chart] holds its data as JSON and as a table; here it is drawn, and made to
// answer the keyboard and the pointer: the value of the point that is looked at is shown, and announced to screen readers.
(function () {
  "use strict";
  var HEIGHT = 280;

  function written(chart, value) {
    if (value === null || value === undefined) return "no value";
    if (chart.isShare) return Math.round(value * 100) + " %";
    return value.toLocaleString("en", { maximumFractionDigits: 2 });
  }

  // The labels that fit below the axis: every nth, so that they do not meet.
  function ticks(labels, width) {
    var longest = labels.reduce(function (most, label) { return Math.max(most, label.length); }, 1);
    var step = Math.max(1, Math.ceil(labels.length * (longest * 7 + 14) / Math.max(width - 60, 60)));
    return labels.filter(function (_, place) { return place % step === 0; });
  }

  function draw(box, chart) {
    var width = Math.max(box.clientWidth, 280);
    var marks = [Plot.ruleY([0], { strokeOpacity: 0.5 })];
    chart.series.forEach(function (series, number) {
      var colour = "var(--series-" + (number + 1) + ")";
      var points = chart.x.map(function (x, place) { return { x: x, y: series.values[place] }; });
      // What is open, such as the current year, is dashed: it is no collapse.
      var closed = points.filter(function (_, place) { return !chart.open[place]; });
      var open = points.filter(function (_, place) { return chart.open[place]; });
      if (series.mark === "bar") {
        marks.push(Plot.barY(closed, { x: "x", y: "y", fill: colour, fillOpacity: 0.85 }));
        marks.push(Plot.barY(open, { x: "x", y: "y", fill: colour, fillOpacity: 0.2, stroke: colour, strokeDasharray: "4 3" }));
      } else {
        marks.push(Plot.lineY(closed, { x: "x", y: "y", stroke: colour, strokeWidth: 2 }));
        if (open.length) {
          marks.push(Plot.lineY(closed.slice(-1).concat(open),
            { x: "x", y: "y", stroke: colour, strokeWidth: 2, strokeDasharray: "4 4" }));
        }
        marks.push(Plot.dot(points, { x: "x", y: "y", fill: colour, r: chart.x.length > 60 ? 1 : 2.5 }));
      }
    });
    var plot = Plot.plot({
      width: width, height: HEIGHT, marginLeft: 56, marginBottom: 44, marginTop: 26,
      style: { fontSize: "12px", fontFamily: "inherit", background: "transparent", color: "currentColor" },
      x: { type: "band", domain: chart.x, label: chart.xLabel, ticks: ticks(chart.x, width), tickSize: 3, padding: 0.15 },
      y: { label: chart.yLabel, zero: true, nice: true, grid: true, ticks: 5,
           tickFormat: chart.isShare ? function (y) { return Math.round(y * 100) + " %"; } : undefined },
      marks: marks
    });
    plot.setAttribute("aria-hidden", "true"); // the box around it and the table say what it shows
    plot.removeAttribute("role");
    box.replaceChildren(plot);
    return plot;
  }

  function enliven(figure) {
    var box = figure.querySelector(".chart"), told = figure.querySelector(".announce");
    var chart = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    var plot = draw(box, chart), place = -1, line = 0, marker = null;

    function mark() {
      if (marker) marker.remove();
      marker = null;
      if (place < 0) return;
      var x = plot.scale("x"), y = plot.scale("y"), value = chart.series[line].values[place];
      var centre = x.apply(chart.x[place]) + x.bandwidth / 2;
      marker = document.createElementNS("http://www.w3.org/2000/svg", "g");
      marker.setAttribute("class", "marker");
      var rule = document.createElementNS("http://www.w3.org/2000/svg", "line");
      rule.setAttribute("x1", centre); rule.setAttribute("x2", centre);
      rule.setAttribute("y1", 20); rule.setAttribute("y2", HEIGHT - 44);
      rule.setAttribute("stroke", "currentColor"); rule.setAttribute("stroke-dasharray", "2 3");
      marker.append(rule);
      if (value !== null) {
        var dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
        dot.setAttribute("cx", centre); dot.setAttribute("cy", y.apply(value)); dot.setAttribute("r", 5);
        dot.setAttribute("fill", "var(--series-" + (line + 1) + ")");
        dot.setAttribute("stroke", "var(--ground)"); dot.setAttribute("stroke-width", 2);
        marker.append(dot);
      }
      plot.append(marker);
    }

    function tell() {
      mark();
      told.textContent = chart.x[place] + ": " + chart.series.map(function (series, number) {
        var value = series.name + " " + written(chart, series.values[place]);
        return chart.series.length > 1 && number === line ? "▸ " + value : value;
      }).join(", ");
    }

    function forget() { place = -1; mark(); told.textContent = ""; }

    box.addEventListener("keydown", function (event) {
      var last = chart.x.length - 1, lines = chart.series.length;
      switch (event.key) {
        case "ArrowRight": place = Math.min(place + 1, last); break;
        case "ArrowLeft": place = place < 0 ? last : Math.max(place - 1, 0); break;
        case "ArrowDown": line = (line + 1) % lines; place = Math.max(place, 0); break;
        case "ArrowUp": line = (line + lines - 1) % lines; place = Math.max(place, 0); break;
        case "Home": place = 0; break;
        case "End": place = last; break;
        case "Escape": forget(); return;
        default: return;
      }
      event.preventDefault();
      tell();
    });
    box.addEventListener("pointermove", function (event) {
      var x = plot.scale("x"), bounds = plot.getBoundingClientRect();
      var at = (event.clientX - bounds.left) * plot.viewBox.baseVal.width / bounds.width, nearest = 0;
      chart.x.forEach(function (label, number) {
        var far = function (one) { return Math.abs(x.apply(chart.x[one]) + x.bandwidth / 2 - at); };
        if (far(number) < far(nearest)) nearest = number;
      });
      if (nearest !== place) { place = nearest; tell(); }
    });
    box.addEventListener("pointerleave", function () { if (document.activeElement !== box) forget(); });
    box.addEventListener("blur", forget);

    var drawn = box.clientWidth;
    new ResizeObserver(function () {
      if (box.clientWidth === drawn) return;
      drawn = box.clientWidth;
      plot = draw(box, chart);
      mark();
    }).observe(box);
  }

  document.querySelectorAll("figure[data-chart]").forEach(enliven);
})();
