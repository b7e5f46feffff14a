import { defineConfig } from "vite";

// The loader: one classic script under a stable name, since creators paste its address.
export default defineConfig({
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: false,
    lib: {
      entry: "src/loader/main.ts",
      formats: ["iife"],
      name: "coxswainLoader",
      fileName: () => "loader.js",
    },
  },
});
