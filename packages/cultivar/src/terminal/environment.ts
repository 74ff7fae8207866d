/** Environment variables that are ours, and names that are most likely slips for them: what is written wrongly would be ignored without a word. */
const prefix = 'CULTIVAR_';
const known = ['CACHE', 'ONNXRUNTIME'];

/** @returns what is to be said, a sentence for each variable that has a name like one of ours, and has no effect */
export async function misspelledVariables(names: readonly string[]): Promise<string[]> {
  const strangers = names.filter((name) => /^cultivar_/i.test(name) && !known.includes(name.slice(prefix.length)) && !name.startsWith(`${prefix}TEST_`));
  if (strangers.length === 0) return [];
  const { nearNames } = await import('@cultivar/kernel');
  return strangers.flatMap((name) => {
    const [near] = nearNames(name.slice(prefix.length), known);
    return near === undefined ? [] : [`The environment variable ${name} has no effect (did you mean ${prefix}${near}?).`];
  });
}
