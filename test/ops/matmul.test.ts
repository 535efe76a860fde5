import { testCases } from '../support/test-cases';
import { matmulCases } from './cases/matmul';

testCases(matmulCases);
