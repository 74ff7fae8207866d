/** Writes a bundle in another format. */
export interface Exporter {
  /** @param bundle folder of a finished bundle; @param folder where to write, made if missing; @returns the files written */
  export(bundle: string, folder: string): Promise<string[]>;
}
export const Exporter = Symbol.for('cultivar:Exporter');
