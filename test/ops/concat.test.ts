import { testCases } from '../support/test-cases';
import { concatCases } from './cases/concat';

testCases(concatCases);
