import { expect, test } from 'vitest';
import { jobOf } from '../../bench/jobs';
import { loadNetwork } from '../../bench/networks';

test('an input that is larger than asked for is cut, and the name says so', () => {
  const detector = loadNetwork('detector', 128)!;
  expect(detector.name).toBe('detector-128');
  expect(detector.input.tensor.shape).toEqual([1, 3, 128, 128]);
  expect(jobOf(detector).network.side).toBe(128);
});

test('a network that is small enough stays as it is', () => {
  const classifier = loadNetwork('classifier', 128)!;
  expect(classifier.name).toBe('classifier');
  expect('side' in jobOf(classifier).network).toBe(false);
});

test('every file of a network is served where its job says', () => {
  const { network, input } = jobOf(loadNetwork('classifier')!, 'http://localhost:1');
  expect(input).toBe('http://localhost:1/networks/classifier.input');
  expect(Object.keys(network.files).sort()).toEqual(['fovea', 'graph', 'onnx']);
  expect(network.files.onnx).toBe('http://localhost:1/networks/classifier.onnx');
});
