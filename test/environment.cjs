/**
 * Jest runs tests in a realm of its own, whose typed arrays are not those that native modules (onnxruntime-node,
 * sharp, tfjs-node) test with `instanceof`. Handing the outer realm's constructors in makes them one and the same.
 */
const { TestEnvironment } = require('jest-environment-node');

module.exports = class NativeArraysEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of ['ArrayBuffer', 'SharedArrayBuffer', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array',
      'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'DataView']) {
      this.global[name] = globalThis[name];
    }
  }
};
