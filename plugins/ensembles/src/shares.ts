/** 1/M each. */
export function equalShares(members: number): number[] {
  return Array.from({ length: members }, () => 1 / members);
}
