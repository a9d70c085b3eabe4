// The earlier place of conformance/implementations/javascript/importer.mjs, which works for one release more.
console.error("conformance/importers/javascript is conformance/implementations/javascript now: write that in the command");
await import("../../implementations/javascript/importer.mjs");
