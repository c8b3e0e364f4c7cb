// What there is to ask of the server, as `routes.tsv` has it.

import { readFileSync } from 'node:fs';

class Route {
  constructor(method, path, sdkMethod) {
    Object.assign(this, { method, path, sdkMethod });
    this.segments = path.split('/').slice(1);
    this.captures = this.segments.filter((segment) => segment.startsWith('{')).length;
  }

  matches(method, path) {
    const asked = path.split('/').slice(1);
    return (
      method === this.method &&
      asked.length === this.segments.length &&
      this.segments.every((mine, at) => mine.startsWith('{') || mine === asked[at])
    );
  }
}

const table = readFileSync(new URL('../routes.tsv', import.meta.url), 'utf8');

// Those with fewer captures first: `poll` is not a work item.
export const routes = table
  .trimEnd()
  .split(/\r?\n/)
  .slice(1)
  .map((line) => new Route(...line.split('\t')))
  .sort((one, other) => one.captures - other.captures);

// What this server does not do, and says so: a repository's token cannot be changed where
// there are no repositories.
export const NEVER_DONE = 'beta.sessions.resources.update';

/** The route that a request asks, where there is one. */
export function routeOf(method, path) {
  return routes.find((route) => route.matches(method, path));
}
