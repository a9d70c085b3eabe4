// What happens to the rows of a file: every rule about rows, in the tuples REFUSALS, VALIDATIONS and EFFECTS.
//
// The order of the rules is the heart of it, and stands in `importRow`: the first step that objects decides.

import { isDeepStrictEqual } from 'node:util';

import {
  BLANK, COLUMNS, INVALID, NOT_LISTED, TAKEN, absentColumnKeeps, decode, emailsIgnoreCase, emptyOf, isBlank,
} from './cells.mjs';
import { endsWithAddedHeaders, failedRowsFile, hasResponseForStatus, openFile } from './csv.mjs';
import { EMPTY_ACCOUNT, connected, observable, placeOf } from './world.mjs';

const SUCCESS = Object.freeze({ success: true });

/**
 * Imports the bytes of a file into the world, and reports. `job` is {institution, changeSensitiveFields,
 * dateFormat}. The rule absenceChangesNothing needs no code: nothing here walks over the accounts.
 */
export function importFile(world, job, bytes) {
  const file = openFile(bytes, job.institution);
  if (file.refused !== null) return { refused: file.refused, warnings: [], rows: [] };
  const rows = file.rows.map((raw, index) => readRow(file, raw, index + 1, job));
  const results = rowsRunInOrder(world, job, rows);
  const failures = results.flatMap((result, index) => (
    result.outcome === 'failed' ? [[rows[index].raw, result.response]] : []
  ));
  return {
    refused: null,
    warnings: [...file.warnings, ...results.flatMap(numberedAdvice)],
    rows: results.map(({ row, outcome, response }) => ({ row, outcome, response })),
    failed_rows_csv: failedRowsFile(file.header, failures).toString('base64'),
  };
}

function numberedAdvice({ row, advice }) {
  return advice.map((text) => `row ${row}: ${text}`);
}

/**
 * Each row meets the world that the rows before it left. Whom it finds is settled before the first of them:
 * no two rows that are taken find the same student or share an identifier, so none changes what another finds.
 */
export function rowsRunInOrder(world, job, rows) {
  const identifiers = countsOf(rows.filter((row) => shapeOrIdentity(row) === null).flatMap(identifierKeys));
  const lookups = rows.map((row) => lookup(world, job, row, identifiers));
  const finders = countsOf(lookups.map(({ student }) => student));
  return rows.map((row, index) => {
    const { early, student } = lookups[index];
    const failure = early ?? rowsThatFindTheSameStudentFail(student, finders);
    const result = failure === null ? importRow(world, job, row, student) : failed(failure);
    return { row: row.number, advice: [], ...result };
  });
}

/** What ends the row before it finds anybody, or null; and the student whom it finds, or null. */
function lookup(world, job, row, identifiers) {
  const early = shapeOrIdentity(row) ?? rowsThatShareAnIdentifierFail(row, identifiers);
  if (early !== null) return { early, student: null };
  const student = usernameIsLookedUpFirst(world, job, row) ?? emailIsLookedUpSecond(world, job, row);
  return { early, student };
}

/** Nothing is written before the last line but one: that is how aFailedRowChangesNothing is kept. */
function importRow(world, job, row, student) {
  if (unchangedRowsAreSkipped(student, job, row)) return { outcome: 'unchanged', response: SUCCESS };

  const attempt = { world, job, row, student, creates: student === null };
  const refusal = attempt.creates ? null : firstAnswer(REFUSALS, attempt);
  if (refusal !== null) return failed(refusal);

  attempt.account = accountAfter(attempt);
  const complaints = complaintsOf(VALIDATIONS, attempt);
  if (complaints.size > 0) return failed(fieldErrors(complaints));

  world.replace(student, { ...attempt.account, lastApplied: row.cells });
  return { outcome: outcomeOf(attempt), response: SUCCESS, advice: adviceOn(attempt) };
}

function failed(errors) {
  return { outcome: 'failed', response: { success: false, errors } };
}

function outcomeOf({ creates, student, account }) {
  if (creates) return 'created';
  return isDeepStrictEqual(observable(student), observable(account)) ? 'unchanged' : 'updated';
}

