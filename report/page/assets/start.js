"use strict";

// The page's head, and which of its places is shown.

const PLACES = {
  home: ["Home", showHome],
  history: ["History", showHistory],
  commit: [null, showCommit],
  metrics: ["Metrics", showMetrics],
  params: ["Params", showParams],
  compare: ["Compare", showCompare],
};

/** Show what the address says. */
async function show() {
  const { place, rest } = readAddress();
  const [, shown] = PLACES[place] ?? PLACES.home;
  const main = document.getElementById("main");
  forgetCharts();
  page.narrow = undefined;
  main.replaceChildren();
  showHead(place);
  document.title = [PLACES[place]?.[0] ?? shortHash(rest[0]), page.title].filter(Boolean).join(" · ");
  await shown(main, rest);
}

function showHead(place) {
  const { asked } = readAddress();
  const links = Object.entries(PLACES).filter(([, [title]]) => title).map(([name, [title]]) =>
    element("a", { href: address(name === "home" ? "" : name), "aria-current": name === place ? "page" : null }, title));
  if (page.has_sql) links.push(element("a", { href: "sql.html" }, "SQL"));
  document.querySelector("header nav").replaceChildren(...links);
  // The table narrows itself; what else is shown is made anew.
  const changed = (name) => (value) => { ask({ [name]: value }); page.narrow ? page.narrow() : show(); };
  const picks = [["Branch", "branch"], ["Report", "report"]].map(([label, name]) => {
    const texts = different(name);
    return texts.length > (name === "report" ? 0 : 1)
      ? choice(label, name, [["", "all"], ...texts.map((text) => [text, text])], asked.get(name) ?? "", changed(name)) : null;
  });
  document.getElementById("filters").replaceChildren(...picks.filter(Boolean));
}

function showFoot() {
  document.querySelector("footer").replaceChildren(
    element("p", {}, `${plural(page.count, "commit")}, ${plural(page.series.length, "metric")} · made ${time(page.made_at)} (${page.timezone}) by devops-mlops-report · with Vega-Lite and Tabulator`));
}

async function start() {
  await readData();
  showFoot();
  await show();
  addEventListener("hashchange", () => { show(); document.getElementById("main").focus({ preventScroll: true }); scrollTo(0, 0); });
  darkness.addEventListener("change", show);
  let width = innerWidth, waiting;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (drawn.length) show(); }, 200);
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    const search = document.querySelector("input[type=search]");
    search ? search.focus() : (location.hash = address("history"));
  });
}

start().catch((error) => {
  document.getElementById("main").replaceChildren(element("p", { role: "alert" }, `The page could not be drawn: ${error.message}`));
  throw error;
});
