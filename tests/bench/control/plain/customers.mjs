import { Fields, notFound, Refusal } from "./answers.mjs";
import { ulid } from "./identity.mjs";
import { instant } from "./time.mjs";

const SELECT = "SELECT id, key, name, primary_email, currency, metadata, created_at, updated_at FROM customers ";
const FIND = `${SELECT}WHERE id = ?1 OR key = ?1 ORDER BY id <> ?1 LIMIT 1`;
const OF_KEY = "WHERE key = ?1 AND (?2 IS NULL OR lower(primary_email) = ?2) ";
const OF_EMAIL = "WHERE ?1 IS NULL AND lower(primary_email) = ?2 ";
const OF_ALL = "WHERE ?1 IS NULL AND ?2 IS NULL ";

export function findCustomer(sql, idOrKey) {
  return sql.exec(FIND, idOrKey).toArray()[0];
}

function shown(row) {
  return {
    id: row.id,
    key: row.key,
    name: row.name,
    primaryEmail: row.primary_email ?? undefined,
    currency: row.currency ?? undefined,
    metadata: row.metadata === "{}" ? undefined : JSON.parse(row.metadata),
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
  };
}

export function getCustomer(sql, idOrKey) {
  const row = findCustomer(sql, idOrKey);
  if (row === undefined) throw notFound("customer");
  return shown(row);
}

export function listCustomers(sql, { number, size }, { key = null, email = null }) {
  const matching = key !== null ? OF_KEY : email !== null ? OF_EMAIL : OF_ALL;
  const [[total]] = sql.exec(`SELECT count(*) FROM customers ${matching}`, key, email).raw().toArray();
  const rows = sql.exec(`${SELECT}${matching}ORDER BY rowid LIMIT ?3 OFFSET ?4`, key, email, size, (number - 1) * size);
  return { items: rows.toArray().map(shown), totalCount: total, page: number, pageSize: size };
}

function readInput(text) {
  const fields = new Fields(text);
  const input = {
    key: fields.text("key", 128, /^[\x21-\x7e]+$/),
    name: fields.text("name", 256),
    email: fields.optionalText("primaryEmail", 254, /^[^@\s]+@[^@\s]+$/),
    currency: fields.optionalText("currency", 3, /^[A-Z]{3}$/),
    metadata: JSON.stringify(fields.metadata()),
  };
  fields.end();
  return input;
}

function refuseTaken(sql, key, byOtherThan) {
  const rows = sql.exec("SELECT 1 FROM customers WHERE key = ? AND id <> ?", key, byOtherThan).toArray();
  if (rows.length > 0) throw new Refusal(409, "key_taken", `There is a customer with the key "${key}" already.`);
}

export function createCustomer(sql, text, now) {
  const { key, name, email, currency, metadata } = readInput(text);
  refuseTaken(sql, key, "");
  const id = ulid(now);
  sql.exec(
    "INSERT INTO customers (id, key, name, primary_email, currency, metadata, created_at, updated_at)" +
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
    ...[id, key, name, email, currency, metadata, now],
  );
  return getCustomer(sql, id);
}

export function updateCustomer(sql, idOrKey, text, now) {
  const present = findCustomer(sql, idOrKey);
  if (present === undefined) throw notFound("customer");
  const { key, name, email, currency, metadata } = readInput(text);
  refuseTaken(sql, key, present.id);
  sql.exec(
    "UPDATE customers SET key = ?, name = ?, primary_email = ?, currency = ?, metadata = ?, updated_at = ?" +
      " WHERE id = ?",
    ...[key, name, email, currency, metadata, now, present.id],
  );
  return getCustomer(sql, present.id);
}
