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

/** All 65,536 values, made at the first use. */
let decoded: Float32Array | undefined;

function decodingTable(): Float32Array {
  return Float32Array.from({ length: 65_536 }, (_, pattern) => {
    const sign = pattern & 0x8000 ? -1 : 1;
    const exponent = (pattern >>> 10) & 0x1f;
    const fraction = pattern & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** Exact. */
export function decodeFloat16(values: Uint16Array, target: Float32Array = new Float32Array(values.length)): Float32Array {
  decoded ??= decodingTable();
  for (let i = 0; i < values.length; i += 1) target[i] = decoded[values[i]!]!;
  return target;
}
