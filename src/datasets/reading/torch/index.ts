export { readTorch, tensorOf } from './read-torch'
export { tensorChunks, tensorValues } from './tensor-values'
export { Tensor, PickleArray, PickleDict, type PickleValue } from './pickle-values'
