// Shows those rules only that the address asks for, as in report.html#status=broken&phase=cell&text=date
"use strict";
(() => {
  const form = document.getElementById("filter");
  const rows = [...document.querySelectorAll("#rules tbody tr")];
  const names = ["status", "phase", "text"];

  const suits = (row, wanted) =>
    ["status", "phase"].every((name) => !wanted[name] || row.dataset[name] === wanted[name]) &&
    row.textContent.toLowerCase().includes(wanted.text.toLowerCase());

  const apply = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (location.hash && !names.some((name) => asked.has(name))) return; // a link to a place in the page
    const wanted = Object.fromEntries(names.map((name) => [name, asked.get(name) ?? ""]));
    for (const name of names) if (form.elements[name].value !== wanted[name]) form.elements[name].value = wanted[name];
    for (const row of rows) row.hidden = !suits(row, wanted);
    const shown = rows.filter((row) => !row.hidden).length;
    document.getElementById("shown").textContent = `${shown} of ${rows.length} rules shown`;
  };

  form.hidden = false;
  form.addEventListener("input", () => location.replace(`#${new URLSearchParams(new FormData(form))}`));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", apply);
  apply();
})();
