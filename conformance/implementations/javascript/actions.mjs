// All that people do besides importing: each action happens, or is refused and then changes nothing.

import {
  CLEAR_TOKEN, campusNeedsCampuses, columnNamed, decode, emailsIgnoreCase, isBlank, isEmail,
} from './cells.mjs';
import { BadRequest, flag, flagOrFalse, oneOf, text, textsByName } from './requests.mjs';
import { PROFILE_VALIDATIONS, complaintsOf, valuesReplace } from './rows.mjs';
import { EMPTY_ACCOUNT, connected, leavingLeavesNothingBehind, placeOf } from './world.mjs';

const DONE = Object.freeze({ done: true });
const refusal = (why) => ({ done: false, refused: why });
const UNKNOWN = refusal('there is no such student');

/** Performs the action that the request names, and answers with {done, …}. */
export function perform(world, request) {
  const action = ACTIONS.get(request.action);
  if (action === undefined) throw new BadRequest(`there is no action ${JSON.stringify(request.action)}`);
  const [happen, parameters] = action;
  const given = Object.entries(parameters).map(([name, read]) => [name, read(request[name], name)]);
  if (given.some(([, value]) => noFileCouldHold(value))) return refusal('a text holds what no file can hold');
  const named = Object.fromEntries(given);
  // Only a sign-in may come without an institution; null stays null then.
  if (typeof named.institution === 'string') named.institution = world.institution(named.institution);
  return happen(world, named);
}

// JSON may bring NUL as \u0000, and half of a surrogate pair as \ud83d.
function noFileCouldHold(value) {
  if (value instanceof Map) return [...value.keys(), ...value.values()].some(noFileCouldHold);
  return typeof value === 'string' && (value.includes('\0') || !value.isWellFormed());
}

/** The student whom the institution's staff may act on, or null. */
function ownStudent(world, institution, email) {
  const student = world.student(email);
  return student !== null && placeOf(student) === institution.id ? student : null;
}

function pendingStudent(world, institution, email) {
  const student = ownStudent(world, institution, email);
  return student !== null && student.pending_at === institution.id ? student : null;
}

function changed(world, before, changes) {
  world.replace(before, { ...before, ...changes });
  return DONE;
}

// ------------------------------------------------------------------------------------ the student's own

function signUp(world, { email, first_name, last_name }) {
  const address = emailsIgnoreCase(email);
  if (!isEmail(address)) return refusal('the e-mail is malformed');
  if (world.isEmailTaken(address)) return refusal('the e-mail has already been taken');
  const isNoName = (name) => isBlank(name) || name === CLEAR_TOKEN;
  if ([first_name, last_name].some(isNoName)) return refusal('a name is blank');
  world.replace(null, { ...EMPTY_ACCOUNT, email_address: address, username: address, first_name, last_name });
  return DONE;
}

function requestAccess(world, { email, institution }) {
  const student = world.student(email);
  if (student === null) return UNKNOWN;
  if (placeOf(student) !== null) return refusal('the student is connected or pending already');
  if (student.declined_by.includes(institution.id)) return refusal('the student was declined there');
  if (world.isAnyIdentifierTakenAt(institution, student)) return refusal('an identifier is taken there');
  return changed(world, student, { pending_at: institution.id });
}

// A requested address is not reserved, so somebody else may have got it in the meantime.
function confirmEmail(world, { email }) {
  const student = world.student(email);
  if (student === null) return UNKNOWN;
  if (student.requested_email === null) return refusal('no change of e-mail was requested');
  if (world.isEmailTaken(student.requested_email)) return refusal('the e-mail has already been taken');
  return changed(world, student, { email_address: student.requested_email, requested_email: null });
}

// ---------------------------------------------------------------------------------------- pending requests

function approve(world, { institution, email }) {
  const student = pendingStudent(world, institution, email);
  if (student === null) return UNKNOWN;
  world.replace(student, connected(student, institution));
  return DONE;
}

function decline(world, { institution, email }) {
  const student = pendingStudent(world, institution, email);
  if (student === null) return UNKNOWN;
  const declinedBy = [...student.declined_by, institution.id];
  world.replace(student, { ...leavingLeavesNothingBehind(student), declined_by: declinedBy });
  return DONE;
}

function deletePending(world, { institution, email }) {
  const student = pendingStudent(world, institution, email);
  if (student === null) return UNKNOWN;
  world.replace(student, null);
  return DONE;
}

// ------------------------------------------------------------------------------------ connecting, moving

function addByEmail(world, { institution, email }) {
  const student = world.student(email);
  if (student === null) return UNKNOWN;
  if (student.institution !== null) return refusal('the student is connected already');
  return connectUnlessTaken(world, student, institution);
}

