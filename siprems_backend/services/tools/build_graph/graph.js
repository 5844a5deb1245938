"use strict";
// Explores a graph of products: search, select, zoom, move. No library, nothing is loaded.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const svg = document.getElementById("graph");
  if (!svg) return;
  const SVG = "http://www.w3.org/2000/svg";
  const { nodes, edges } = data;
  const search = document.getElementById("search");
  const list = document.getElementById("found");
  const detail = document.getElementById("detail");
  const least = document.getElementById("least");
  const kinds = [...document.querySelectorAll("input[name=kind]")];
  const MOST_LISTED = 60;
  let selected = null;
  let text = 0.3;

  const strength = (edge) => Math.max(Math.abs(edge[2] ?? 0), edge[4] ?? 0);
  const around = nodes.map(() => []);
  edges.forEach((edge, number) => {
    around[edge[0]].push([edge[1], number]);
    around[edge[1]].push([edge[0], number]);
  });
  around.forEach((some) => some.sort((a, b) => strength(edges[b[1]]) - strength(edges[a[1]])));

  function element(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    parent.append(made);
    return made;
  }

  // Drawing: lines first, so that products lie above them.
  const lines = element("g", {}, svg);
  const dots = element("g", {}, svg);
  const labels = element("g", {}, svg);
  const drawnEdges = edges.map((edge) => {
    const [a, b] = [nodes[edge[0]], nodes[edge[1]]];
    const against = edge[2] !== null && edge[2] < 0;
    return element("line", {
      x1: a.x, y1: a.y, x2: b.x, y2: b.y,
      class: "edge" + (against ? " against" : ""),
      "stroke-width": (0.03 + 0.11 * strength(edge)).toFixed(3),
    }, lines);
  });
  const drawn = nodes.map((node, place) => {
    const group = element("g", { class: "node", transform: `translate(${node.x} ${node.y})` }, dots);
    element("circle", { r: node.size, class: "c" + node.colour }, group);
    element("title", {}, group).textContent = `${node.sku} ${node.name}`;
    group.addEventListener("click", (event) => { event.stopPropagation(); if (!moved) select(place); });
    return group;
  });

  const names = nodes.map((node) => {
    const label = element("text", { x: node.x, y: node.y - node.size, dy: "-.3em" }, labels);
    label.textContent = short(node);
    return label;
  });

  function short(node) {
    const said = node.name || node.sku;
    return said.length > 22 ? said.slice(0, 21) + "…" : said;
  }

  // What is shown: by kind and strength of relations.
  function shows(edge) {
    const wanted = kinds.filter((kind) => kind.checked).map((kind) => kind.value);
    const moving = wanted.includes("moving") && edge[2] !== null;
    const sold = wanted.includes("sold") && edge[3] !== null;
    return (moving || sold) && strength(edge) >= Number(least.value);
  }

  function refresh() {
    const visible = edges.map(shows);
    const reached = new Set();
    edges.forEach((edge, number) => {
      drawnEdges[number].classList.toggle("hidden", !visible[number]);
      if (visible[number]) { reached.add(edge[0]); reached.add(edge[1]); }
    });
    const near = new Set(selected === null ? [] : [selected]);
    if (selected !== null) {
      around[selected].forEach(([other, number]) => { if (visible[number]) near.add(other); });
    }
    drawn.forEach((group, place) => {
      group.classList.toggle("hidden", !reached.has(place) && place !== selected);
      group.classList.toggle("selected", place === selected);
      group.classList.toggle("near", near.has(place));
      group.classList.toggle("far", selected !== null && !near.has(place));
    });
    edges.forEach((edge, number) => {
      const own = selected !== null && (edge[0] === selected || edge[1] === selected);
      drawnEdges[number].classList.toggle("far", selected !== null && !own);
    });
    document.getElementById("least-value").textContent = Number(least.value).toFixed(2);
    document.getElementById("count").textContent =
      `${counted(reached.size, "product")}, ${counted(visible.filter(Boolean).length, "relation")}`;
    describe(visible);
    find();
    name();
  }

  // Names: of as many products as have room, those that matter most first.
  const important = [...nodes.keys()]
    .sort((a, b) => around[b].length - around[a].length || nodes[b].units - nodes[a].units);
  function name() {
    const taken = [];
    const first = (place) => place === selected || drawn[place].matches(".near, .match");
    const order = [...important.filter(first), ...important.filter((place) => !first(place))];
    order.forEach((place) => {
      const node = nodes[place];
      const half = 0.29 * text * short(node).length;
      const base = node.y - node.size - 0.3 * text;
      const box = [node.x - half, base - text, node.x + half, base + 0.3 * text];
      const free = !drawn[place].matches(".hidden, .far")
        && !taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]);
      names[place].classList.toggle("named", free);
      if (free) taken.push(box);
    });
  }

  // The panel: what the selected product is related to, each of them a button that leads on.
  function describe(visible) {
    detail.replaceChildren();
    if (selected === null) {
      paragraph("Choose a product in the picture or in the list.", "soft");
      return;
    }
    const node = nodes[selected];
    const head = document.createElement("h3");
    head.textContent = node.sku;
    detail.append(head);
    if (node.name !== node.sku) paragraph(node.name);
    paragraph(`${node.category ?? "No category"} · ${amount(node.units)} units sold`, "soft");
    const some = around[selected].filter(([, number]) => visible[number]);
    if (!some.length) paragraph("No relation of the kind and strength chosen.", "soft");
    const related = document.createElement("ul");
    some.forEach(([other, number]) => {
      const item = document.createElement("li");
      item.append(button(other), words(edges[number]));
      related.append(item);
    });
    detail.append(related);
  }

  function words(edge) {
    const said = [];
    if (edge[2] !== null) {
      said.push(`${edge[2] < 0 ? "one instead of the other" : "rise and fall together"} (${edge[2].toFixed(2)})`);
    }
    if (edge[3] !== null) {
      said.push(`${edge[3].toFixed(1)} times as often on the same days, ${Math.round(100 * edge[4])} % of them`);
    }
    const made = document.createElement("span");
    made.className = "soft";
    made.textContent = said.join("; ");
    return made;
  }

  function paragraph(said, style) {
    const made = document.createElement("p");
    made.textContent = said;
    if (style) made.className = style;
    detail.append(made);
  }

  function button(place) {
    const made = document.createElement("button");
    const mark = document.createElement("i");
    mark.className = "c" + nodes[place].colour;
    made.type = "button";
    made.append(mark, nodes[place].name === nodes[place].sku
      ? nodes[place].sku : `${nodes[place].sku} ${nodes[place].name}`);
    made.setAttribute("aria-pressed", String(place === selected));
    made.addEventListener("click", () => select(place, true));
    return made;
  }

  const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const amount = (units) => units.toLocaleString("en", { maximumFractionDigits: units < 10 ? 1 : 0 });

  // The list: products that match the search, those with the most relations first.
  function find() {
    const words = search.value.trim().toLowerCase();
    const match = important.filter((place) => {
      const node = nodes[place];
      return [node.sku, node.name, node.category ?? ""].some((part) => part.toLowerCase().includes(words));
    });
    list.replaceChildren(...match.slice(0, MOST_LISTED).map((place) => {
      const item = document.createElement("li");
      item.append(button(place));
      return item;
    }));
    document.getElementById("matches").textContent = !match.length ? "No product matches."
      : match.length > MOST_LISTED ? `${MOST_LISTED} of ${match.length} products` : counted(match.length, "product");
    const matching = new Set(match);
    drawn.forEach((group, place) => group.classList.toggle("match", words !== "" && matching.has(place)));
    return match;
  }

  function select(place, centre) {
    selected = place;
    refresh();
    if (place !== null && centre) {
      const box = view.w > 14 ? { w: 14, h: 14 * view.h / view.w } : view;
      show({ x: nodes[place].x - box.w / 2, y: nodes[place].y - box.h / 2, w: box.w, h: box.h });
    }
  }

  // Zooming and moving.
  const whole = bounds();
  let view = { ...whole };
  let moved = false;

  function bounds() {
    const xs = nodes.map((node) => node.x), ys = nodes.map((node) => node.y);
    const [left, top] = [Math.min(...xs) - 1.5, Math.min(...ys) - 1.5];
    return { x: left, y: top, w: Math.max(...xs) - left + 1.5, h: Math.max(...ys) - top + 1.5 };
  }

  function show(box) {
    view = box;
    svg.setAttribute("viewBox", `${box.x} ${box.y} ${box.w} ${box.h}`);
    const scale = Math.max(box.w / svg.clientWidth, box.h / svg.clientHeight) || 0.02;
    text = 12.5 * scale;
    svg.style.setProperty("--text", `${text}px`);
    name();
  }

  function zoom(factor, x = view.x + view.w / 2, y = view.y + view.h / 2) {
    const width = Math.min(Math.max(view.w * factor, 2), whole.w * 1.5);
    const by = width / view.w;
    show({ x: x - (x - view.x) * by, y: y - (y - view.y) * by, w: width, h: view.h * by });
  }

  function at(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, ...at(event));
  }, { passive: false });
  let from = null;
  svg.addEventListener("pointerdown", (event) => { from = at(event); moved = false; });
  window.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = at(event);
    if (Math.hypot(x - from[0], y - from[1]) > view.w / 200) moved = true;
    if (moved) show({ ...view, x: view.x + from[0] - x, y: view.y + from[1] - y });
  });
  window.addEventListener("pointerup", () => { from = null; });
  svg.addEventListener("click", () => { if (!moved) select(null); });

  const ACTIONS = {
    "in": () => zoom(1 / 1.4), "out": () => zoom(1.4), "all": () => { select(null); show({ ...whole }); },
  };
  document.querySelectorAll("button[data-action]").forEach((each) =>
    each.addEventListener("click", ACTIONS[each.dataset.action]));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) show({ ...view, x: view.x + step[0] * view.w / 10, y: view.y + step[1] * view.h / 10 });
    else if (event.key === "+" || event.key === "=") zoom(1 / 1.4);
    else if (event.key === "-") zoom(1.4);
    else if (event.key === "0") ACTIONS.all();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape") { search.value = ""; select(null); }
  });
  search.addEventListener("input", () => { find(); name(); });
  search.addEventListener("keydown", (event) => {
    const [first] = find();
    if (event.key === "Enter" && first !== undefined) select(first, true);
  });
  [least, ...kinds].forEach((each) => each.addEventListener("input", refresh));
  window.addEventListener("resize", () => show(view));
  refresh();
  show({ ...whole });
})();
