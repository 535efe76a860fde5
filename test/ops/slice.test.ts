import { testCases } from '../support/test-cases';
import { sliceCases } from './cases/slice';

testCases(sliceCases);
