// The columns of a student file, and what a cell in each of them says: keep, clear, a value, or malformed.
//
// A cell may be as long as it likes, so no backtracking regular expression runs over the whole of one.

export const CLEAR_TOKEN = '**CLEAR**';

export const BLANK = "can't be blank";
export const TAKEN = 'has already been taken';
export const INVALID = 'is invalid';
export const NOT_LISTED = 'is not included in the list';
export const TOO_LONG = 'is too long (maximum is 255 characters)';

// ---------------------------------------------------------------------------------------------- columns

// Words after the header: `starred` (must be in every file), `sso` (must be where the institution uses SSO),
// `sensitive` (changed only with the setting), `identity` (a cell of it is never a clear).
const COLUMN_TABLE = `
  email_address                          email    starred sensitive identity
  username                               text     starred sensitive identity
  first_name                             text     starred identity
  last_name                              text     starred identity
  middle_name                            text
  preferred_name                         text
  auth_identifier                        text     sso sensitive
  primary_education:education_level_name level
  primary_education:start_date           start
  primary_education:end_date             end      starred
  primary_education:college_names        list
  school_year_name                       year     starred
  primary_education:currently_attending  boolean
  primary_education:major_names          courses
  primary_education:minor_names          list
  card_id                                text     sensitive
  mobile_number                          mobile
  gender                                 text
  disabled                               boolean
  system_label_names                     labels
  assigned_to_email_address              email
  hometown_location_attributes:name      text
  campus_name                            text
`;

function columnOfLine(line) {
  const [header, kind, ...words] = line.split(/ +/);
  const is = (word) => words.includes(word);
  return Object.freeze({
    header,
    kind,
    starred: is('starred'),
    sso: is('sso'),
    sensitive: is('sensitive'),
    identity: is('identity'),
  });
}

/** Header → column. A Map: looked up with headers of strangers, and an object "has" a `constructor`. */
export const COLUMNS = new Map(
  COLUMN_TABLE.trim().split('\n').map((line) => {
    const column = columnOfLine(line.trim());
    return [column.header, column];
  }),
);

const LISTS = new Set(['list', 'courses', 'labels']);

/** What a column holds when nothing is in it. */
export function emptyOf(column) {
  if (LISTS.has(column.kind)) return [];
  return column.header === 'disabled' ? false : null;
}

export function headersMatchExactly(header) {
  return COLUMNS.get(header) ?? null;
}

export function institutionYearNameIsAnAlias(header) {
  return header === 'institution_year_name' ? 'school_year_name' : header;
}

/** The column that a header names, or null for a header that nobody knows. */
export function columnNamed(header) {
  return headersMatchExactly(institutionYearNameIsAnAlias(header));
}

/** Is the column to be read as if it were not there? */
export function campusNeedsCampuses(column, institution) {
  return column.header === 'campus_name' && institution.campuses.size === 0;
}

// ------------------------------------------------------------------------------------------- vocabularies

const nth = ['1st', '2nd', '3rd', '4th'];
const yearsOf = (degree, years) => nth.slice(0, years).map((year) => `${degree} ${year} year or equivalent`);

const VOCABULARIES = {
  eu: {
    level: new Set(['Certificate', 'Undergraduate', 'Postgraduate', 'Doctorate', 'Postdoctoral Researcher',
      'Non-Degree Seeking', 'Secondary Education', 'Further Education']),
    year: new Set(['Foundation year', ...yearsOf('Bachelor', 4), ...yearsOf('Master', 2), 'Doctorate',
      'Postdoctoral Researcher', 'Masters of Business Administration', 'Alumni', 'Certificate Program',
      'Further education', 'Placement', 'Gap Year']),
  },
  us: {
    level: new Set(['Associates', 'Certificate', 'Advanced Certificate', 'Bachelors', 'Masters', 'Doctorate',
      'Postdoctoral Studies', 'Non-Degree Seeking', 'Technical Diploma']),
    year: new Set(['Freshman', 'Sophomore', 'Junior', 'Senior',
      'First Year Community / Technical College', 'Second Year Community / Technical College',
      'Certificate Program', 'Masters', 'Masters of Business Administration', 'Accelerated Masters',
      'Doctorate', 'Postdoctoral Studies', 'Alumni']),
  },
};
export const VOCABULARY_NAMES = Object.keys(VOCABULARIES);

// ---------------------------------------------------------------------------------------------- white space

// Neither \s nor trim(): those leave out U+001C-001F and U+0085, and take U+FEFF in.
const WHITE_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

