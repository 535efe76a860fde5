import { testCases } from '../support/test-cases';
import { castCases } from './cases/cast';

testCases(castCases);
