import { testCases } from '../support/test-cases';
import { reduceCases } from './cases/reduce';

testCases(reduceCases);
