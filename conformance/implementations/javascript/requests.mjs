// Reading the parts of a request: each reader returns a checked value or throws BadRequest.

/** The request itself cannot be understood: answered with {"error": …}, never with a crash. */
export class BadRequest extends Error {}

export function object(value, name) {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  throw new BadRequest(`${name} must be an object`);
}

export function text(value, name) {
  if (typeof value === 'string') return value;
  throw new BadRequest(`${name} must be a text`);
}

// Strictly true or false: in JavaScript "false" and [] would count as true.
export function flag(value, name) {
  if (typeof value === 'boolean') return value;
  throw new BadRequest(`${name} must be true or false`);
}

// In requests too, a key that is left out (or null) stands for false, [] or {}.
export function flagOrFalse(value, name) {
  return flag(value ?? false, name);
}

export function listOrEmpty(value, name) {
  const list = value ?? [];
  if (Array.isArray(list)) return list;
  throw new BadRequest(`${name} must be a list`);
}

export function textsOrEmpty(value, name) {
  return listOrEmpty(value, name).map((item) => text(item, `each of ${name}`));
}

// A Map, because an object would treat the key "__proto__" as something else than a key.
export function textsByName(value, name) {
  const entries = Object.entries(object(value ?? {}, name));
  return new Map(entries.map(([key, item]) => [key, text(item, `each of ${name}`)]));
}

export function oneOf(choices, value, name) {
  if (choices.includes(value)) return value;
  throw new BadRequest(`${name} must be one of: ${choices.join(', ')}`);
}

// Buffer.from(…, 'base64') skips whatever it does not understand, so the way back must give the same text.
export function bytesOfBase64(value, name) {
  const bytes = Buffer.from(text(value, name), 'base64');
  if (bytes.toString('base64') === value) return bytes;
  throw new BadRequest(`${name} must be base64`);
}
