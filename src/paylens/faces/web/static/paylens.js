// What the page does beyond links and forms: lists while one types, answers in place, sliders, one's own pay as a line to drag.
// Everything works without it. Nothing is kept and nothing leaves this server.
"use strict";
(() => {
  const form = document.querySelector("form[data-live]");
  const answer = document.getElementById("answer");
  const said = document.getElementById("said");
  const small = matchMedia("(max-width: 599px)");

  // ---- The answer in place -------------------------------------------------------------------------------------
  let asking = null, timer = 0, field = null;

  // A word that is still being typed counts as what it was before, unless the form is sent.
  const settled = new Map();

  function question(sent) {
    const filled = new URLSearchParams();
    for (const [name, typed] of new FormData(form)) {
      const from = form.elements[name];
      // A text area holds what is no part of the address, such as a letter.
      if (from.tagName === "TEXTAREA") continue;
      const text = !sent && from.dataset && from.dataset.list && from === document.activeElement ? settled.get(from) ?? from.defaultValue : typed;
      if (text.trim()) filled.append(name, text.trim());
    }
    return filled;
  }

  async function ask(sent) {
    const filled = question(sent === true);
    if (!filled.size) return;
    if ([...form.elements].some((e) => e.required && !e.value.trim())) return;
    const address = form.getAttribute("action") + (filled.size ? "?" + filled : "");
    filled.append("part", "answer");
    filled.append("size", small.matches ? "narrow" : "wide");
    if (asking) asking.abort();
    const mine = (asking = new AbortController());
    answer.classList.add("waiting");
    try {
      const found = await fetch(form.getAttribute("action") + "?" + filled, { signal: mine.signal, headers: { accept: "text/html" } });
      const text = await found.text();
      if (asking !== mine) return;
      const before = spread();
      answer.innerHTML = text;
      // What was wrong with a field is said by the answer now.
      for (const p of form.querySelectorAll(".wrong")) p.remove();
      for (const e of form.querySelectorAll("[aria-invalid]")) e.removeAttribute("aria-invalid");
      blame();
      if (found.ok) history.replaceState(null, "", address);
      tell(before, spread());
      document.dispatchEvent(new CustomEvent("paylens:answered"));
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = "The server does not answer.";
    } finally {
      if (asking === mine) { asking = null; answer.classList.remove("waiting"); }
    }
  }

  // What was wrong stands beside its field too.
  function blame() {
    const problem = answer.querySelector(".problem[data-field]");
    const bad = problem && problem.dataset.field && form.elements[problem.dataset.field];
    if (!bad || !bad.closest) return;
    const line = problem.querySelector("p").cloneNode(true);
    line.className = "wrong";
    line.id = bad.id + "-wrong";
    bad.setAttribute("aria-invalid", "true");
    bad.setAttribute("aria-describedby", line.id);
    bad.closest(".field").append(line);
    const closed = bad.closest("details:not([open])");
    if (closed) closed.open = true;
  }

  function soon(wait) { clearTimeout(timer); timer = setTimeout(ask, wait, false); }

  function spread() {
    const at = answer.querySelector("[data-spread]");
    return at ? Number(at.dataset.spread) : 0;
  }

  function tell(before, after) {
    const share = before && after ? 1 - after / before : 0;
    const words = Math.abs(share) < 0.005 ? "" : `The range is ${Math.round(100 * Math.abs(share))} % ${share > 0 ? "narrower" : "wider"} than before.`;
    const first = answer.querySelector("h1");
    said.textContent = [first ? first.textContent : "", words].join(" ").trim();
    for (const p of document.querySelectorAll(".changed")) p.remove();
    const under = field && field.closest(".field");
    if (!words || !under) return;
    const line = document.createElement("p");
    line.className = "changed";
    line.textContent = words;
    under.append(line);
  }

  if (form) {
    form.addEventListener("input", (event) => {
      field = event.target;
      // A word that is being typed is not asked about until it is chosen or left.
      if (field.dataset.list || field.tagName === "TEXTAREA") return;
      soon(field.type === "range" ? 15 : field.tagName === "SELECT" ? 0 : 250);
    });
    form.addEventListener("change", (event) => { field = event.target; if (field.tagName !== "TEXTAREA") soon(0); });
    // A button with a name of its own sends the whole form.
    form.addEventListener("submit", (event) => { if (event.submitter && event.submitter.name) return; event.preventDefault(); clearTimeout(timer); ask(true).then(() => { if (small.matches) answer.focus(); }); });
    small.addEventListener("change", () => ask());
    // A link to a field that lies in a closed part of the form opens it.
    document.addEventListener("click", (event) => {
      const link = event.target.closest('a[href^="#"]');
      const to = link && form.elements[link.hash.slice(1)];
      if (!to || !to.closest) return;
      const closed = to.closest("details:not([open])");
      if (closed) closed.open = true;
      event.preventDefault();
      to.focus();
    });
  }

  // ---- Sliders -------------------------------------------------------------------------------------------------
  for (const number of document.querySelectorAll("input[data-slider]")) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = number.min;
    slider.max = Math.min(Number(number.dataset.most), 30);
    slider.step = number.dataset.slider;
    slider.value = number.value || 0;
    slider.classList.toggle("unset", !number.value);
    slider.setAttribute("aria-label", document.querySelector(`label[for="${number.id}"]`).textContent.trim() + ", as a slider");
    slider.addEventListener("input", () => { number.value = slider.value; slider.classList.remove("unset"); });
    number.addEventListener("input", () => { slider.value = number.value || 0; slider.classList.toggle("unset", !number.value); });
    number.after(slider);
  }

  // ---- One's own pay, drawn as a line to drag ------------------------------------------------------------------
  let dragged = false;

  function moveTo(clientX) {
    const svg = [...answer.querySelectorAll("svg[data-low]")].find((s) => s.getBoundingClientRect().width);
    if (!svg) return;
    const { low, high, left, width } = Object.fromEntries(Object.entries(svg.dataset).map(([k, v]) => [k, Number(v)]));
    const box = svg.getBoundingClientRect();
    const x = ((clientX - box.left) / box.width) * svg.viewBox.baseVal.width - left;
    const share = Math.min(Math.max(x / width, 0), 1);
    const step = Math.pow(10, Math.floor(Math.log10(high)) - 2);
    form.elements.mine.value = Math.round((low + share * (high - low)) / step) * step;
    for (const name of ["line", "dot", "text"]) {
      for (const part of svg.querySelectorAll(`.mine_${name}_marks > *`)) {
        part.setAttribute("transform", part.getAttribute("transform").replace(/\([^,]+/, "(" + (share * width).toFixed(1)));
      }
    }
    field = form.elements.mine;
    soon(40);
  }

  if (form && form.elements.mine) {
    answer.addEventListener("pointerdown", (event) => {
      if (!event.target.closest(".mine_dot_marks, .mine_line_marks, .mine_text_marks")) return;
      dragged = true;
      event.preventDefault();
    });
    document.addEventListener("pointermove", (event) => { if (dragged) moveTo(event.clientX); });
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { dragged = false; });
  }

  // ---- Lists while one types: a combobox with a listbox (WAI-ARIA), by mouse or keyboard ----------------------
  for (const input of document.querySelectorAll("input[data-list]")) combobox(input);

  function combobox(input) {
    const many = "many" in input.dataset;
    const list = document.createElement("ul");
    input.after(list);
    list.id = input.id + "-list";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", document.querySelector(`label[for="${input.id}"]`).textContent.trim());
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) input.setAttribute(name, value);
    let at = -1, looking = null, wait = 0;

    const word = () => (many ? input.value.slice(input.value.lastIndexOf(",") + 1) : input.value).trim();

    function close() {
      clearTimeout(wait);
      if (looking) looking.abort();
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function mark(index) {
      at = index;
      [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
      if (at < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }

    function choose(option) {
      const label = option.textContent;
      input.value = many ? input.value.slice(0, input.value.lastIndexOf(",") + 1).replace(/,$/, ", ") + label : label;
      close();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    async function look() {
      const text = word();
      if (!text) return close();
      if (looking) looking.abort();
      looking = new AbortController();
      try {
        const found = await fetch(`/v1/vocabulary/${input.dataset.list}?limit=8&q=${encodeURIComponent(text.slice(0, 100))}`, { signal: looking.signal });
        if (!found.ok || document.activeElement !== input) return close();
        const { items } = await found.json();
        if (document.activeElement !== input) return close();
        list.replaceChildren(...items.map((item, i) => {
          const option = document.createElement("li");
          option.id = `${list.id}-${i}`;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          option.textContent = item.label;
          return option;
        }));
        list.hidden = !items.length;
        input.setAttribute("aria-expanded", String(items.length > 0));
        mark(-1);
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    }

    input.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(look, 60); });
    input.addEventListener("change", () => settled.set(input, input.value));
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      const open = !list.hidden, count = list.children.length;
      if (event.key === "ArrowDown" && !open) { look(); event.preventDefault(); }
      else if (event.key === "ArrowDown") { mark((at + 1) % count); event.preventDefault(); }
      else if (event.key === "ArrowUp" && open) { mark((at - 1 + count) % count); event.preventDefault(); }
      else if (event.key === "Enter" && open && at >= 0) { choose(list.children[at]); event.preventDefault(); }
      else if (event.key === "Enter") close();
      else if (event.key === "Escape" && open) { close(); event.preventDefault(); }
      else if (event.key === "Tab" && open && at >= 0) choose(list.children[at]);
    });
    // Before the field loses its focus.
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) choose(option);
    });
  }
})();
