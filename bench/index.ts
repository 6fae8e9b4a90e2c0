import { benchCompletion } from './completion'

benchCompletion()
