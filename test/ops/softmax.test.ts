import { testCases } from '../support/test-cases';
import { softmaxCases } from './cases/softmax';

testCases(softmaxCases);