function switchInstitution(world, { email, institution }) {
  const student = world.student(email);
  if (student === null) return UNKNOWN;
  if (student.institution === null) return refusal('the student is not connected');
  if (student.institution === institution.id) return refusal('the student is connected there already');
  return connectUnlessTaken(world, student, institution);
}

function connectUnlessTaken(world, student, institution) {
  if (world.isAnyIdentifierTakenAt(institution, student)) return refusal('an identifier is taken there');
  world.replace(student, connected(student, institution));
  return DONE;
}

// ----------------------------------------------------------------------------------- changes by the staff

function changeEmail(world, { institution, email, new_email }) {
  const student = ownStudent(world, institution, email);
  if (student === null) return UNKNOWN;
  const address = emailsIgnoreCase(new_email);
  if (!isEmail(address)) return refusal('the new e-mail is malformed');
  if (world.isEmailTaken(address)) return refusal('the new e-mail has already been taken');
  if (world.isDomainOfAnother(address, institution)) return refusal('the domain belongs elsewhere');
  return changed(world, student, { requested_email: address, excluded_from_sync: true });
}

function setDisabled(world, { institution, email, disabled }) {
  const student = ownStudent(world, institution, email);
  return student === null ? UNKNOWN : changed(world, student, { disabled });
}

function setExcluded(world, { institution, email, excluded }) {
  const student = ownStudent(world, institution, email);
  return student === null ? UNKNOWN : changed(world, student, { excluded_from_sync: excluded });
}

// The row last applied stays: the same file sent again must not undo what was repaired here.
function editProfile(world, { institution, email, changes }) {
  const student = ownStudent(world, institution, email);
  if (student === null) return UNKNOWN;
  const named = [...changes].map(([header, cell]) => [columnNamed(header), cell]);
  const columns = named.map(([column]) => column);
  if (!columns.every(isEditable)) return refusal('that cannot be edited in a profile');
  if (new Set(columns).size < columns.length) return refusal('a column is named twice');
  const row = { cells: editedCells(named, institution) };
  const account = valuesReplace(student, { row });
  const complaints = complaintsOf(PROFILE_VALIDATIONS, { row, account, job: { institution } });
  return complaints.size === 0 ? changed(world, student, account) : refusal([...complaints].join('; '));
}

function isEditable(column) {
  return column !== null && !column.sensitive && column.kind !== 'labels' && column.header !== 'disabled';
}

function editedCells(named, institution) {
  const reading = { vocabulary: institution.vocabulary, dateFormat: 'yyyy-mm-dd' };
  const heard = named.filter(([column]) => !campusNeedsCampuses(column, institution));
  return new Map(heard.map(([column, cell]) => [column.header, decode(column, cell, reading)]));
}

// ---------------------------------------------------------------------------------------------- signing in

const access = (given) => ({ done: true, access: given });

function signIn(world, { email, via, institution, attribute }) {
  const student = world.student(email);
  if (student === null || student.disabled) return access(false);
  return access(via === 'password' || opensBySso(student, institution, attribute));
}

// An account without auth_identifier must stay shut to an identity provider that returns nothing.
function opensBySso(student, institution, attribute) {
  const known = student.auth_identifier !== null && student.auth_identifier === attribute;
  return institution !== null && institution.usesSso && student.institution === institution.id && known;
}

// ----------------------------------------------------------------------------------------------- the table

const textOrNull = (value, name) => (value === undefined || value === null ? null : text(value, name));
const via = (value, name) => oneOf(['password', 'sso'], value, name);
const byStaff = { institution: text, email: text };

/** Action → what happens, and its arguments with their readers. */
const ACTIONS = new Map(Object.entries({
  sign_up: [signUp, { email: text, first_name: text, last_name: text }],
  request_access: [requestAccess, { email: text, institution: text }],
  approve: [approve, byStaff],
  decline: [decline, byStaff],
  delete_pending: [deletePending, byStaff],
  add_by_email: [addByEmail, byStaff],
  change_email: [changeEmail, { ...byStaff, new_email: text }],
  confirm_email: [confirmEmail, { email: text }],
  set_disabled: [setDisabled, { ...byStaff, disabled: flagOrFalse }],
  edit_profile: [editProfile, { ...byStaff, changes: textsByName }],
  set_excluded: [setExcluded, { ...byStaff, excluded: flag }],
  switch_institution: [switchInstitution, { email: text, institution: text }],
  sign_in: [signIn, { email: text, via, institution: textOrNull, attribute: textOrNull }],
}));

export const ACTION_NAMES = [...ACTIONS.keys()];
