import { testCases } from '../support/test-cases';
import { nonMaximumSuppressionCases } from './cases/non-maximum-suppression';

testCases(nonMaximumSuppressionCases);
