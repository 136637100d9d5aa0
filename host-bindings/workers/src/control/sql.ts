import { WireReader, WireWriter } from "./wire.js";

/** The `sql` host function over the database of a Durable Object. */

enum Type {
  Null = 0,
  Number = 1,
  Text = 2,
  Blob = 3,
}

export interface SqlResult {
  done: boolean;
  /** The rows, or the text of the error. */
  bytes: Uint8Array;
}

export function performSql(sql: SqlStorage, statement: string, bindings: Uint8Array): SqlResult {
  const wire = new WireWriter();
  try {
    const cursor = sql.exec(statement, ...readBindings(bindings));
    wire.word(cursor.columnNames.length);
    for (const row of cursor.raw()) for (const value of row) writeCell(wire, value);
    return { done: true, bytes: wire.view() };
  } catch (error) {
    // An exception must not unwind through the module's frames.
    return { done: false, bytes: new TextEncoder().encode((error as Error)?.message ?? "unknown error") };
  }
}

function readBindings(bytes: Uint8Array): SqlStorageValue[] {
  const wire = new WireReader(bytes);
  const values: SqlStorageValue[] = [];
  while (!wire.ended) values.push(readBinding(wire));
  return values;
}

function readBinding(wire: WireReader): SqlStorageValue {
  switch (wire.byte()) {
    case Type.Number:
      return wire.real();
    case Type.Text:
      return wire.text();
    case Type.Blob:
      return wire.bytes().buffer as ArrayBuffer;
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
