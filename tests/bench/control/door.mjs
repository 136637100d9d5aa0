// How the benchmark gets at the objects of either Worker: POST /bench/{namespace}/{object}/{method} with the arguments
// as JSON.

export function openDoor(request, env) {
  const path = /^\/bench\/(BUCKET|LEDGER)\/([^/]+)\/(\w+)$/.exec(new URL(request.url).pathname);
  if (path === null) return undefined;
  const [, namespace, name, method] = path;
  const object = env[namespace].get(env[namespace].idFromName(decodeURIComponent(name)));
  return answer(request, object, method);
}

async function answer(request, object, method) {
  try {
    return Response.json((await object[method](...(await request.json()))) ?? null);
  } catch (error) {
    return new Response(error.stack, { status: 500 });
  }
}

/** The class with what only the benchmark does. */
export function addDoor(ObjectClass) {
  return class extends ObjectClass {
    /** Performs statements in one transaction; the rows of the last one. */
    async sql(...statements) {
      const { storage } = this.ctx;
      let rows = [];
      storage.transactionSync(() => {
        for (const [text, ...values] of statements)
          rows = storage.sql
            .exec(text, ...values)
            .raw()
            .toArray();
      });
      return rows;
    }

    /** From now on every statement is written down; the texts since the last call. */
    async recorded() {
      const { sql } = this.ctx.storage;
      const texts = this.#texts;
      this.#texts = [];
      if (Object.hasOwn(sql, "exec")) return texts;
      const exec = sql.exec.bind(sql);
      Object.defineProperty(sql, "exec", {
        value: (text, ...values) => {
          this.#texts.push(text);
          return exec(text, ...values);
        },
        configurable: true,
      });
      return texts;
    }
    #texts = [];

    /** Ends the recording. */
    async forget() {
      delete this.ctx.storage.sql.exec;
    }
  };
}
