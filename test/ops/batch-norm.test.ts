import { testCases } from '../support/test-cases';
import { batchNormCases } from './cases/batch-norm';

testCases(batchNormCases);
