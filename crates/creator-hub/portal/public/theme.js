(() => {
  try {
    const chosen = localStorage.getItem("cx-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage may be blocked; the system's preference then decides.
  }
})();
