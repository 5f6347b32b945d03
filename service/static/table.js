// The table of YASR in our languages, and its buttons for those who do not see the icons.

/** Put the words of the DataTables library into a language. */
export function localTable(Yasr, t, language) {
  const { defaults } = Yasr.plugins.table;
  Object.assign(defaults.tableConfig.language, {
    info: t("table.info"),
    infoEmpty: t("table.info-empty"),
    infoFiltered: t("table.info-filtered"),
    emptyTable: t("view.no-rows"),
    zeroRecords: t("table.none"),
    thousands: (10000).toLocaleString(language).replace(/\d/g, ""),
    aria: { orderable: `: ${t("table.sort")}`, orderableReverse: `: ${t("table.sort")}` },
  });
}

/** Translate what the table plugin says in English only, and say which view is chosen. */
export function dressTable(yasr, t) {
  const header = yasr.headerEl;
  for (const button of header.querySelectorAll(".yasr_btnGroup button")) {
    const name = [...button.classList].find((c) => c.startsWith("select_")).slice("select_".length);
    const label = t(`view.${name}`);
    button.querySelector("span").textContent = label;
    button.title = label;
    button.removeAttribute("aria-label");
    button.setAttribute("aria-pressed", String(button.classList.contains("selected")));
    button.disabled = button.classList.contains("disabled");
  }
  // The help of YASR is on a site of somebody else, and the time it says is not measured.
  header.querySelector(".yasr_external_ref_btn")?.remove();
  header.querySelector(".yasr_response_chip")?.remove();
  header.querySelector(".yasr_downloadIcon").setAttribute("aria-label", t("view.save"));
  const filter = header.querySelector(".tableFilter");
  if (!filter) return;
  filter.placeholder = t("table.filter");
  filter.setAttribute("aria-label", t("table.filter"));
  const [simple, shorten] = header.querySelectorAll(".switch .label");
  simple.textContent = t("table.simple");
  shorten.textContent = t("table.shorten");
  header.querySelector(".pageSizerLabel").textContent = t("table.page-size");
  const size = header.querySelector(".tableSizer");
  size.setAttribute("aria-label", t("table.page-size"));
  size.querySelector("option[value='-1']").textContent = t("table.all");
}
