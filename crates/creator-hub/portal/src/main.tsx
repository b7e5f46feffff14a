import "./styles/index.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { whenSessionIsLost } from "./api/session";
import { queryClient } from "./app/query-client";
import { router } from "./app/router";

whenSessionIsLost(() => {
  if (router.state.location.pathname === "/login") return;
  const back = router.state.location.href;
  void router.navigate({ to: "/login", search: { back, ended: true } }).then(() => queryClient.clear());
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
