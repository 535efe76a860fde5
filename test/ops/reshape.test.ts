import { testCases } from '../support/test-cases';
import { reshapeCases } from './cases/reshape';

testCases(reshapeCases);
