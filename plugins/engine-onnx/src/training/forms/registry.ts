import { depthwise } from './depthwise.js';
import type { ConvolutionForm, ConvolutionShape } from './form.js';
import { general } from './general.js';
import { pointwise } from './pointwise.js';

/** Faster ones first; the last takes everything. */
const forms: readonly ConvolutionForm[] = [pointwise, depthwise, general];

type Part = 'forward' | 'inputGradient' | 'kernelGradient';

/** The form that computes one part of a convolution. */
export const formFor = <P extends Part>(part: P, shape: ConvolutionShape): ConvolutionForm & Required<Pick<ConvolutionForm, P>> =>
  forms.find((form): form is ConvolutionForm & Required<Pick<ConvolutionForm, P>> => form[part] !== undefined && form.fits(shape, part))!;