/** The first answer of the rules that is not null. */
function firstAnswer(rules, attempt) {
  for (const rule of rules) {
    const answer = rule(attempt);
    if (answer !== null) return answer;
  }
  return null;
}

/** Header → text: all rules are tried, and a field keeps the first complaint about it. */
export function complaintsOf(rules, attempt) {
  const complaints = new Map();
  for (const [header, text] of rules.flatMap((rule) => rule(attempt))) {
    if (!complaints.has(header)) complaints.set(header, text);
  }
  return complaints;
}

// In the keys of a response a nested column is written with a dot. All of them are headers of ours, so an
// ordinary object is safe here.
function fieldErrors(complaints) {
  return Object.fromEntries([...complaints].map(([header, text]) => [header.replaceAll(':', '.'), [text]]));
}

// ------------------------------------------------------------------------------------------ reading a row

/** A row: its number, its cells as they came, and why it is ragged, or (if null) header → decoded cell. */
function readRow(file, raw, number, job) {
  const ragged = raggedness(file, raw);
  return { number, raw, ragged, cells: ragged === null ? decodedCells(file.columns, raw, job) : new Map() };
}

// The last two are rows that were ragged until a spreadsheet gave all rows the same width.
function raggedness({ header, unnamed }, raw) {
  if (raw.length !== header.length) return 'The row has not as many cells as the header';
  if (unnamed.some((index) => !isBlank(raw[index]))) return 'The row has a cell under a blank header';
  const moved = endsWithAddedHeaders(header) && hasResponseForStatus(raw);
  return moved ? 'The row has its response under the header status: its cells have moved' : null;
}

function decodedCells(columns, raw, job) {
  const reading = { vocabulary: job.institution.vocabulary, dateFormat: job.dateFormat };
  const cells = new Map();
  columns.forEach((column, index) => {
    if (column !== null) cells.set(column.header, decode(column, raw[index], reading));
  });
  return cells;
}

function cellOf(row, header) {
  return absentColumnKeeps(row.cells, header);
}

function valueOf(row, header) {
  const cell = cellOf(row, header);
  return cell.kind === 'value' ? cell.value : null;
}

// ------------------------------------------------------------------------------------- shape and identity

function shapeOrIdentity(row) {
  return raggedRowsFail(row) ?? usernameAndEmailAreRequired(row);
}

export function raggedRowsFail(row) {
  return row.ragged;
}

export function usernameAndEmailAreRequired(row) {
  const headers = ['username', 'email_address'].filter((header) => valueOf(row, header) === null);
  const complaints = headers.map((header) => [header, cellOf(row, header).complaint ?? BLANK]);
  return complaints.length === 0 ? null : fieldErrors(complaints);
}

// --------------------------------------------------------------------------------- rows in each other's way

const IDENTIFIERS = ['username', 'email_address', 'auth_identifier', 'card_id'];

function identifierKeys(row) {
  const held = IDENTIFIERS.filter((header) => valueOf(row, header) !== null);
  return held.map((header) => JSON.stringify([header, valueOf(row, header)]));
}

