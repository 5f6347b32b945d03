// The table of YASR in our languages, and its buttons for those who do not see the icons.

/**
 * Return the table plugin of YASR with values for sorting and filtering that are made by escaping;
 * its own are made by DOMPurify, once for each cell and use, which takes 45 s for 20,000 rows. What
 * is shown still passes DOMPurify, one page of the table at a time.
 */
export function quickTable(Table) {
  return class QuickTable extends Table {
    getColumns() {
      return super.getColumns().map((column) => ({
        ...column,
        render: (data, type, ...rest) => {
          if (type === "display" || !data?.value) return column.render(data, type, ...rest);
          return data.value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
        },
      }));
    }
  };
}

/** Put the words of the DataTables library into a language. */
export function localTable(Yasr, t, language) {
  const { defaults } = Yasr.plugins.table;
  defaults.tableConfig.autoWidth = false; // it would make the HTML of every row to find the longest
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
