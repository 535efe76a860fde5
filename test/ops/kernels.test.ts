import { testCases } from '../support/test-cases';
import { allCases } from './cases';

/** Those of conv2d take as long as all others together: conv2d.test.ts runs them, and so another worker. */
testCases(allCases.filter(({ op }) => op !== 'conv2d'));
