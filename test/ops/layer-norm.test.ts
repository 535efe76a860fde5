import { testCases } from '../support/test-cases';
import { layerNormCases } from './cases/layer-norm';

testCases(layerNormCases);
