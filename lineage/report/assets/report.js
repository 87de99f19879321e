// Lets tables be searched and sorted, and queries copied. The sorting itself is sortable.min.js.
(() => {
  const made = (name, given) => Object.assign(document.createElement(name), given);

  // A search for each table that is long enough; rows that do not fit are hidden.
  for (const table of document.querySelectorAll("table.sortable")) {
    for (const head of table.tHead.rows[0].cells) {
      const button = made("button", { type: "button" });
      button.append(...head.childNodes);
      head.append(button);
    }
    const box = table.parentNode;
    const count = table.tBodies[0].rows.length;
    if (count < 6) continue;
    const tools = made("div", { className: "tools" });
    const find = made("input", { type: "search", placeholder: "search" });
    find.setAttribute("aria-label", "search this table");
    const said = made("span", { className: "dim" });
    said.setAttribute("aria-live", "polite");
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      let left = 0;
      for (const row of table.tBodies[0].rows) {
        const whole = [...row.cells].map((cell) => `${cell.textContent} ${cell.title}`).join(" ");
        row.hidden = !whole.toLowerCase().includes(wanted);
        if (!row.hidden) left += 1;
      }
      said.textContent = wanted ? `${left} of ${count} rows` : "";
    });
    tools.append(find, said);
    box.before(tools);
  }

  // Where there is no clipboard to write to, the text is selected, to be copied by hand.
  const select = (element, button) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    button.textContent = "selected";
  };
  for (const query of document.querySelectorAll(".cypher pre")) {
    const button = made("button", { type: "button", textContent: "copy" });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(query.textContent);
        button.textContent = "copied";
      } catch {
        select(query, button);
      }
      setTimeout(() => { button.textContent = "copy"; }, 2000);
    });
    const tools = made("div", { className: "tools" });
    tools.append(button);
    query.before(tools);
  }

  // A link to a picture opens it.
  const open = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    const details = target && target.closest("details");
    if (!details) return;
    details.open = true;
    details.scrollIntoView();
  };
  addEventListener("hashchange", open);
  document.addEventListener("click", (event) => {
    if (event.target.closest('a[href^="#"]')) setTimeout(open);
  });
  open();
})();
