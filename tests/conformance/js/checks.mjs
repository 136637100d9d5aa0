// What the members of a vector file may be. Each check throws a FileError that names the place.

/** A file that is not in the format, or holds a suite that these hosts do not run. */
export class FileError extends Error {}

export function members(value, where, needed, other) {
  object(value, where);
  const seen = new Set();
  for (const [name] of value.members) {
    if (!needed.includes(name) && !other.includes(name))
      throw new FileError(`${where}: no member is called ${JSON.stringify(name)}`);
    if (seen.has(name)) throw new FileError(`${where}: ${name} stands there twice`);
    seen.add(name);
  }
  for (const name of needed) {
    if (!seen.has(name)) throw new FileError(`${where}: ${name} is missing`);
  }
}

export function object(value, where) {
  if (!value?.isObject) throw new FileError(`${where}: must be an object`);
  return value;
}

export function entries(value, where) {
  return value === undefined ? [] : object(value, where).members;
}

export function list(value, where) {
  if (value?.items === undefined) throw new FileError(`${where}: must be a list`);
  return value.items;
}

export function string(value, where) {
  const given = value?.value;
  if (typeof given !== "string") throw new FileError(`${where}: must be a string`);
  return given;
}

export function truth(value, where) {
  choice(value, where, [true, false]);
}

export function instant(value, where) {
  if (Number.isNaN(Date.parse(string(value, where)))) throw new FileError(`${where} is no instant`);
}

export function number(value, where) {
  if (typeof value.value !== "number") throw new FileError(`${where}: must be a number`);
}

export function whole(value, where) {
  if (!Number.isInteger(value.value) || value.value < 0) throw new FileError(`${where}: must be a whole number`);
}

export function choice(value, where, allowed) {
  const given = value?.value;
  if (!allowed.includes(given)) throw new FileError(`${where}: must be one of ${JSON.stringify(allowed)}`);
  return given;
}
