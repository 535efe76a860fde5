import { testCases } from '../support/test-cases';
import { expandCases } from './cases/expand';

testCases(expandCases);
