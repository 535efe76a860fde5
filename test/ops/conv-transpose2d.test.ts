import { testCases } from '../support/test-cases';
import { convTranspose2dCases } from './cases/conv-transpose2d';

testCases(convTranspose2dCases);
