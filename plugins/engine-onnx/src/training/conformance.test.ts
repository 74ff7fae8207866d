import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describeTraining } from '../../../../test/conformance/training.js';
import { OnnxEngine } from '../onnx-engine.js';

tf.enableProdMode();

describeTraining('ONNX Runtime', new OnnxEngine(), { ready: () => tf.setBackend('cpu') });
