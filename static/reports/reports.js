// Draws the charts of a report from its tables, in the colours of the page's theme.

const LINES = ["--primary", "--report-second", "--report-third"];
const charts = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// The numbers of one column, as the cells have them; a cell without one is a gap.
function numbers(table, key) {
  const heads = [...table.tHead.rows[0].cells];
  const place = heads.findIndex((head) => head.dataset.column === key);
  const rows = [...table.tBodies[0].rows];
  return {
    title: heads[place].textContent.trim(),
    values: rows.map((row) => {
      const { value } = row.cells[place].dataset;
      return value === undefined ? null : Number(value);
    }),
    links: rows.map((row) => row.cells[place].querySelector("a")?.href),
  };
}

function draw(canvas) {
  const table = document.getElementById(canvas.dataset.table);
  const lies = canvas.dataset.form === "row";
  const columns = canvas.dataset.columns.split(" ").map((key) => numbers(table, key));
  const text = colour("--body-fg");
  const hairline = colour("--hairline-color");
  const scale = { ticks: { color: text, precision: 0 }, grid: { color: hairline }, beginAtZero: true };
  return new window.Chart(canvas, {
    type: canvas.dataset.form === "line" ? "line" : "bar",
    data: {
      labels: [...table.tBodies[0].rows].map((row) => row.cells[0].textContent.trim()),
      datasets: columns.map((column, number) => ({
        label: column.title,
        data: column.values,
        backgroundColor: colour(LINES[number]),
        borderColor: colour(LINES[number]),
        borderWidth: canvas.dataset.form === "line" ? 2 : 0,
        pointRadius: column.values.length > 60 ? 0 : 3,
      })),
    },
    options: {
      animation: false,
      indexAxis: lies ? "y" : "x",
      locale: document.documentElement.lang || "ru",
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false, axis: lies ? "y" : "x" },
      scales: { x: scale, y: { ...scale } },
      plugins: { legend: { display: columns.length > 1, labels: { color: text } } },
      onClick: (_event, [found]) => {
        const link = found && columns[found.datasetIndex].links[found.index];
        if (link) window.location.assign(link);
      },
    },
  });
}

function drawAll() {
  while (charts.length) charts.pop().destroy();
  for (const canvas of document.querySelectorAll("canvas[data-table]")) charts.push(draw(canvas));
}

drawAll();
// the theme may be switched in the head of the page, or by the system
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
