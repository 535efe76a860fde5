import { testCases } from '../support/test-cases';
import { padCases } from './cases/pad';

testCases(padCases);
