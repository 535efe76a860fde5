import { testCases } from '../support/test-cases';
import { allCases } from './cases';

/** The cases of conv2d take as long as all others together: conv2d.test.ts runs them, in parallel. */
testCases(allCases.filter(({ op }) => op !== 'conv2d'));
