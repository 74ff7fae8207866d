import type { SettingName, UnusedSetting, WrittenSetting } from './run/setting-use.js';

/** What a run has to say against its own result, for people and for programs. */
export interface RunWarning {
  code: 'SETTING_UNUSED' | 'NOTHING_MOVED' | 'TRAINING_RUINED' | 'RUN_CHANGED';
  /** One or two sentences: what it is, and what to do. */
  message: string;
  /** Of what was asked for and had no effect: its name, as in the settings of `fineTune()`. */
  setting?: string;
}

/** @param written how a person wrote the setting; undefined: nobody did */
export function unusedWarnings(unused: readonly UnusedSetting[], written: (setting: SettingName) => WrittenSetting | undefined): RunWarning[] {
  return unused.flatMap(({ setting, why }) => {
    const said = written(setting);
    return said ? [unusedWarning(said, why)] : [];
  });
}

/** @param why begins in lower case, ends without a full stop */
export const unusedWarning = ({ setting, text }: WrittenSetting, why: string): RunWarning => ({ code: 'SETTING_UNUSED', message: `${text} has no effect: ${why}.`, setting });

/** Adds one that has not been said yet; a run that is resumed says nothing twice. @returns whether it is new */
export function addWarning(warnings: RunWarning[], warning: RunWarning): boolean {
  if (warnings.some(({ message }) => message === warning.message)) return false;
  warnings.push(warning);
  return true;
}
