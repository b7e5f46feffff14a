import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const api = process.env.COXSWAIN_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: {
      "@": fileURLToPath(new URL("./src", import.meta.url)),
      "react-remove-scroll": fileURLToPath(new URL("./src/lib/remove-scroll.tsx", import.meta.url)),
    },
  },
  build: {
    target: "es2022",
    // The content security policy allows no data: URLs, so nothing is inlined.
    assetsInlineLimit: 0,
    // scripts/size.mjs follows the manifest to know what the first load takes.
    manifest: true,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": api, "/w": api },
  },
});
