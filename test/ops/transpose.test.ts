import { testCases } from '../support/test-cases';
import { transposeCases } from './cases/transpose';

testCases(transposeCases);
