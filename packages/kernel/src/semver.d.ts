/** The two functions of semver 7 that are used here; the package carries no types. */
declare module 'semver' {
  export function validRange(range: string): string | null;
  export function satisfies(version: string, range: string, options?: { includePrerelease?: boolean }): boolean;
}
