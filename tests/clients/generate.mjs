// node generate.mjs openapi.json api.ts: types for openapi-fetch, with files as Blob.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const [from, to] = process.argv.slice(2);
const blob = ts.factory.createTypeReferenceNode(ts.factory.createIdentifier("Blob"));
const types = await openapiTS(await readFile(from, "utf8"), {
  transform: (schema) => (schema.format === "binary" ? blob : undefined),
});
await writeFile(to, astToString(types));
