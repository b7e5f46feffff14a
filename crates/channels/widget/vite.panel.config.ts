import { defineConfig } from "vite";

// The panel: hashed ES modules and a manifest by which the server finds their names.
export default defineConfig({
  base: "/w/assets/",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    assetsDir: "assets",
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: "src/panel/main.tsx",
      output: {
        entryFileNames: "assets/panel-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
});
