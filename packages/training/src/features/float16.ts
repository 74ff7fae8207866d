/**
 * Half precision (IEEE 754 binary16): 1 bit of sign, 5 of exponent, 10 of fraction; relative error at most 2^-11. Outputs of
 * frozen stages are kept so: half the room, and far more precise than an 8-bit image deserves.
 */
const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** Rounds to the nearest, ties to even; too large becomes infinite. */
export function encodeFloat16(values: Float32Array, target: Uint16Array = new Uint16Array(values.length)): Uint16Array {
  for (let i = 0; i < values.length; i += 1) {
    single[0] = values[i]!;
    const pattern = bits[0]!;
    const sign = (pattern >>> 16) & 0x8000;
    const magnitude = pattern & 0x7fffffff;
    if (magnitude >= 0x7f800000) target[i] = sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
    else if (magnitude >= 0x477ff000) target[i] = sign | 0x7c00;
    else if (magnitude >= 0x38800000) target[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
    else {
      // Below 2^-14 the spacing is fixed: 2^-24.
      const steps = Math.abs(values[i]!) * 2 ** 24;
      const floor = Math.floor(steps);
      const rest = steps - floor;
      target[i] = sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
    }
  }
  return target;
}

/**
 * Exact: the bits are put where single precision has them, and the exponent is counted from 127 in place of 15. Below 2^-14 the
 * fraction has no leading one: there a product with 2^112 does the same.
 */
export function decodeFloat16(values: Uint16Array, target: Float32Array = new Float32Array(values.length)): Float32Array {
  const patterns = new Uint32Array(target.buffer, target.byteOffset, values.length);
  for (let i = 0; i < values.length; i += 1) {
    const half = values[i]!;
    const sign = (half & 0x8000) << 16;
    const exponent = half & 0x7c00;
    const shifted = (half & 0x7fff) << 13;
    if (exponent === 0x7c00) patterns[i] = sign | 0x7f800000 | shifted;
    else if (exponent > 0) patterns[i] = sign | (shifted + (112 << 23));
    else {
      patterns[i] = sign | shifted;
      target[i]! *= 2 ** 112;
    }
  }
  return target;
}
