"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const LISTED = 300;   // more rows than this help nobody; the filter finds the others
  const LAYERED = 300;  // beyond this many components the places worked out beforehand are taken
  const root = document.documentElement;
  const DRAWN = 600;    // hops in one picture; of a larger graph those are drawn that the filter leaves, the gravest first
  const LARGE = data.hops.length > 2 * DRAWN;
  let later = 0;
  let chosen = -1;
  let cy = null;

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties || {});
    for (const child of children) if (child !== null && child !== "") element.append(child);
    return element;
  }
  const plural = (number, word) => number + " " + word + (number === 1 ? "" : "s");
  const title = (hop) => data.nodes[hop.c].n + " → " + data.nodes[hop.s].n;

  // -- filter -----------------------------------------------------------------------------------------------------
  const articles = Array.from(document.querySelectorAll(".finding"));
  const texts = articles.map((article) => article.textContent.toLowerCase());
  const hopTexts = data.hops.map((hop) =>
    [title(hop), data.nodes[hop.c].t, data.nodes[hop.s].t, hop.p, hop.at].join(" ").toLowerCase());
  const byFinding = new Map();
  articles.forEach((article, at) => byFinding.set(article.id.slice(2), at));

  function filter() {
    const words = $("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(Array.from(document.querySelectorAll("[name=severity]:checked"), (box) => box.value));
    const family = $("family").value;
    const shown = articles.map((article, at) =>
      severities.has(article.dataset.severity) && (!family || article.dataset.family === family) &&
      words.every((word) => texts[at].includes(word)));
    articles.forEach((article, at) => { article.hidden = !shown[at]; });
    const narrowed = family || severities.size < 3;
    const fits = (hop, at) => {
      const mine = hop.f.some((id) => shown[byFinding.get(id)]);
      return narrowed ? mine : mine || words.every((word) => hopTexts[at].includes(word));
    };
    const hops = data.hops.map((hop, at) => at).filter((at) => fits(data.hops[at], at));
    $("shown").textContent = shown.filter(Boolean).length + " of " + plural(articles.length, "finding") + ", " +
      hops.length + " of " + plural(data.hops.length, "hop");
    list(hops);
    // Words and the list answer each key; a picture that is drawn anew follows when the keys have stopped.
    clearTimeout(later);
    if (LARGE) later = setTimeout(() => draw(gravest(hops).slice(0, DRAWN)), 250);
    else dim(new Set(hops));
  }

  const order = { error: 0, warning: 1, note: 2, "": 3 };
  const gravest = (hops) => hops.slice().sort((a, b) => order[data.hops[a].v] - order[data.hops[b].v] || a - b);

  function list(hops) {
    $("hops").replaceChildren(...gravest(hops).slice(0, LISTED).map((at) => {
      const hop = data.hops[at];
      const button = make("button", { type: "button" }, title(hop));
      if (hop.p) button.append(" ", make("span", { className: "soft" }, hop.p));
      if (hop.v) button.append(" ", make("span", { className: "badge " + hop.v }, hop.v));
      button.setAttribute("aria-pressed", String(at === chosen));
      button.dataset.hop = at;
      button.addEventListener("click", () => choose(at, true));
      return make("li", {}, button);
    }));
    $("more-hops").textContent = hops.length > LISTED ? "and " + (hops.length - LISTED) + " more; the filter finds them" : "";
  }

  // -- one hop ----------------------------------------------------------------------------------------------------
  function end(role, node, numbers) {
    const part = make("div", {}, make("h3", {}, role + " " + node.t + " ", make("code", { className: "soft" }, node.at || "")));
    if (!numbers.length) {
      part.append(make("p", { className: "soft" }, "no timer is known of it"));
      return part;
    }
    const rows = make("dl"), rest = make("dl");
    for (const number of numbers) {
      const [timer, value, setting, origin, because, where, quote, matters] = data.facts[number];
      const from = make("dd", {}, setting, " ", make("span", { className: "origin" }, origin), " ");
      if (quote >= 0) {
        const [place, before, mark, after] = data.quotes[quote];
        from.append(make("code", { className: "soft" }, place), make("br"), make("code", {}, before.trimStart(), make("mark", {}, mark), after));
      } else {
        from.append(make("span", { className: "soft" }, [because, where].filter(Boolean).join(", ")));
      }
      (matters ? rows : rest).append(make("div", { className: matters === 2 ? "named" : "" }, make("dt", {}, make("code", {}, timer), make("strong", {}, value)), from));
    }
    part.append(rows);
    if (rest.children.length) {
      part.append(make("details", { open: !rows.children.length },
        make("summary", {}, plural(rest.children.length, "more default")), rest));
    }
    return part;
  }

  function choose(at, focus, quiet) {
    chosen = at;
    const hop = data.hops[at];
    const panel = make("div", {}, make("h3", {}, title(hop) + " ", make("span", { className: "soft" }, hop.p)));
    if (hop.w) panel.append(make("p", { className: "soft" }, "joined because: " + hop.w + (hop.at ? " (" + hop.at + ")" : "")));
    for (const id of hop.f) {
      const article = articles[byFinding.get(id)];
      if (article) panel.append(make("p", {}, make("a", { href: "#f-" + id }, article.querySelector("h3").textContent)));
    }
    panel.append(make("div", { className: "ends" }, end("client", data.nodes[hop.c], hop.cf),
      ...hop.b.map(([name, numbers]) => end("box", { t: name }, numbers)), end("server", data.nodes[hop.s], hop.sf)));
    $("hop").replaceChildren(panel);
    for (const button of $("hops").querySelectorAll("button")) button.setAttribute("aria-pressed", String(Number(button.dataset.hop) === at));
    if (cy) {
      cy.elements(":selected").unselect();
      const edge = cy.getElementById("h" + at);
      edge.select();
      if (focus && edge.nonempty()) near(edge);
    }
    if (!quiet) history.replaceState(null, "", "#hop-" + at);
  }

  for (const button of document.querySelectorAll("[data-finding]")) {
    button.addEventListener("click", () => {
      const at = data.hops.findIndex((hop) => hop.f.includes(button.dataset.finding));
      if (at < 0) return;
      choose(at, true);
      $("hop").scrollIntoView({ block: "nearest" });
      $("hop").focus({ preventScroll: true });
    });
  }

  // -- the picture ------------------------------------------------------------------------------------------------
  const colour = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const widthOf = (text) => Math.min(270, 24 + 7 * text.length);

  const short = (text) => (text.length > 33 ? text.slice(0, 20) + "…" + text.slice(-12) : text);

  // Layer by layer from left to right; a layer that is tall is set in several columns, so that all fits a window.
  function places(nodes) {
    const tall = Math.max(12, Math.round(Math.sqrt(nodes.length * 2)));
    const layers = [];
    for (const at of nodes) { const x = data.nodes[at].x; (layers[x] = layers[x] || []).push(at); }
    const at = new Map();
    let x = 0;
    for (const layer of layers.filter(Boolean)) {
      const ordered = layer.sort((a, b) => data.nodes[a].y - data.nodes[b].y);
      for (let from = 0; from < ordered.length; from += tall) {
        const column = ordered.slice(from, from + tall);
        const wide = Math.max(...column.map((node) => widthOf(data.nodes[node].t)));
        column.forEach((node, row) => at.set(node, { x: x + wide / 2, y: (row - column.length / 2) * 58 }));
        x += wide + 30;
      }
      x += 80;
    }
    return at;
  }

  const narrow = () => $("graph").clientWidth < 600;

  function layered(nodes, hops) {
    const graph = new dagre.graphlib.Graph({ multigraph: true });
    // On a phone a path runs down the page: side by side its names would be too small to read.
    graph.setGraph(narrow() ? { rankdir: "TB", nodesep: 24, ranksep: 44 } : { rankdir: "LR", nodesep: 24, ranksep: 90 });
    graph.setDefaultEdgeLabel(() => ({}));
    for (const at of nodes) graph.setNode(String(at), { width: widthOf(data.nodes[at].t), height: 34 });
    for (const at of hops) graph.setEdge(String(data.hops[at].c), String(data.hops[at].s), {}, String(at));
    dagre.layout(graph);
    return new Map(nodes.map((at) => { const node = graph.node(String(at)); return [at, { x: node.x, y: node.y }]; }));
  }

  function style() {
    const line = colour("soft");
    return [
      { selector: "node", style: { shape: "round-rectangle", width: "data(w)", height: 34, label: "data(t)", "text-valign": "center",
        "font-size": 12, "font-family": "system-ui, sans-serif", color: colour("fg"), "background-color": colour("bg"),
        "border-width": 1, "border-color": line, "min-zoomed-font-size": 7 } },
      { selector: "edge", style: { width: 1.5, "line-color": line, "target-arrow-color": line, "target-arrow-shape": "triangle",
        "curve-style": LARGE ? "straight" : "bezier", "arrow-scale": 0.9 } },
      ...["error", "warning", "note"].map((word) => ({ selector: "edge[v='" + word + "']",
        style: { width: word === "note" ? 1.5 : 3, "line-color": colour(word), "target-arrow-color": colour(word) } })),
      { selector: ".faint", style: { opacity: 0.18 } },
      { selector: "edge:selected", style: { width: 6, "line-color": colour("accent"), "target-arrow-color": colour("accent") } },
      { selector: "node:selected", style: { "border-width": 3, "border-color": colour("accent") } },
    ];
  }

  // A small graph needs no tall window; a large one gets all of it.
  function room(at) {
    const rows = Array.from(at.values(), (place) => place.y);
    const high = Math.max(...rows) - Math.min(...rows);
    if (!LARGE && rows.length && high < (narrow() ? 520 : 360)) $("graph").style.height = Math.max(9, (high + 120) / 16) + "rem";
  }

  function draw(hops) {
    const ends = new Set(hops.flatMap((at) => [data.hops[at].c, data.hops[at].s]));
    const nodes = LARGE ? Array.from(ends) : data.nodes.map((_, at) => at);
    let at = null;
    if (nodes.length <= LAYERED) {
      try { at = layered(nodes, hops); } catch (error) { at = null; }
    }
    at = at || places(nodes);
    room(at);
    const elements = { nodes: nodes.map((number) => ({ data: { id: "n" + number, t: short(data.nodes[number].t), w: widthOf(data.nodes[number].t) }, position: at.get(number) })),
      edges: hops.map((number) => ({ data: { id: "h" + number, source: "n" + data.hops[number].c, target: "n" + data.hops[number].s, v: data.hops[number].v } })) };
    if (cy) cy.destroy();
    cy = cytoscape({ container: $("graph"), elements, style: style(), layout: { name: "preset" }, minZoom: 0.02, maxZoom: 3,
      textureOnViewport: LARGE, hideEdgesOnViewport: LARGE, boxSelectionEnabled: false, autoungrabify: true });
    if (chosen >= 0) cy.getElementById("h" + chosen).select();
    $("drawn").textContent = LARGE ? "Drawn: " + hops.length + " of " + data.hops.length + " hops; the filter chooses them." : "";
    fit();
    cy.on("tap", "edge", (event) => choose(Number(event.target.id().slice(1)), false));
    cy.on("tap", "node", (event) => { $("text").value = data.nodes[Number(event.target.id().slice(1))].n; filter(); });
  }

  function fit() {
    cy.fit(undefined, 24);
    if (cy.zoom() > 1.1) { cy.zoom(1.1); cy.center(); }
  }

  function near(edge) {
    if (cy.zoom() >= 0.5) { cy.center(edge); return; }
    cy.fit(edge.connectedNodes(), 60);
    if (cy.zoom() > 1) { cy.zoom(1); cy.center(edge); }
  }

  function dim(kept) {
    if (!cy) return;
    cy.batch(() => {
      cy.elements(".faint").removeClass("faint");
      if (kept.size === data.hops.length) return;
      const ends = new Set();
      for (const at of kept) { ends.add(data.hops[at].c); ends.add(data.hops[at].s); }
      cy.edges().filter((edge) => !kept.has(Number(edge.id().slice(1)))).addClass("faint");
      cy.nodes().filter((node) => !ends.has(Number(node.id().slice(1)))).addClass("faint");
    });
  }

  const zoom = (factor) => cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  const KEYS = { "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: fit,
    ArrowLeft: () => cy.panBy({ x: 60, y: 0 }), ArrowRight: () => cy.panBy({ x: -60, y: 0 }),
    ArrowUp: () => cy.panBy({ x: 0, y: 60 }), ArrowDown: () => cy.panBy({ x: 0, y: -60 }) };

  // -- colours ----------------------------------------------------------------------------------------------------
  const THEMES = ["system", "light", "dark"];
  function theme(name) {
    if (name === "system") delete root.dataset.theme; else root.dataset.theme = name;
    $("theme").textContent = "Colours: " + name;
    $("theme").setAttribute("aria-label", "Colours: " + name);
    if (cy) cy.style(style());
  }
  $("theme").addEventListener("click", () => theme(THEMES[(THEMES.indexOf(root.dataset.theme || "system") + 1) % THEMES.length]));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (cy) cy.style(style()); });

  const everything = data.hops.map((_, at) => at);
  draw(LARGE ? gravest(everything).slice(0, DRAWN) : everything);
  $("zoom-in").addEventListener("click", () => zoom(1.25));
  $("zoom-out").addEventListener("click", () => zoom(0.8));
  $("fit").addEventListener("click", fit);
  $("graph").addEventListener("keydown", (event) => {
    if (KEYS[event.key] && !event.ctrlKey && !event.metaKey) { KEYS[event.key](); event.preventDefault(); }
  });
  for (const element of [$("text"), $("family"), ...document.querySelectorAll("[name=severity]")]) element.addEventListener("input", filter);
  filter();
  clearTimeout(later);  // what is drawn is what an empty filter leaves
  const asked = /^#hop-(\d+)$/.exec(location.hash);
  const first = asked ? Number(asked[1]) : data.hops.findIndex((hop) => hop.v === "error");
  if (data.hops[first]) choose(first, Boolean(asked), true);
  window.tochain = { choose, get cy() { return cy; }, data };
})();
