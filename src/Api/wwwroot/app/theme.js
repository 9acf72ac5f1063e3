// Light or dark. A script of its own that the page waits for, so that a dark page does not begin white.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => localStorage.getItem("theme") ?? "system";

  // Whoever draws with colours (charts, pictures) draws again on "themechange".
  const apply = () => {
    root.dataset.theme = chosen() === "system" ? (system.matches ? "dark" : "light") : chosen();
    document.dispatchEvent(new Event("themechange"));
  };

  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", event => event.key === "theme" && apply());
  addEventListener("DOMContentLoaded", () => {
    const group = document.getElementById("theme");
    group.querySelector(`[value="${chosen()}"]`).checked = true;
    group.addEventListener("change", event => {
      localStorage.setItem("theme", event.target.value);
      apply();
    });
  });
})();
