import type { ConvolutionForm, ConvolutionPart, ConvolutionShape } from './form.js';
import { blockedDense } from './blocked-dense.js';
import { blockedDepthwise } from './blocked-depthwise.js';
import { blockedImage } from './blocked-image.js';
import { blockedPointwise } from './blocked-pointwise.js';
import { depthwise } from './depthwise.js';
import { general } from './general.js';
import { pointwise } from './pointwise.js';
import { windowProducts } from './window-products.js';

/** Faster ones first; the last takes everything. */
const forms: readonly ConvolutionForm[] = [blockedPointwise, blockedDepthwise, blockedImage, blockedDense, pointwise, depthwise, windowProducts, general];

/** The form that computes one part of a convolution. @param block as in ConvolutionForm */
export const formFor = <P extends ConvolutionPart>(part: P, shape: ConvolutionShape, block: number): ConvolutionForm & Required<Pick<ConvolutionForm, P>> =>
  forms.find((form): form is ConvolutionForm & Required<Pick<ConvolutionForm, P>> => form[part] !== undefined && form.fits(shape, part, block))!;
