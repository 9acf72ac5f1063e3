// The pages and where they are. The server answers each of these paths with index.html (src/Api/Pages/PagePaths.cs).

import { reload, start } from "./router.js";
import { wireSignIn } from "./session.js";

const pages = [
  { path: "/", load: () => import("./views/try.js") },
  { path: "/evaluations", load: () => import("./views/evaluations.js") },
  { path: "/evaluations/:id", load: () => import("./views/evaluation.js") },
  { path: "/leaderboards", load: () => import("./views/leaderboards.js") },
  { path: "/leaderboards/:name", load: () => import("./views/leaderboard.js") },
  { path: "/compare", load: () => import("./views/compare.js") },
  { path: "/models", load: () => import("./views/models.js") },
  { path: "/models/:name", load: () => import("./views/model.js") },
  { path: "/datasets", load: () => import("./views/datasets.js") },
  { path: "/datasets/:name", load: () => import("./views/dataset.js") },
  { path: "/workers", load: () => import("./views/workers.js") },
];

const menu = document.getElementById("menu");
const site = document.getElementById("site");
const links = [...document.querySelectorAll(".pages a")];

function openMenu(isOpen) {
  menu.setAttribute("aria-expanded", isOpen);
  site.classList.toggle("open", isOpen);
}

menu.addEventListener("click", () => openMenu(menu.getAttribute("aria-expanded") !== "true"));
document.addEventListener("keydown", event => {
  if (event.key === "Escape" && menu.getAttribute("aria-expanded") === "true") {
    openMenu(false);
    menu.focus();
  }
});

function markPage(page) {
  openMenu(false);
  for (const link of links) {
    const path = link.getAttribute("href");
    if (page && (page.path === path || (path !== "/" && page.path.startsWith(`${path}/`)))) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

wireSignIn(reload);
await start(document.getElementById("view"), pages, markPage);
