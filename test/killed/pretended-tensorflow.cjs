/** Loaded before a program (`node --require`): a native TensorFlow that is loaded in it, or in what it starts, is tfjs in JavaScript under its name. For wheels that hold none. */
const Module = require('node:module');

const load = Module._load;
Module._load = function pretended(request, ...rest) {
  if (!/[/\\]tensorflow[^/\\]*[/\\]load\.cjs$|[/\\]\.work-[^/\\]+[/\\]load\.cjs$/.test(request)) return load.call(this, request, ...rest);
  return (core) => {
    const { MathBackendCPU } = require('@tensorflow/tfjs-backend-cpu');
    core.registerBackend('tensorflow', () => new MathBackendCPU());
    core.copyRegisteredKernels('cpu', 'tensorflow');
    return '2.21.0';
  };
};
