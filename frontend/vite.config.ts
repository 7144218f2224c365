import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const GATEWAY = process.env.GATEWAY_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  build: {
    outDir: "dist",
    // The Content-Security-Policy of the gateway allows no `data:` script, and a file is cached for ever.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // The name is in the redirect URIs that a system under development knows.
    host: "localhost",
    port: 5173,
    strictPort: true,
    proxy: {
      "/graphql": { target: GATEWAY, ws: true },
      "/graphiql": GATEWAY,
      "/api": GATEWAY,
      "/settings.json": GATEWAY,
    },
  },
  test: {
    environment: "jsdom",
    globals: true,
    testTimeout: 30_000,
    setupFiles: "src/testing/setup.ts",
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
