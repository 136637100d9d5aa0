import { type WireReader, WireWriter } from "./wire.js";

/** The `sql` host function over the database of a Durable Object. */

enum Type {
  Null = 0,
  Number = 1,
  Text = 2,
  Blob = 3,
}

interface SqlResult {
  done: boolean;
  /** The rows, or the text of the error; until the next statement. */
  bytes: Uint8Array;
}

/** What the documentation has and the type library has not. */
type RawRows = IterableIterator<SqlStorageValue[]> & { toArray(): SqlStorageValue[][] };

const wire = new WireWriter();

export function performSql(sql: SqlStorage, statement: string, bindings: WireReader): SqlResult {
  wire.clear();
  try {
    const rows = (sql.exec(statement, ...readBindings(bindings)).raw() as RawRows).toArray();
    wire.word(rows[0]?.length ?? 0);
    for (const row of rows) for (const value of row) writeCell(wire, value);
    return { done: true, bytes: wire.view() };
  } catch (error) {
    // An exception must not unwind through the module's frames.
    return { done: false, bytes: new TextEncoder().encode((error as Error)?.message ?? "unknown error") };
  }
}

function readBindings(bindings: WireReader): SqlStorageValue[] {
  const values: SqlStorageValue[] = [];
  while (!bindings.ended) values.push(readBinding(bindings));
  return values;
}

function readBinding(bindings: WireReader): SqlStorageValue {
  switch (bindings.byte()) {
    case Type.Number:
      return bindings.real();
    case Type.Text:
      return bindings.text();
    case Type.Blob:
      return bindings.bytes().buffer as ArrayBuffer;
    default:
      return null;
  }
}

function writeCell(wire: WireWriter, value: SqlStorageValue): void {
  if (value === null) {
    wire.byte(Type.Null);
  } else if (typeof value === "number") {
    wire.byte(Type.Number);
    wire.real(value);
  } else if (typeof value === "string") {
    wire.byte(Type.Text);
    wire.text(value);
  } else {
    wire.byte(Type.Blob);
    wire.bytes(new Uint8Array(value));
  }
}
