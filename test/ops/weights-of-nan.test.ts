import { testCases } from '../support/test-cases';
import { WEIGHTS_OF_NAN } from '../support/weights-of-nan';

testCases(WEIGHTS_OF_NAN);
