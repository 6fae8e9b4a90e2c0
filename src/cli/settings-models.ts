export { digestsOf, modelsOfSettings, requireTask } from '../service/settings-models'
