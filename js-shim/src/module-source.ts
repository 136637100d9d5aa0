import { embeddedModule } from "#wasm";

/** What {@link init} takes: a compiled module, its bytes, or the response that brings them. */
export type ModuleSource = WebAssembly.Module | BufferSource | Response | Promise<Response>;

let chosen: WebAssembly.Module | undefined;

/**
 * The compiled edge module of this process: the one given to {@link init}, else the one inside this package.
 * @throws Error when it cannot be compiled here, saying what to do instead.
 */
export function edgeModule(): WebAssembly.Module {
  if (chosen === undefined) {
    try {
      chosen = embeddedModule();
    } catch (error) {
      throw missing(error);
    }
    if (!(chosen instanceof WebAssembly.Module)) {
      chosen = undefined;
      throw missing("the import of edge.wasm did not give a WebAssembly.Module");
    }
  }
  return chosen;
}

/**
 * Loads the edge module ahead of the first {@link Gate}, or puts another build in its place. Calling it twice is
 * harmless; a gate that exists keeps its module.
 *
 * @param source default: the module inside this package.
 * @example await init(await WebAssembly.compile(await readFile("edge.wasm")));
 */
export async function init(source?: ModuleSource): Promise<void> {
  if (source === undefined) {
    edgeModule();
    return;
  }
  const given = await source;
  try {
    chosen = given instanceof WebAssembly.Module ? given : await WebAssembly.compile(await bytesOf(given));
  } catch (error) {
    throw missing(error);
  }
}

async function bytesOf(source: BufferSource | Response): Promise<BufferSource> {
  if (!(source instanceof Response)) return source;
  if (!source.ok) throw new Error(`the response that should bring the module has status ${source.status}`);
  return source.arrayBuffer();
}

function missing(cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `tollgate: the edge module is not available (${reason}). ` +
      'Give it to init(): a WebAssembly.Module imported from "tollgate/wasm", its bytes, or a Response.',
    { cause },
  );
}
