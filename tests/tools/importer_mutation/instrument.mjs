// Instruments a folder of modules with Stryker, and prints the changes that it has put there, as JSON.
//
// node instrument.mjs STRYKER SOURCES OUT [MUTATOR …]    STRYKER is where npm has installed it

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [stryker, sources, out, ...excludedMutations] = process.argv.slice(2);
const require = createRequire(`${stryker}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { createInstrumenter } = await load('@stryker-mutator/instrumenter');
const { createInjector } = await load('typed-inject');

const quiet = new Proxy({}, { get: () => () => false });
const instrumenter = createInjector().provideValue('logger', quiet).injectFunction(createInstrumenter);
const names = readdirSync(sources).filter((name) => name.endsWith('.mjs')).sort();
const files = names.map((name) => ({ name, content: readFileSync(join(sources, name), 'utf8'), mutate: true }));
const done = await instrumenter.instrument(files, { plugins: null, excludedMutations, ignorers: [] });

for (const { name, content } of done.files) writeFileSync(join(out, name), content);
const made = done.mutants.filter((mutant) => mutant.status === undefined); // the others are the excluded ones
process.stdout.write(JSON.stringify(made));
