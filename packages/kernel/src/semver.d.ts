/** The two functions of semver 7 that are used here; the package carries no types. Each from its own file: the whole is 47. */
declare module 'semver/functions/satisfies.js' {
  export default function satisfies(version: string, range: string, options?: { includePrerelease?: boolean }): boolean;
}
declare module 'semver/ranges/valid.js' {
  export default function validRange(range: string): string | null;
}
