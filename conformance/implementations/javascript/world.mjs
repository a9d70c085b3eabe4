// The world: institutions, other users, and student accounts, with the questions that rules ask of them.
//
// An account is a frozen object that is replaced and never changed, so a copy of the world is two Maps.

import {
  COLUMNS, VOCABULARY_NAMES, domainOf, emailsIgnoreCase, emptyOf, isDomain, isEmail,
} from './cells.mjs';
import { BadRequest, flagOrFalse, listOrEmpty, object, oneOf, text, textsOrEmpty } from './requests.mjs';

const UNIQUE_IN_AN_INSTITUTION = ['username', 'auth_identifier', 'card_id'];

/** An account that holds nothing yet and belongs nowhere. */
export const EMPTY_ACCOUNT = Object.freeze({
  ...Object.fromEntries([...COLUMNS.values()].map((column) => [column.header, emptyOf(column)])),
  institution: null,
  pending_at: null,
  declined_by: [],
  excluded_from_sync: false,
  requested_email: null,
  lastApplied: null, // header → cell of the row last applied here; nobody outside can see it
});

/** All of an account that can be seen from outside. */
export function observable(account) {
  const { lastApplied, ...seen } = account;
  return seen;
}

/** The institution where the account is connected or pending: it is never more than one. */
export function placeOf(account) {
  return account.institution ?? account.pending_at;
}

export class World {
  constructor(institutions, employers) {
    this.institutions = institutions; // id → institution
    this.otherUsers = new Set([...employers, ...[...institutions.values()].flatMap((one) => [...one.staff])]);
    this.accounts = new Map(); // e-mail → account
    this.holders = new Map(); // [place, column, value] → account
  }

  copy() {
    const copy = new World(this.institutions, []);
    copy.otherUsers = this.otherUsers;
    copy.accounts = new Map(this.accounts);
    copy.holders = new Map(this.holders);
    return copy;
  }

  institution(id) {
    const found = this.institutions.get(text(id, 'institution'));
    if (found) return found;
    throw new BadRequest(`there is no institution ${JSON.stringify(id)}`);
  }

  /** The student with this e-mail, or null; staff and employers are no students. */
  student(email) {
    return this.accounts.get(emailsIgnoreCase(email)) ?? null;
  }

  /** Has anybody at all this e-mail, save `except`? */
  isEmailTaken(email, except = null) {
    const holder = this.accounts.get(email) ?? null;
    return this.otherUsers.has(email) || (holder !== null && holder !== except);
  }

  /** The student connected to or pending at the institution who holds the value in the column, or null. */
  holder(institution, header, value) {
    return this.holders.get(holderKey(institution.id, header, value)) ?? null;
  }

  isTakenAt(institution, header, value, except) {
    const holder = value === null ? null : this.holder(institution, header, value);
    return holder !== null && holder !== except;
  }

  isAnyIdentifierTakenAt(institution, account) {
    return UNIQUE_IN_AN_INSTITUTION.some((header) => (
      this.isTakenAt(institution, header, account[header], account)
    ));
  }

  /** Is the e-mail's domain somebody else's and not this institution's? Domains of nobody are anybody's. */
  isDomainOfAnother(email, institution) {
    const domain = domainOf(email);
    if (institution.domains.has(domain)) return false;
    return [...this.institutions.values()].some((other) => other.domains.has(domain));
  }

  /** Puts `after` where `before` was; null for before creates, null for after deletes. */
  replace(before, after) {
    if (before !== null) {
      this.accounts.delete(before.email_address);
      for (const key of holderKeys(before)) this.holders.delete(key);
    }
    if (after === null) return;
    const account = Object.freeze(after);
    this.accounts.set(account.email_address, account);
    for (const key of holderKeys(account)) this.holders.set(key, account);
  }
}

// JSON, because no separator is safe: ids and identifiers are free texts.
function holderKey(place, header, value) {
  return JSON.stringify([place, header, value]);
}

function holderKeys(account) {
  const place = placeOf(account);
  const held = place === null ? [] : UNIQUE_IN_AN_INSTITUTION.filter((header) => account[header] !== null);
  return held.map((header) => holderKey(place, header, account[header]));
}

// ---------------------------------------------------------------------------------- coming and going

const BELONGS_TO_THE_INSTITUTION = ['system_label_names', 'assigned_to_email_address', 'campus_name',
  'excluded_from_sync', 'requested_email', 'lastApplied'];
const NOTHING_LEFT = Object.fromEntries(
  BELONGS_TO_THE_INSTITUTION.map((name) => [name, EMPTY_ACCOUNT[name]]),
);

export function leavingLeavesNothingBehind(account) {
  return { ...account, institution: null, pending_at: null, ...NOTHING_LEFT };
}

/** Connected to the institution, whatever was before; a request and this institution's refusal are gone. */
export function connected(account, institution) {
  const stays = placeOf(account) === institution.id;
  return {
    ...(stays ? account : leavingLeavesNothingBehind(account)),
    institution: institution.id,
    pending_at: null,
    declined_by: account.declined_by.filter((id) => id !== institution.id),
  };
}

// ---------------------------------------------------------------------------------- from a request

/** The world that a reset describes, without students. */
export function worldDescribed(description) {
  const world = object(description, 'world');
  const list = listOrEmpty(world.institutions, 'institutions').map(institutionDescribed);
  const institutions = new Map(list.map((institution) => [institution.id, institution]));
  if (institutions.size < list.length) throw new BadRequest('two institutions have the same id');
  return new World(institutions, emails(world.employers, 'employers'));
}

function institutionDescribed(value) {
  const described = object(value, 'institution');
  return Object.freeze({
    id: text(described.id, 'id'),
    domains: new Set(wellFormed(isDomain, described.domains, 'domains')),
    campuses: new Set(textsOrEmpty(described.campuses, 'campuses')),
    usesSso: flagOrFalse(described.uses_sso, 'uses_sso'),
    vocabulary: oneOf(VOCABULARY_NAMES, described.vocabulary, 'vocabulary'),
    staff: new Set(emails(described.staff, 'staff')),
  });
}

const emails = (value, name) => wellFormed(isEmail, value, name);

function wellFormed(isOne, value, name) {
  const texts = textsOrEmpty(value, name).map(emailsIgnoreCase);
  const malformed = texts.find((one) => !isOne(one));
  if (malformed === undefined) return texts;
  throw new BadRequest(`${name} must be well-formed: ${JSON.stringify(malformed)} is not`);
}
