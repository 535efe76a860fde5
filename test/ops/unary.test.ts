import { testCases } from '../support/test-cases';
import { unaryCases } from './cases/unary';

testCases(unaryCases);
