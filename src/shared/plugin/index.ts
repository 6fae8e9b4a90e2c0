export * from './define'
export * from './kinds'
export * from './model-host'
export * from './run-context'
