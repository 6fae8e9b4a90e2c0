export * from './bridge'
export * from './requests'
