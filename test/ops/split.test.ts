import { testCases } from '../support/test-cases';
import { splitCases } from './cases/split';

testCases(splitCases);
