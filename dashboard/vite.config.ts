/// <reference types="vitest/config" />
// Builds into the Python package, which serves the files as they are. Names carry a hash of the content, so two builds of the same
// sources give the same files; every text file gets .br and .gz siblings that the server picks by Accept-Encoding.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const OUT = process.env.OPTRAL_DASHBOARD_OUT ?? "../optral/api/static";

function siblings(): Plugin {
  return {
    name: "compressed-siblings",
    apply: "build",
    closeBundle() {
      for (const path of files(OUT)) {
        if (!/\.(js|css|html|svg)$/.test(path)) continue;
        const content = readFileSync(path);
        if (content.length < 1024) continue;
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
        writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
      }
    },
  };
}

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

// For `npm run dev` only: a server to forward to and, if wanted, a key in place of a session. Neither reaches a build.
const upstream = process.env.OPTRAL_URL ?? "http://127.0.0.1:8080";
const key = process.env.OPTRAL_API_KEY;
const forward = { target: upstream, headers: key ? { Authorization: `Bearer ${key}` } : {} };

export default defineConfig({
  plugins: [react(), tailwindcss(), siblings()],
  server: { proxy: { "/v1": forward, "/agent": forward, "/docs": forward } },
  worker: { format: "es" },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
    assetsInlineLimit: 0,
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}"] },
});
