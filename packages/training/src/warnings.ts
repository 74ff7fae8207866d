/** What a run has to say against its own result, for people and for programs. */
export interface RunWarning {
  code: 'SETTING_UNUSED' | 'NOTHING_MOVED' | 'TRAINING_RUINED';
  /** One or two sentences: what it is, and what to do. */
  message: string;
  /** Of what was asked for and had no effect: its name, as in the settings of `fineTune()`. */
  setting?: string;
}

/** Adds one that has not been said yet; a run that is resumed says nothing twice. @returns whether it is new */
export function addWarning(warnings: RunWarning[], warning: RunWarning): boolean {
  if (warnings.some(({ message }) => message === warning.message)) return false;
  warnings.push(warning);
  return true;
}
