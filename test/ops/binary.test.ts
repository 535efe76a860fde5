import { testCases } from '../support/test-cases';
import { binaryCases } from './cases/binary';

testCases(binaryCases);
