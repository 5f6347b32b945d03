// Suggestions under the search fields: a combobox with a list (ARIA Authoring Practices Guide).
// Without this script the fields are plain forms; it asks nobody but this service.

const WAIT_MS = 90; // a pause in typing

let fields = 0;

document.querySelectorAll('form[action="/search"] input[name=q]').forEach(suggest);

function suggest(input) {
  const list = document.createElement("ul");
  list.className = "suggested";
  list.id = `suggested-${(fields += 1)}`;
  list.setAttribute("role", "listbox");
  const name = input.getAttribute("aria-label") ?? input.labels[0].textContent;
  list.setAttribute("aria-label", name);
  list.hidden = true;
  input.after(list);
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-expanded", "false"],
    ["aria-controls", list.id],
  ]) {
    input.setAttribute(name, value);
  }
  let timer = 0;
  let asking = new AbortController();
  let active = -1;

  const close = () => {
    clearTimeout(timer);
    asking.abort();
    list.hidden = true;
    activate(-1);
    input.setAttribute("aria-expanded", "false");
  };

  const activate = (place) => {
    active = place;
    Array.from(list.children, (option, at) => option.setAttribute("aria-selected", at === place));
    const option = list.children[place];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };

  const show = ([, names, kinds, addresses]) => {
    list.replaceChildren(
      ...names.map((name, at) => option(`${list.id}-${at}`, name, kinds[at], addresses[at])),
    );
    activate(-1);
    list.hidden = names.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };

  const ask = async () => {
    asking.abort();
    asking = new AbortController();
    const parameters = new URLSearchParams({ q: input.value });
    for (const name of ["release", "lang"]) {
      const kept = input.form.elements.namedItem(name);
      if (kept) parameters.set(name, kept.value);
    }
    try {
      const answer = await fetch(`/search/suggest?${parameters}`, { signal: asking.signal });
      if (answer.ok) show(await answer.json());
      else close();
    } catch (error) {
      if (error.name !== "AbortError") close(); // the connection is gone; the form still works
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim()) timer = setTimeout(ask, WAIT_MS);
    else close();
  });
  input.addEventListener("keydown", (event) => {
    const count = list.children.length;
    if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "ArrowDown" && list.hidden && input.value.trim()) ask();
    else if (event.key === "ArrowDown" && count) activate(active + 1 < count ? active + 1 : -1);
    else if (event.key === "ArrowUp" && !list.hidden) activate(active < 0 ? count - 1 : active - 1);
    else if (event.key === "Enter" && !list.hidden && active >= 0) follow(list.children[active]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => follow(event.target.closest("[role=option]")));
  input.addEventListener("blur", close);
}

function option(id, name, kind, address) {
  const made = document.createElement("li");
  made.id = id;
  made.setAttribute("role", "option");
  made.dataset.address = address;
  const text = document.createElement("bdi");
  text.textContent = name;
  const small = document.createElement("small");
  small.textContent = kind;
  made.append(text, small);
  return made;
}

function follow(chosen) {
  if (chosen?.dataset.address) location.assign(chosen.dataset.address);
}
