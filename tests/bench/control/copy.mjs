const OBJECTS =
  "SELECT name, type, sql FROM sqlite_master " +
  "WHERE sql IS NOT NULL AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY rowid";

/** Gives the peer's object, which has none yet, the tables and rows of ours. */
export async function copyTables(from, to, object) {
  const objects = await from.callObject(object, "sql", [OBJECTS]);
  for (const [, , text] of objects) await to.callObject(object, "sql", [text]);
  for (const [name] of objects.filter(([, type]) => type === "table")) {
    const rows = await from.callObject(object, "sql", [`SELECT * FROM ${name}`]);
    const insert = `INSERT INTO ${name} VALUES (${rows[0]?.map(() => "?").join()})`;
    await to.callObject(object, "sql", ["PRAGMA defer_foreign_keys = on"], ...rows.map((row) => [insert, ...row]));
  }
}
