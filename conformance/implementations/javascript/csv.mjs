// Files: from bytes to a header and rows, or why not; and failed rows back to a file.

import { COLUMNS, campusNeedsCampuses, columnNamed, isBlank } from './cells.mjs';

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * The file's header, the column (or null) that each of its cells names, where it is blank, its rows, and
 * warnings; `refused` is null, or says why there is none of that.
 */
export function openFile(bytes, institution) {
  const lines = fileIsUtf8Csv(bytes);
  if (lines === null) return { refused: 'the file is not well-formed CSV in UTF-8' };
  const [header = [], ...rows] = emptyRowsAreIgnored(lines);
  const named = header.map(columnNamed);
  const refused = requiredHeadersArePresent(named, institution) ?? noHeaderAppearsTwice(named);
  const columns = named.map((column) => (column && campusNeedsCampuses(column, institution) ? null : column));
  const unnamed = [...header.keys()].filter((index) => isBlank(header[index]));
  return { refused, header, columns, unnamed, rows, warnings: ignoredHeaders(header, columns) };
}

/** The cells of every line, blank lines too, or null where the bytes break the format. */
export function fileIsUtf8Csv(bytes) {
  const text = decodedText(bytes);
  return text === null || text.includes('\0') ? null : linesOf(text);
}

export function emptyRowsAreIgnored(lines) {
  return lines.filter((cells) => !cells.every(isBlank));
}

export function requiredHeadersArePresent(named, institution) {
  const isRequired = (column) => column.starred || (column.sso && institution.usesSso);
  const missing = [...COLUMNS.values()].filter((column) => isRequired(column) && !named.includes(column));
  return missing.length === 0 ? null : `required headers are missing: ${headersOf(missing)}`;
}

// An alias has been replaced by its column already, so the two beside each other are seen here as well.
export function noHeaderAppearsTwice(named) {
  const known = named.filter((column) => column !== null);
  const twice = known.filter((column, index) => known.indexOf(column) !== index);
  return twice.length === 0 ? null : `headers appear twice: ${headersOf(twice)}`;
}

function headersOf(columns) {
  return columns.map((column) => column.header).join(', ');
}

function ignoredHeaders(header, columns) {
  const ignored = header.filter((_, index) => columns[index] === null);
  return ignored.map((name) => `the column ${JSON.stringify(name)} is ignored`);
}

// ------------------------------------------------------------------------------------------------ reading

function decodedText(bytes) {
  try {
    // `ignoreBOM: true` means: leave the mark in the text. Dropping it here shows that one goes, and no more.
    // A new decoder each time: one that has thrown may remember half a character.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  } catch {
    return null;
  }
}

function linesOf(text) {
  const lines = [];
  for (let at = 0; at < text.length;) {
    const line = lineAt(text, at);
    if (line === null) return null;
    lines.push(line.cells);
    at = line.next;
  }
  return lines;
}

// Text that ends in a comma has one more, empty, cell: the loop reads it at the very end of the text.
function lineAt(text, start) {
  const cells = [];
  for (let at = start; ;) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at);
    if (cell === null) return null;
    cells.push(cell.text);
    if (text[cell.end] !== ',') return { cells, next: afterLineEnd(text, cell.end) };
    at = cell.end + 1;
  }
}

const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;
const endsPlainCell = (unit) => unit === COMMA || unit === LF || unit === CR;

function plainCell(text, start) {
  let end = start;
  while (end < text.length && !endsPlainCell(text.charCodeAt(end))) end += 1;
  return { text: text.slice(start, end), end };
}

// Null where the quote is never closed, or something other than a comma or a line's end follows it.
function quotedCell(text, start) {
  let close = text.indexOf('"', start + 1);
  while (close !== -1 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close === -1) return null;
  const end = close + 1;
  if (end < text.length && !endsPlainCell(text.charCodeAt(end))) return null;
  return { text: text.slice(start + 1, close).replaceAll('""', '"'), end };
}

function afterLineEnd(text, end) {
  return text.startsWith('\r\n', end) ? end + 2 : end + 1;
}

// ------------------------------------------------------------------------------------------------ writing

const ADDED_HEADERS = ['status', 'response'];

/** Has the file been returned as one of failed rows before? */
export function endsWithAddedHeaders(header) {
  return ADDED_HEADERS.every((name, index) => header.at(index - 2) === name);
}

/** A response where the status should be: cells of the row have moved. */
export function hasResponseForStatus(cells) {
  return cells.at(-2).startsWith('{');
}

/** The bytes of the file of failed rows; `failures` are pairs of a row's cells and its response. */
export function failedRowsFile(header, failures) {
  const marked = endsWithAddedHeaders(header);
  const hasOld = (cells) => (cells.length === header.length && !hasResponseForStatus(cells)) || endsWithOurs(cells);
  const rows = failures.map(([cells, response]) => {
    const old = marked && hasOld(cells) ? 2 : 0;
    return [...cells.slice(0, cells.length - old), 'failed', JSON.stringify(response)];
  });
  return Buffer.from([marked ? header : [...header, ...ADDED_HEADERS], ...rows].map(line).join(''), 'utf8');
}

// A ragged row that has been through here before: without this it would grow by two cells every time.
function endsWithOurs(cells) {
  return cells.at(-2) === 'failed' && cells.at(-1).startsWith('{');
}

function line(cells) {
  return `${cells.map(quotedWhereNeeded).join(',')}\r\n`;
}

// A cell that begins with U+FEFF is quoted, or at the start of the file it would be read back as the mark.
function quotedWhereNeeded(cell) {
  return /[",\r\n]/.test(cell) || cell.startsWith(BYTE_ORDER_MARK) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
