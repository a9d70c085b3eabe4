// A complete importer of student files in memory, to start from: JSON lines in, JSON lines out.
//
//     pytest --pyargs conformance --importer "cmd:node conformance/implementations/javascript/importer.mjs"
//
// It needs Node.js 20 and no packages. To put your own importer behind the suite, keep this file and
// requests.mjs, and answer the same requests from your own system. The rules are in csv.mjs (files),
// cells.mjs (cells), rows.mjs (rows) and actions.mjs (people), a function for each, named in camelCase.

import { ACTION_NAMES, perform } from './actions.mjs';
import { DATE_FORMATS } from './cells.mjs';
import { BadRequest, bytesOfBase64, flagOrFalse, object, oneOf } from './requests.mjs';
import { importFile } from './rows.mjs';
import { World, observable, worldDescribed } from './world.mjs';

let world = new World(new Map(), []);

const OPERATIONS = new Map(Object.entries({
  hello() {
    return {
      name: 'javascript',
      version: '1.0',
      language: 'javascript',
      protocol: 1,
      supports: ['preview', ...ACTION_NAMES],
    };
  },

  reset(request) {
    world = worldDescribed(request.world);
    return { ok: true };
  },

  // Import is a preview whose world is kept; so the two cannot differ, and a mistake of ours in the middle
  // of a file cannot leave half of it behind.
  import(request) {
    const { report, after } = imported(request);
    world = after;
    return { report };
  },

  preview(request) {
    return { report: imported(request).report };
  },

  do(request) {
    return perform(world, request);
  },

  observe() {
    return { accounts: [...world.accounts.values()].map(observable) };
  },

  bye() {
    return { ok: true };
  },
}));

function imported(request) {
  const after = world.copy();
  const report = importFile(after, jobOf(request), bytesOfBase64(request.csv, 'csv'));
  return { report, after };
}

function jobOf(request) {
  const mode = oneOf(['automatic', 'manual'], request.mode, 'mode');
  const changeSensitiveFields = flagOrFalse(request.change_sensitive_fields, 'change_sensitive_fields');
  if (mode === 'automatic' && changeSensitiveFields) {
    throw new BadRequest('change_sensitive_fields needs a manual job');
  }
  const dateFormat = oneOf(DATE_FORMATS, request.date_format, 'date_format');
  return { institution: world.institution(request.institution), changeSensitiveFields, dateFormat };
}

function answer(request) {
  const operation = OPERATIONS.get(object(request, 'a request').op);
  if (operation === undefined) throw new BadRequest(`there is no operation ${JSON.stringify(request.op)}`);
  return operation(request);
}

// ------------------------------------------------------------------------------------------------ the wire

/** The lines of a stream, as bytes. Not `readline`: that also splits at CR and at U+2028. */
async function* linesOf(stream) {
  let parts = []; // joined once a line is whole, so that a long line costs no more than its length
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      yield Buffer.concat([...parts, chunk.subarray(start, end)]);
      parts = [];
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
  }
  const rest = Buffer.concat(parts);
  if (rest.length > 0) yield rest;
}

function requestIn(line) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch (error) {
    throw new BadRequest(`the line is not JSON: ${error.message}`);
  }
}

/** One answer for every line, whatever it holds; a mistake of ours is told on standard error as well. */
function answerTo(line) {
  try {
    const request = requestIn(line);
    return { text: JSON.stringify(answer(request)), last: request.op === 'bye' };
  } catch (error) {
    if (!(error instanceof BadRequest)) console.error(error);
    return { text: JSON.stringify({ error: String(error?.message ?? error) }), last: false };
  }
}

for await (const line of linesOf(process.stdin)) {
  const { text, last } = answerTo(line);
  process.stdout.write(`${text}\n`);
  // No process.exit(): it could cut off an answer that is still on its way through the pipe.
  if (last) break;
}
