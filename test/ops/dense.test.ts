import { testCases } from '../support/test-cases';
import { denseCases } from './cases/dense';

testCases(denseCases);
