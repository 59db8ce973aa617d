// Writes src/api/schema.d.ts from the contract. With --check it writes nothing and fails when the file is out of date.
// Another contract can be named as the last argument.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const here = fileURLToPath(new URL(".", import.meta.url));
const named = process.argv.slice(2).find((argument) => !argument.startsWith("--"));
const contract = resolve(named ?? `${here}../../contracts/openapi.json`);
const target = `${here}../src/api/schema.d.ts`;
const text =
  "// Generated from contracts/openapi.json by `npm run types`. Do not edit.\n" +
  astToString(await openapiTS(readFileSync(contract, "utf8")));

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("src/api/schema.d.ts is not what contracts/openapi.json says: run `npm run types`");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
