import { testCases } from '../support/test-cases';
import { argmaxCases } from './cases/argmax';

testCases(argmaxCases);