function countsOf(keys) {
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

export function rowsThatShareAnIdentifierFail(row, counts) {
  const shared = identifierKeys(row).some((key) => counts.get(key) > 1);
  return shared ? `Another row of the file has the same ${IDENTIFIERS.join(' or ')}` : null;
}

export function rowsThatFindTheSameStudentFail(student, finders) {
  const several = student !== null && finders.get(student) > 1;
  return several ? 'Another row of the file finds the same student: take one of them out' : null;
}

// ------------------------------------------------------------------------------------------------- lookup

export function usernameIsLookedUpFirst(world, job, row) {
  return world.holder(job.institution, 'username', valueOf(row, 'username'));
}

export function emailIsLookedUpSecond(world, job, row) {
  const student = world.student(valueOf(row, 'email_address'));
  return student !== null && !otherSchoolsStudentsAreInvisible(student, job) ? student : null;
}

/** Connected elsewhere; who is only pending elsewhere can be found. */
export function otherSchoolsStudentsAreInvisible(student, job) {
  return student.institution !== null && student.institution !== job.institution.id;
}

/** Only the columns of this row are compared, and decoded cells: 1 May is 1 May in either date format. */
export function unchangedRowsAreSkipped(student, job, row) {
  const connectedHere = student !== null && student.institution === job.institution.id;
  return connectedHere && student.lastApplied !== null && [...row.cells].every(([header, cell]) => (
    isDeepStrictEqual(cell, absentColumnKeeps(student.lastApplied, header))
  ));
}

// ----------------------------------------------------------------------------------------------- refusals
// Each answers with the text for `errors`, or null. There is a student: rows that create are not refused.

export function excludedStudentsAreNotUpdated({ job, student }) {
  const excludedHere = student.excluded_from_sync && placeOf(student) === job.institution.id;
  return excludedHere ? 'The student is excluded from student files' : null;
}

export function sensitiveFieldsNeedTheSetting({ job, row, student }) {
  if (job.changeSensitiveFields) return null;
  const sensitive = [...COLUMNS.values()].filter((column) => column.sensitive);
  const differs = sensitive.some((column) => contentAfter(student, column, row) !== student[column.header]);
  return differs ? 'Attempted to update sensitive fields without setting change_sensitive_fields' : null;
}

export function anUnconnectedStudentNeedsTheSetting({ job, student }) {
  const stranger = placeOf(student) !== job.institution.id;
  return stranger && !job.changeSensitiveFields ? 'The student is not connected to the institution' : null;
}

export function aDeclinedStudentIsNotConnected({ job, student }) {
  const declined = student.institution === null && student.declined_by.includes(job.institution.id);
  return declined ? 'The institution has declined the student' : null;
}

const REFUSALS = [
  excludedStudentsAreNotUpdated,
  sensitiveFieldsNeedTheSetting,
  anUnconnectedStudentNeedsTheSetting,
  aDeclinedStudentIsNotConnected,
];

// -------------------------------------------------------------------------------------------- validations
// Each answers with a list of [header, complaint]. `account` is the student as it would be after the row.

export function cellsAreWellFormed({ row }) {
  const wrong = [...row.cells].filter(([, cell]) => cell.kind === 'malformed');
  return wrong.map(([header, cell]) => [header, cell.complaint]);
}

export function aNewStudentHasAName({ creates, row }) {
  const blank = ['first_name', 'last_name'].filter((header) => cellOf(row, header).kind === 'keep');
  return creates ? blank.map((header) => [header, BLANK]) : [];
}

export function emailIsUniqueEverywhere({ world, student, account }) {
  return world.isEmailTaken(account.email_address, student) ? [['email_address', TAKEN]] : [];
}

export function emailDomainIsNotAnothers({ world, job, account }) {
  return world.isDomainOfAnother(account.email_address, job.institution) ? [['email_address', INVALID]] : [];
}

export function authIdentifierIsUniqueInTheInstitution(attempt) {
  return uniqueInTheInstitution(attempt, 'auth_identifier');
}

export function cardIdIsUniqueInTheInstitution(attempt) {
  return uniqueInTheInstitution(attempt, 'card_id');
}

function uniqueInTheInstitution({ world, job, student, account }, header) {
  return world.isTakenAt(job.institution, header, account[header], student) ? [[header, TAKEN]] : [];
}

const START = 'primary_education:start_date';
const END = 'primary_education:end_date';

export function endDateIsNotBeforeStartDate({ row, account }) {
  const readable = [START, END].every((header) => cellOf(row, header).kind !== 'malformed');
  const comparable = readable && account[START] !== null && account[END] !== null;
  const wrong = comparable && account[END] < account[START];
  return wrong ? [[END, 'must be a date on or after primary_education:start_date']] : [];
}

// A kept assignee is not looked at again.
export function assigneeIsOwnStaff({ job, row }) {
  const assignee = valueOf(row, 'assigned_to_email_address');
  const known = assignee === null || job.institution.staff.has(assignee);
  return known ? [] : [['assigned_to_email_address', NOT_LISTED]];
}

export function campusIsKnown({ job, row }) {
  const campus = valueOf(row, 'campus_name');
  return campus === null || job.institution.campuses.has(campus) ? [] : [['campus_name', NOT_LISTED]];
}

const VALIDATIONS = [
  cellsAreWellFormed,
  aNewStudentHasAName,
  emailIsUniqueEverywhere,
  emailDomainIsNotAnothers,
  authIdentifierIsUniqueInTheInstitution,
  cardIdIsUniqueInTheInstitution,
  endDateIsNotBeforeStartDate,
  assigneeIsOwnStaff,
  campusIsKnown,
];

/** Those that a profile edited in the app must pass as well. */
export const PROFILE_VALIDATIONS = [
  cellsAreWellFormed,
  endDateIsNotBeforeStartDate,
  assigneeIsOwnStaff,
  campusIsKnown,
];

// ------------------------------------------------------------------------------------------------ effects
// Each answers with the account after it. Connecting stands first, since it is what makes an account leave
// (leavingLeavesNothingBehind, in world.mjs), and leaving must not wipe what the row brings.

export function aSensitiveUpdateConnectsAndApproves(account, { creates, job }) {
  return !creates && job.changeSensitiveFields ? connected(account, job.institution) : account;
}

export function aCreatedStudentIsConnected(account, { creates, job }) {
  return creates ? connected(account, job.institution) : account;
}

const HAVE_RULES_OF_THEIR_OWN = ['disabled', 'system_label_names'];

export function valuesReplace(account, { row }) {
  const columns = [...COLUMNS.values()].filter((column) => !HAVE_RULES_OF_THEIR_OWN.includes(column.header));
  const contents = columns.map((column) => [column.header, contentAfter(account, column, row)]);
  return { ...account, ...Object.fromEntries(contents) };
}

export function labelsAreExactlyTheCell(account, { row }) {
  return { ...account, system_label_names: contentAfter(account, COLUMNS.get('system_label_names'), row) };
}

export function disabledOnlyByWord(account, { row }) {
  return { ...account, disabled: valueOf(row, 'disabled') ?? account.disabled };
}

/** The e-mail has changed at once; a request for the very same one has come true. */
export function importsNeedNoConfirmation(account) {
  return account.requested_email === account.email_address ? { ...account, requested_email: null } : account;
}

const EFFECTS = [
  aSensitiveUpdateConnectsAndApproves,
  aCreatedStudentIsConnected,
  valuesReplace,
  labelsAreExactlyTheCell,
  disabledOnlyByWord,
  importsNeedNoConfirmation,
];

function accountAfter(attempt) {
  return EFFECTS.reduce((account, effect) => effect(account, attempt), attempt.student ?? EMPTY_ACCOUNT);
}

// A malformed cell replaces nothing: its row fails, but the other checks still need an account to look at.
function contentAfter(account, column, row) {
  const cell = cellOf(row, column.header);
  if (cell.kind === 'value') return cell.value;
  return cell.kind === 'clear' ? emptyOf(column) : account[column.header];
}

// ------------------------------------------------------------------------------------------------- advice
// Never a failure: each answers with a text for the report's warnings, or null.

function theUsernameMayChange({ account }) {
  const username = account.username;
  const partOfEmail = account.email_address.includes(emailsIgnoreCase(username));
  const matches = partOfEmail || username === account.card_id;
  return matches ? 'the username matches part of the e-mail, or the card number, and both may change' : null;
}

function aLabelIsANumber({ row }) {
  const numeric = (valueOf(row, 'system_label_names') ?? []).some((label) => !/[^0-9]/.test(label));
  return numeric ? 'a label is a number; labels are meant for groups of students' : null;
}

function anAlumnusIsStillAttending({ account }) {
  const attending = account.school_year_name === 'Alumni' && account['primary_education:currently_attending'];
  return attending ? 'an alumnus or alumna is still marked as currently attending' : null;
}

function anAlumnusIsDisabled({ account, row }) {
  const disabled = account.school_year_name === 'Alumni' && valueOf(row, 'disabled') === true;
  return disabled ? 'disabling alumni is not recommended: they can no longer sign in' : null;
}

const ADVICE = [theUsernameMayChange, aLabelIsANumber, anAlumnusIsStillAttending, anAlumnusIsDisabled];

function adviceOn(attempt) {
  return ADVICE.map((advice) => advice(attempt)).filter((text) => text !== null);
}
