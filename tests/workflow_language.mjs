// What GitHub's own language service says of workflows: node tests/workflow_language.mjs NODE_MODULES WORKFLOW…
// Prints a line of JSON for each: [path, [[line, message], …]].
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...paths] = process.argv.slice(2);

// Its data are imported as a bundler would have them, without saying that they are JSON.
const hook = `
import { readFile } from "node:fs/promises";
export async function load(url, context, next) {
  if (!url.endsWith(".json")) return next(url, context);
  return { format: "module", source: "export default " + await readFile(new URL(url), "utf8"), shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const module = (path) => import(pathToFileURL(join(modules, path)));
const { validate } = await module("@actions/languageservice/dist/index.js");
const { TextDocument } = await module("vscode-languageserver-textdocument/lib/esm/main.js");

for (const path of paths) {
  const document = TextDocument.create(pathToFileURL(path).href, "yaml", 1, readFileSync(path, "utf8"));
  const found = await validate(document, {});
  console.log(JSON.stringify([path, found.map((each) => [each.range.start.line + 1, each.message])]));
}
