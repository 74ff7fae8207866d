/** One kind of thing that comes from outside, and how to attack it. */
export interface FuzzTarget {
  name: string;
  /**
   * One case, wholly made from the seed, in a folder of its own, which is removed afterwards.
   * @returns a sentence where something was fatal or silently wrong; nothing where all was well. A CultivarError is well, thrown too; anything else that is
   * thrown is a finding
   */
  attempt(seed: number, folder: string): Promise<string | undefined>;
  /** Frees what attempts shared. */
  end?(): Promise<void>;
}
