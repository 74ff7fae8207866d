/**
 * Figures as people read them. One place decides what stands where there is none: a share of nothing, a loss that ran away, what was never measured.
 * It is `none`, never a number that looks like one.
 */
type Figure = number | null | undefined;

const none = 'none';
/** Beyond it, digits behind the point tell nothing. */
const long = 1e9;

/** Whether there is a figure; the largest number that a computer has stands for none as well. */
export function isFigure(value: Figure): value is number {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < Number.MAX_VALUE;
}

/** 0.94123 -> `0.9412`; none -> `none`. @param digits behind the point */
export function figure(value: Figure, digits = 4): string {
  if (!isFigure(value)) return none;
  return Math.abs(value) < long ? withoutSignOfZero(value.toFixed(digits)) : value.toExponential(2);
}

/** 0.00094123 -> `0.00094`; none -> `none`. @param digits that count, 1.. */
export function significant(value: Figure, digits = 2): string {
  if (!isFigure(value)) return none;
  return value === 0 ? '0' : value.toPrecision(digits);
}

/** 0.9412 -> `94.1 %`; none -> `none`. */
export function percent(share: Figure, digits = 1): string {
  return isFigure(share) && isFigure(100 * share) ? `${figure(100 * share, digits)} %` : none;
}

/** 0.02 -> `+0.0200`, -0.02 -> `-0.0200`; none -> `none`. */
export function signed(value: Figure, digits = 4): string {
  const text = figure(value, digits);
  return isFigure(value) && value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

function withoutSignOfZero(text: string): string {
  return Number(text) === 0 ? text.replace('-', '') : text;
}
