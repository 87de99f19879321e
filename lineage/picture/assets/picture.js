// Moves and zooms the drawing, shows what is known of a node, and what it came from and led to.
(() => {
  const stage = document.getElementById("stage");
  const drawing = stage.querySelector("svg");
  const said = document.getElementById("said");
  const nodes = [...drawing.querySelectorAll(".n")];
  const edges = [...drawing.querySelectorAll(".e[data-a]")];
  const view = Panzoom(drawing, { minScale: 0.2, maxScale: 30, step: 0.25, canvas: true });
  stage.addEventListener("wheel", view.zoomWithWheel);
  for (const [id, act] of [["in", view.zoomIn], ["out", view.zoomOut], ["fit", view.reset]]) {
    document.getElementById(id).addEventListener("click", () => act());
  }

  const told = (node) => node.querySelector("title").textContent;

  // The nodes that can be reached from one, along the arrows or against them.
  const reached = (from, start, end) => {
    const seen = new Set([from]);
    const open = [from];
    while (open.length) {
      const at = open.pop();
      for (const edge of edges) {
        if (edge.dataset[start] === at && !seen.has(edge.dataset[end])) {
          seen.add(edge.dataset[end]);
          open.push(edge.dataset[end]);
        }
      }
    }
    return seen;
  };

  const choose = (node) => {
    for (const one of [...nodes, ...edges]) one.classList.remove("dim", "on");
    said.replaceChildren();
    if (!node) return;
    for (const line of told(node).split("\n")) {
      said.append(Object.assign(document.createElement("p"), { textContent: line }));
    }
    node.classList.add("on");
    if (!edges.length) return;
    const before = reached(node.dataset.n, "b", "a");
    const after = reached(node.dataset.n, "a", "b");
    for (const one of nodes) {
      one.classList.toggle("dim", !before.has(one.dataset.n) && !after.has(one.dataset.n));
    }
    for (const edge of edges) {
      const { a, b } = edge.dataset;
      const on = (before.has(a) && before.has(b)) || (after.has(a) && after.has(b));
      edge.classList.toggle("dim", !on);
    }
  };

  let moved = 0;
  drawing.addEventListener("panzoomstart", () => { moved = 0; });
  drawing.addEventListener("panzoompan", () => { moved += 1; });
  stage.addEventListener("click", (event) => {
    if (moved < 4) choose(event.target.closest(".n"));
  });
  for (const node of nodes) {
    node.setAttribute("tabindex", "0");
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter") choose(node);
    });
  }
  document.getElementById("find").addEventListener("input", (event) => {
    choose(null);
    const wanted = event.target.value.trim().toLowerCase();
    for (const node of nodes) {
      node.classList.toggle("dim", wanted !== "" && !told(node).toLowerCase().includes(wanted));
    }
  });
})();
