import type { Route } from "./routes.js";

/** What the routes say about a request: its route, or the methods that its path knows (none: no such path). */
type Match<T extends Route> = { route: T } | { allow: readonly string[] };

interface Pattern<T extends Route> {
  segments: readonly string[];
  /** Ends in `*`. */
  open: boolean;
  routes: T[];
}

/**
 * Finds the route of a request. A path without parameters goes before one with, a longer one before a shorter `*`;
 * beyond that the order of the file decides.
 */
export class Router<T extends Route> {
  readonly #exact = new Map<string, T[]>();
  readonly #patterns: Pattern<T>[] = [];

  constructor(routes: readonly T[]) {
    for (const route of routes) this.#add(route);
    this.#patterns.sort((a, b) => Number(a.open) - Number(b.open) || b.segments.length - a.segments.length);
  }

  #add(route: T): void {
    const { path } = route;
    if (!path.includes("{") && !path.endsWith("*")) {
      const routes = this.#exact.get(path) ?? [];
      this.#exact.set(path, [...routes, route]);
      return;
    }
    const segments = path.slice(1).split("/");
    const open = segments.at(-1) === "*";
    if (open) segments.pop();
    this.#patterns.push({ segments, open, routes: [route] });
  }

  match(method: string, path: string): Match<T> {
    const allow: string[] = [];
    const exact = this.#exact.get(path);
    const found = exact === undefined ? undefined : serving(exact, method, allow);
    if (found !== undefined) return { route: found };
    if (this.#patterns.length > 0) {
      const segments = path.slice(1).split("/");
      for (const pattern of this.#patterns) {
        if (!fits(pattern, segments)) continue;
        const route = serving(pattern.routes, method, allow);
        if (route !== undefined) return { route };
      }
    }
    return { allow: [...new Set(allow)].sort() };
  }
}

/** The route that takes the method; if none does, the methods that are taken are added to `allow`. */
function serving<T extends Route>(routes: readonly T[], method: string, allow: string[]): T | undefined {
  for (const route of routes) {
    if (route.methods === undefined || route.methods.has(method)) return route;
    allow.push(...route.methods);
  }
  return undefined;
}

function fits({ segments, open }: Pattern<Route>, path: readonly string[]): boolean {
  if (open ? path.length <= segments.length : path.length !== segments.length) return false;
  return segments.every((segment, i) => (segment.startsWith("{") ? path[i] !== "" : segment === path[i]));
}