// All white space is in the basic plane, so looking at single UTF-16 units is safe here.
export function trimmed(text) {
  let start = 0;
  let end = text.length;
  while (start < end && WHITE_SPACE.test(text[start])) start += 1;
  while (end > start && WHITE_SPACE.test(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

export function isBlank(text) {
  return trimmed(text) === '';
}

// ---------------------------------------------------------------------------------------------- cells

export const KEEP = Object.freeze({ kind: 'keep' });
export const CLEAR = Object.freeze({ kind: 'clear' });
const valueCell = (value) => Object.freeze({ kind: 'value', value });
const malformed = (complaint) => Object.freeze({ kind: 'malformed', complaint });

/** The one way to ask a row about a column. */
export function absentColumnKeeps(cells, header) {
  return cells.get(header) ?? KEEP;
}

// The rules for the special cells: each answers with a cell, or null when it has nothing to say.

export function blankLabelsClear(column, text) {
  return column.kind === 'labels' && isBlank(text) ? CLEAR : null;
}

export function blankKeeps(column, text) {
  return isBlank(text) ? KEEP : null;
}

export function identityCannotBeCleared(column, text) {
  return column.identity && text === CLEAR_TOKEN ? malformed(BLANK) : null;
}

export function booleansCannotBeCleared(column, text) {
  return column.kind === 'boolean' && text === CLEAR_TOKEN ? malformed(NOT_LISTED) : null;
}

export function clearTokenClears(column, text) {
  return text === CLEAR_TOKEN ? CLEAR : null;
}

// The rules for the values of each kind: each answers with a cell.

export function valuesAreVerbatim(text) {
  return valueCell(text);
}

/** The form in which e-mails and domains are kept and compared. */
export function emailsIgnoreCase(text) {
  // toLowerCase() on the whole would also fold É, İ and the Kelvin sign: only A-Z may change.
  return trimmed(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

// With one of these in it an address would look like another one.
const INVISIBLE =
  /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/;

/** Of a text that emailsIgnoreCase has been through. */
export function isEmail(address) {
  const at = address.indexOf('@');
  return at > 0 && !isInterrupted(address) && isDomain(domainOf(address));
}

/** Of a text that emailsIgnoreCase has been through. */
export function isDomain(domain) {
  const hasDotOutside = domain.startsWith('.') || domain.endsWith('.');
  return domain !== '' && !domain.includes('@') && !hasDotOutside && !isInterrupted(domain);
}

function isInterrupted(text) {
  return WHITE_SPACE.test(text) || INVISIBLE.test(text);
}

export function domainOf(address) {
  return address.slice(address.indexOf('@') + 1);
}

function email(text) {
  const address = emailsIgnoreCase(text);
  return isEmail(address) ? valueCell(address) : malformed(INVALID);
}

export function enumerationsMatchExactly(text, listed) {
  return listed.has(text) ? valueCell(text) : malformed(NOT_LISTED);
}

export function booleansAreUpperCase(text) {
  if (text === 'TRUE') return valueCell(true);
  return text === 'FALSE' ? valueCell(false) : malformed(NOT_LISTED);
}

// No Date: parsing reads many more forms and depends on the time zone, 30 February rolls over into March, and
// the constructor takes the year 16 for 1916. No m flag, so that `$` is the end of the text and of no line.
const DATE_FORMS = {
  'yyyy-mm-dd': /^(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})$/,
  'mm/dd/yyyy': /^(?<month>[0-9]{2})\/(?<day>[0-9]{2})\/(?<year>[0-9]{4})$/,
};
export const DATE_FORMATS = Object.keys(DATE_FORMS);

function daysIn(year, month) {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return leap ? 29 : 28;
}

export function datesAreReal(year, month, day) {
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** The value is always yyyy-mm-dd, so that dates sort as texts and both formats decode to the same. */
export function datesFollowTheJob(text, dateFormat) {
  const found = DATE_FORMS[dateFormat].exec(text)?.groups;
  if (!found) return malformed(INVALID);
  const { year, month, day } = found;
  const real = datesAreReal(Number(year), Number(month), Number(day));
  return real ? valueCell(`${year}-${month}-${day}`) : malformed(INVALID);
}

export function startDateFollowsTheJobToo(text, dateFormat) {
  return datesFollowTheJob(text, dateFormat);
}

export function mobileIsDigits(text) {
  const digits = text.startsWith('+') ? text.slice(1) : text;
  return digits !== '' && !/[^0-9]/.test(digits) ? valueCell(text) : malformed(INVALID);
}

export function listsSplitOnSemicolon(text) {
  return text.split(';');
}

/** A Set keeps the first of equal items, and the order. */
export function listItemsAreTrimmed(items) {
  return [...new Set(items.map(trimmed).filter((item) => item !== ''))];
}

function list(text) {
  const items = listItemsAreTrimmed(listsSplitOnSemicolon(text));
  if (items.includes(CLEAR_TOKEN)) return malformed(INVALID);
  return items.length === 0 ? CLEAR : valueCell(items);
}

// Labels are a set: sorted here once, so that everywhere else equal sets are equal lists.
function labels(text) {
  const cell = list(text);
  return cell.kind === 'value' ? valueCell(cell.value.toSorted()) : cell;
}

// `length` counts UTF-16 units, spreading counts code points. 512 units hold at least 256 code points,
// so more need not be spread, however long the text.
function isLongerThan255(text) {
  return [...text.slice(0, 512)].length > 255;
}

export function courseNamesHave255CharactersAtMost(cell) {
  return cell.kind === 'value' && cell.value.some(isLongerThan255) ? malformed(TOO_LONG) : cell;
}

const READERS = {
  text: valuesAreVerbatim,
  email,
  level: (text, reading) => enumerationsMatchExactly(text, VOCABULARIES[reading.vocabulary].level),
  year: (text, reading) => enumerationsMatchExactly(text, VOCABULARIES[reading.vocabulary].year),
  start: (text, reading) => startDateFollowsTheJobToo(text, reading.dateFormat),
  end: (text, reading) => datesFollowTheJob(text, reading.dateFormat),
  boolean: booleansAreUpperCase,
  mobile: mobileIsDigits,
  list,
  labels,
  courses: (text) => courseNamesHave255CharactersAtMost(list(text)),
};

/** What `text` says in `column`. `reading` is {vocabulary, dateFormat}. */
export function decode(column, text, reading) {
  return blankLabelsClear(column, text)
    ?? blankKeeps(column, text)
    ?? identityCannotBeCleared(column, text)
    ?? booleansCannotBeCleared(column, text)
    ?? clearTokenClears(column, text)
    ?? READERS[column.kind](text, reading);
}
